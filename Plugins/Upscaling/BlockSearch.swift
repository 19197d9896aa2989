// Finding where a block of one frame lies in another.

import ReelStage

/// Compares blocks of two planes at one scale. A block is judged by a wider window about its centre, so that
/// the vectors of flat blocks follow their surroundings; pixels count the less, the further they are from the
/// centre.
struct BlockSearch {
  private let first: LumaPlane
  private let second: LumaPlane
  private let blockSide: Int
  /// The side of a window, a multiple of sixteen.
  private let windowSide: Int
  /// [windowSide] The weight of a row or a column; the weights of a window add up to 1.
  private let weights: [Float]

  /// What a pixel of distance from the expected vector costs, in code values of mean difference. It decides
  /// where the picture does not.
  private static let stiffness: Float = 0.25

  /// Where the coarsest scale looks first.
  static let grid: [SIMD2<Float>] = stride(from: -6, through: 6, by: 2).flatMap { y in
    stride(from: -6, through: 6, by: 2).map { x in SIMD2(Float(x), Float(y)) }
  }

  init(_ first: LumaPlane, _ second: LumaPlane, blockSide: Int) {
    self.first = first
    self.second = second
    self.blockSide = blockSide
    let side = max(16, 2 * blockSide)
    windowSide = side
    let half = Float(side) / 2
    weights = (0..<side).map { (1 - abs(Float($0) + 0.5 - half) / half) / half }
  }

  /// The best vector for a block: the best of the candidates, then downhill in ever smaller steps.
  func best(
    column: Int, row: Int, candidates: [SIMD2<Float>], expected: SIMD2<Float>, steps: [Float]
  ) -> SIMD2<Float> {
    func cost(_ vector: SIMD2<Float>) -> Float {
      difference(column: column, row: row, vector: vector) + Self.stiffness * distance(vector, expected)
    }
    var (best, least) = (SIMD2<Float>.zero, Float.infinity)
    func consider(_ vector: SIMD2<Float>) {
      let vector = vector.clamped(
        lowerBound: SIMD2(repeating: -MotionField.reach), upperBound: SIMD2(repeating: MotionField.reach))
      let found = cost(vector)
      if found < least { (best, least) = (vector, found) }
    }
    var tried: [SIMD2<Float>] = []
    for candidate in candidates where !tried.contains(candidate) {
      tried.append(candidate)
      consider(candidate)
    }
    for step in steps {
      for _ in 0..<4 {
        let centre = best
        for (x, y) in [(-1, 0), (1, 0), (0, -1), (0, 1)] as [(Float, Float)] {
          consider(centre + step * SIMD2(x, y))
        }
        if best == centre { break }
      }
    }
    return best
  }

  /// The weighted mean difference between the block's windows at p − v/2 in the first plane and at p + v/2 in
  /// the second.
  private func difference(column: Int, row: Int, vector: SIMD2<Float>) -> Float {
    let overhang = (windowSide - blockSide) / 2
    let x = Float(column * blockSide - overhang)
    let y = Float(row * blockSide - overhang)
    return first.samples.withUnsafeBufferPointer { firstSamples in
      second.samples.withUnsafeBufferPointer { secondSamples in
        weights.withUnsafeBufferPointer { weights in
          let a = Window(first, firstSamples.baseAddress!, x: x - vector.x / 2, y: y - vector.y / 2)
          let b = Window(second, secondSamples.baseAddress!, x: x + vector.x / 2, y: y + vector.y / 2)
          var sum: Float = 0
          for start in stride(from: 0, to: windowSide, by: 16) {
            var sums = SIMD16<Float>()
            for line in 0..<windowSide {
              let difference = a.samples(line, start) - b.samples(line, start)
              sums += difference.replacing(with: -difference, where: difference .< 0) * weights[line]
            }
            sum += (sums * sixteen(weights.baseAddress! + start)).sum()
          }
          return sum
        }
      }
    }
  }
}

@inline(__always)
private func sixteen(_ samples: UnsafePointer<Float>) -> SIMD16<Float> {
  UnsafeRawPointer(samples).loadUnaligned(as: SIMD16<Float>.self)
}

/// A window into a plane that begins between its pixels; samples are bilinear.
private struct Window {
  private let origin: UnsafePointer<Float>
  private let stride: Int
  /// The weights of the four pixels around a sample: this, right, below, below right.
  private let weights: SIMD4<Float>

  init(_ plane: LumaPlane, _ samples: UnsafePointer<Float>, x: Float, y: Float) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (right, bottom) = (x - left, y - top)
    stride = plane.stride
    origin = samples + (Int(top) + plane.border) * stride + Int(left) + plane.border
    weights = SIMD4(
      (1 - right) * (1 - bottom), right * (1 - bottom), (1 - right) * bottom, right * bottom)
  }

  /// Sixteen samples of a line.
  @inline(__always)
  func samples(_ line: Int, _ start: Int) -> SIMD16<Float> {
    let upper = origin + line * stride + start
    let lower = upper + stride
    var sum: SIMD16<Float> = sixteen(upper) * weights[0]
    sum += sixteen(upper + 1) * weights[1]
    sum += sixteen(lower) * weights[2]
    sum += sixteen(lower + 1) * weights[3]
    return sum
  }
}
