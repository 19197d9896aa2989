// How much a window of one plane differs from a window of another: what a search for motion asks again and again.
import CKernels
import ReelTensor

/// Compares square windows, in which pixels count the less, the further they are from the centre.
public struct WindowComparison: Sendable {
  /// In pixels, a multiple of sixteen.
  public let side: Int
  /// [side] The weight of a row or a column; the weights of a window add up to 1.
  let weights: [Float]
  private let kernels = mediaKernels

  public init(side: Int) {
    precondition(side > 0 && side % 16 == 0, "a side of whole vectors")
    self.side = side
    let half = Float(side) / 2
    weights = (0..<side).map { (1 - abs(Float($0) + 0.5 - half) / half) / half }
  }

  /// The weighted mean difference in code values between the window of the first plane whose top left corner is at
  /// `first`, and that of the second at `second`. Windows may begin between pixels, where samples are bilinear, and
  /// reach into the border.
  public func callAsFunction(
    _ first: LumaPlane, at corner: SIMD2<Float>, _ second: LumaPlane, at other: SIMD2<Float>
  ) -> Float {
    let (a, b) = (Corner(first, corner, side: side), Corner(second, other, side: side))
    return withUnsafeBytes(of: (a.weights, b.weights)) { corners in
      let corners = corners.assumingMemoryBound(to: Float.self).baseAddress!
      return first.samples.withUnsafeBufferPointer { firstSamples in
        second.samples.withUnsafeBufferPointer { secondSamples in
          weights.withUnsafeBufferPointer { weights in
            kernels.window_difference(
              side, firstSamples.baseAddress! + a.offset, first.stride, corners,
              secondSamples.baseAddress! + b.offset, second.stride, corners + 4, weights.baseAddress!)
          }
        }
      }
    }
  }

  /// As above in plain words, sample by sample in `Double`.
  public func reference(
    _ first: LumaPlane, at corner: SIMD2<Float>, _ second: LumaPlane, at other: SIMD2<Float>
  ) -> Double {
    var sum = 0.0
    for row in 0..<side {
      for column in 0..<side {
        let place = SIMD2(Float(column), Float(row))
        let difference = first.sample(at: corner + place) - second.sample(at: other + place)
        sum += abs(difference) * Double(weights[row]) * Double(weights[column])
      }
    }
    return sum
  }
}

/// Where a window begins in its plane.
private struct Corner {
  /// Of the sample at the corner or the nearest to its upper left.
  let offset: Int
  /// The weights of the four samples around each: this, right, below, below right.
  let weights: SIMD4<Float>

  init(_ plane: LumaPlane, _ corner: SIMD2<Float>, side: Int) {
    let (left, top) = (corner.x.rounded(.down), corner.y.rounded(.down))
    let (right, bottom) = (corner.x - left, corner.y - top)
    let (x, y) = (Int(left) + plane.border, Int(top) + plane.border)
    precondition(
      x >= 0 && y >= 0 && x + side < plane.stride && y + side < plane.height + 2 * plane.border,
      "a window inside the border")
    offset = y * plane.stride + x
    weights = SIMD4(
      (1 - right) * (1 - bottom), right * (1 - bottom), (1 - right) * bottom, right * bottom)
  }
}

extension LumaPlane {
  /// The luma between pixels, bilinear.
  fileprivate func sample(at place: SIMD2<Float>) -> Double {
    let corner = place.rounded(.down)
    let (right, below) = (Double(place.x - corner.x), Double(place.y - corner.y))
    let offset = (Int(corner.y) + border) * stride + Int(corner.x) + border
    let upper = Double(samples[offset]) * (1 - right) + Double(samples[offset + 1]) * right
    let lower = Double(samples[offset + stride]) * (1 - right) + Double(samples[offset + stride + 1]) * right
    return upper * (1 - below) + lower * below
  }
}
