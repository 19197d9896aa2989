// Two shapes repeated to a common one, as the longest runs in which each operand advances evenly.

/// The common shape of two operands cut into runs, along which each of them goes on by one element or by none.
struct BroadcastRuns {
  /// 1, or 0 where the operand's element is the same all along a run.
  let leftStep: Int
  let rightStep: Int
  private let runLength: Int
  private let outer: Shape
  private let leftStrides: [Int]
  private let rightStrides: [Int]

  init(_ shape: Shape, _ left: Shape, _ right: Shape) {
    let a = BroadcastRuns.strides(of: left, in: shape)
    let b = BroadcastRuns.strides(of: right, in: shape)
    // Axes of one element say nothing about the step.
    let innermost = shape.dimensions.lastIndex { $0 > 1 }
    leftStep = innermost.map { a[$0] } == 0 ? 0 : 1
    rightStep = innermost.map { b[$0] } == 0 ? 0 : 1
    var axis = shape.rank
    var length = 1
    while axis > 0, BroadcastRuns.continues(a[axis - 1], leftStep, length, shape[axis - 1]),
      BroadcastRuns.continues(b[axis - 1], rightStep, length, shape[axis - 1])
    {
      axis -= 1
      length *= shape[axis]
    }
    runLength = length
    outer = Shape(Array(shape.dimensions[..<axis]))
    leftStrides = Array(a[..<axis])
    rightStrides = Array(b[..<axis])
  }

  /// The distance between neighbours along each axis of `whole`; 0 where the element is repeated.
  private static func strides(of shape: Shape, in whole: Shape) -> [Int] {
    let missing = whole.rank - shape.rank
    let strides = shape.strides
    return (0..<whole.rank).map { axis in
      axis < missing || shape[axis - missing] == 1 ? 0 : strides[axis - missing]
    }
  }

  private static func continues(_ stride: Int, _ step: Int, _ length: Int, _ extent: Int) -> Bool {
    extent == 1 || stride == step * length
  }

  /// Calls `body` with where a part of a run starts in the left operand, the right one and the result, and its
  /// length; in parallel.
  func forEachPart(_ body: (_ left: Int, _ right: Int, _ place: Int, _ count: Int) -> Void) {
    let grain = 16384
    if outer.count == 1 {
      return dispatch(runLength, grain: grain) { range in
        body(range.lowerBound * leftStep, range.lowerBound * rightStep, range.lowerBound, range.count)
      }
    }
    dispatch(outer.count, grain: max(1, grain / max(1, runLength))) { range in
      for run in range {
        var (rest, left, right) = (run, 0, 0)
        for axis in (0..<outer.rank).reversed() {
          let index = rest % outer[axis]
          rest /= outer[axis]
          left += index * leftStrides[axis]
          right += index * rightStrides[axis]
        }
        body(left, right, run * runLength, runLength)
      }
    }
  }
}
