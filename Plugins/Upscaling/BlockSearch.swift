// Finding where a block of one frame lies in another.

import ReelStage

/// Compares blocks of two planes at one scale. A block is judged by a wider window about its centre, so that
/// the vectors of flat blocks follow their surroundings; pixels count the less, the further they are from the
/// centre.
struct BlockSearch {
  private let first: LumaPlane
  private let second: LumaPlane
  private let blockSide: Int
  private let windows: WindowComparison

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
    windows = WindowComparison(side: max(16, 2 * blockSide))
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
    let overhang = (windows.side - blockSide) / 2
    let corner = SIMD2(Float(column * blockSide - overhang), Float(row * blockSide - overhang))
    return windows(first, at: corner - vector / 2, second, at: corner + vector / 2)
  }
}
