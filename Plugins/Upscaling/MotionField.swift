// How things move from one frame to the next: a vector a block, found from coarse to fine.

import ReelStage

/// A vector a block, in pixels from the first frame to the second.
///
/// The vectors are those of the moment half-way between: what is at p − v/2 in the first frame is at p + v/2
/// in the second. Sought this way no place of a frame in between is left without a vector, and none has two.
struct MotionField: Sendable {
  let columns: Int
  let rows: Int
  /// The side of a block in pixels.
  let blockSide: Int
  /// [rows × columns]
  var vectors: [SIMD2<Float>]

  /// Vectors reach this far at most, in pixels of any scale.
  static let reach = MotionInterpolation.reach
  /// The border that windows and vectors may reach into: one and a half blocks, half a vector, and a pixel.
  static let border = 40

  /// The motion from `first` to `second`, frames of the same size.
  init(from first: Frame, to second: Frame) {
    var scales = [(LumaPlane(first, border: Self.border), LumaPlane(second, border: Self.border))]
    while min(scales.last!.0.width, scales.last!.0.height) >= 48 {
      scales.append((scales.last!.0.halved(), scales.last!.1.halved()))
    }
    var field: MotionField?
    for (scale, planes) in scales.enumerated().reversed() {
      field = MotionField(
        planes.0, planes.1, blockSide: Self.blockSide(planes.0, isFinest: scale == 0), coarser: field)
    }
    self = field!.smoothed()
  }

  /// Small pictures show small things; but coarse scales look for what moves on the whole.
  private static func blockSide(_ plane: LumaPlane, isFinest: Bool) -> Int {
    switch min(plane.width, plane.height) {
    case ..<128: isFinest ? 4 : 8
    case ..<256: 8
    default: 16
    }
  }

  /// The vector of the block at a column and row; beyond the edge that of the nearest.
  func vector(_ column: Int, _ row: Int) -> SIMD2<Float> {
    vectors[max(0, min(rows - 1, row)) * columns + max(0, min(columns - 1, column))]
  }

  /// The field of one scale, sought around what the coarser one found.
  private init(_ first: LumaPlane, _ second: LumaPlane, blockSide: Int, coarser: MotionField?) {
    self.blockSide = blockSide
    columns = (first.width + blockSide - 1) / blockSide
    rows = (first.height + blockSide - 1) / blockSide
    vectors = Array(repeating: .zero, count: columns * rows)
    if let coarser { inherit(coarser) }
    let search = BlockSearch(first, second, blockSide: blockSide)
    // The second pass knows all neighbours of each block, and goes the other way.
    for pass in 0..<2 {
      for position in 0..<columns * rows {
        let block = pass == 0 ? position : columns * rows - 1 - position
        let (row, column) = (block / columns, block % columns)
        let expected = pass == 0 && coarser == nil ? vector(column - 1, row) : neighboursMedian(column, row)
        var candidates = neighbours(column, row) + [expected, .zero]
        if pass == 0 && coarser == nil { candidates += BlockSearch.grid }
        vectors[block] = search.best(
          column: column, row: row, candidates: candidates, expected: expected,
          steps: pass == 0 ? [2, 1, 0.5, 0.25] : [0.5, 0.25, 0.125])
      }
    }
  }

  /// Starts from the vectors of a field at half the size.
  private mutating func inherit(_ coarser: MotionField) {
    for row in 0..<rows {
      for column in 0..<columns {
        let x = (column * blockSide + blockSide / 2) / 2 / coarser.blockSide
        let y = (row * blockSide + blockSide / 2) / 2 / coarser.blockSide
        vectors[row * columns + column] = coarser.vector(x, y) * 2
      }
    }
  }

  /// The vectors of a block and the eight around it.
  private func neighbours(_ column: Int, _ row: Int) -> [SIMD2<Float>] {
    (row - 1...row + 1).flatMap { y in (column - 1...column + 1).map { x in vector(x, y) } }
  }

  private func neighboursMedian(_ column: Int, _ row: Int) -> SIMD2<Float> {
    vectorMedian(neighbours(column, row))
  }

  /// Each vector replaced by the median of its neighbourhood: lone strays go, borders between motions stay.
  private func smoothed() -> MotionField {
    var result = self
    for row in 0..<rows {
      for column in 0..<columns { result.vectors[row * columns + column] = neighboursMedian(column, row) }
    }
    return result
  }
}

/// The vector with the least sum of distances to the others (Astola, Haavisto & Neuvo 1990); the first of
/// equals.
private func vectorMedian(_ vectors: [SIMD2<Float>]) -> SIMD2<Float> {
  var (best, least) = (vectors[0], Float.infinity)
  for candidate in vectors {
    var sum: Float = 0
    for other in vectors { sum += distance(candidate, other) }
    if sum < least { (best, least) = (candidate, sum) }
  }
  return best
}

/// |a − b| along x and y, added.
func distance(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Float { abs(a.x - b.x) + abs(a.y - b.y) }
