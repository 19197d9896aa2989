// The brightness of a frame as motion is sought in it: with a border, at several scales.

/// Luma in code values (0…255) with the edge repeated `border` pixels outwards, so that blocks may reach out.
public struct LumaPlane: Sendable {
  public let width: Int
  public let height: Int
  public let border: Int
  /// width + 2 · border
  let stride: Int
  /// [(height + 2 · border) × stride]
  let samples: [Float]

  /// The BT.709 luma of a frame.
  public init(_ frame: Frame, border: Int) {
    self.init(width: frame.width, height: frame.height, border: border) { x, y in
      let pixel = (y * frame.width + x) * 3
      return 0.2126 * Float(frame.pixels[pixel]) + 0.7152 * Float(frame.pixels[pixel + 1])
        + 0.0722 * Float(frame.pixels[pixel + 2])
    }
  }

  /// The plane at half the size (rounded up): each sample the mean of 2 × 2.
  public func halved() -> LumaPlane {
    LumaPlane(width: (width + 1) / 2, height: (height + 1) / 2, border: border) { x, y in
      let upper = (2 * y + border) * stride + 2 * x + border
      return
        (samples[upper] + samples[upper + 1] + samples[upper + stride] + samples[upper + stride + 1]) / 4
    }
  }

  private init(width: Int, height: Int, border: Int, sample: (Int, Int) -> Float) {
    let stride = width + 2 * border
    self.width = width
    self.height = height
    self.border = border
    self.stride = stride
    let count = (height + 2 * border) * stride
    samples = [Float](unsafeUninitializedCapacity: count) { samples, filled in
      for y in 0..<height {
        let row = samples.baseAddress! + (y + border) * stride
        for x in 0..<width { row[x + border] = sample(x, y) }
        for x in 0..<border {
          row[x] = row[border]
          row[border + width + x] = row[border + width - 1]
        }
      }
      let first = samples.baseAddress! + border * stride
      let last = samples.baseAddress! + (border + height - 1) * stride
      for y in 0..<border {
        (samples.baseAddress! + y * stride).update(from: first, count: stride)
        (last + (y + 1) * stride).update(from: last, count: stride)
      }
      filled = count
    }
  }
}
