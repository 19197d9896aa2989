// Sums and products of tensors, element by element, with numpy's rules for unequal shapes.
import CKernels

extension Tensor {
  /// Element by element. Extents are matched from the last axis on; an extent of 1, or an axis that one of the
  /// two lacks, is repeated.
  public static func + (left: Tensor, right: Tensor) -> Tensor { combined(left, right, .add) }
  public static func - (left: Tensor, right: Tensor) -> Tensor { combined(left, right, .subtract) }
  public static func * (left: Tensor, right: Tensor) -> Tensor { combined(left, right, .multiply) }
  public static func / (left: Tensor, right: Tensor) -> Tensor { combined(left, right, .divide) }

  public static func + (left: Tensor, right: Float) -> Tensor { left.scaled(by: 1, plus: right) }
  public static func - (left: Tensor, right: Float) -> Tensor { left.scaled(by: 1, plus: -right) }
  public static func * (left: Tensor, right: Float) -> Tensor { left.scaled(by: right) }
  public static func * (left: Float, right: Tensor) -> Tensor { right.scaled(by: left) }

  public static func += (left: inout Tensor, right: Tensor) { left = left + right }
  public static func *= (left: inout Tensor, right: Float) { left = left * right }

  /// x·factor + term, each step rounded.
  public func scaled(by factor: Float, plus term: Float = 0) -> Tensor {
    let kernels = kernels
    return mapped(grain: 16384) { range, input, output in
      kernels.scale(range.count, input + range.lowerBound, factor, term, output + range.lowerBound)
    }
  }

  /// self += other·gate, where `gate` is repeated as in the operators: the residual of a modulated block.
  public mutating func add(_ other: Tensor, gate: Tensor) {
    let width = shape.rank > 0 ? shape[-1] : 1
    let isShared = gate.count == width && gate.shape.rowCount == 1
    guard other.shape == shape, isShared || gate.shape == shape, count > 0 else {
      self = self + other * gate
      return
    }
    let (kernels, rows) = (kernels, count / width)
    withMutableFloats { sums in
      other.withFloats { x in
        gate.withFloats { gate in
          let (sums, x, gate) = (sums.baseAddress!, x.baseAddress!, gate.baseAddress!)
          dispatch(rows, grain: max(1, 16384 / width)) { range in
            for row in range {
              let offset = row * width
              kernels.add_gated(width, x + offset, gate + (isShared ? 0 : offset), 1, sums + offset)
            }
          }
        }
      }
    }
  }

  /// Every element between `low` and `high`.
  public func clamped(_ low: Float, _ high: Float) -> Tensor {
    mapped(grain: 16384) { range, input, output in
      for index in range { output[index] = min(max(input[index], low), high) }
    }
  }

  private static func combined(_ left: Tensor, _ right: Tensor, _ operation: ElementwiseOperation) -> Tensor {
    guard let shape = Shape.broadcast(left.shape, right.shape) else {
      preconditionFailure("\(left.shape) and \(right.shape) do not fit element by element")
    }
    let kernels = kernels
    let runs = BroadcastRuns(shape, left.shape, right.shape)
    return left.withFloats { a in
      right.withFloats { b in
        Tensor(shape) { output in
          guard shape.count > 0 else { return }
          let (a, b, target) = (a.baseAddress!, b.baseAddress!, output.baseAddress!)
          runs.forEachPart { left, right, place, count in
            kernels.combine(
              operation.kernel, count, a + left, runs.leftStep, b + right, runs.rightStep, target + place)
          }
        }
      }
    }
  }
}

/// What an elementwise operation does with a pair of numbers.
public enum ElementwiseOperation: Sendable {
  case add, subtract, multiply, divide

  /// The number that the loops know it by.
  var kernel: ReelOperation {
    switch self {
    case .add: reel_operation_add
    case .subtract: reel_operation_subtract
    case .multiply: reel_operation_multiply
    case .divide: reel_operation_divide
    }
  }
}

extension Shape {
  /// The shape that two shapes are repeated to, or `nil` where they do not fit.
  public static func broadcast(_ left: Shape, _ right: Shape) -> Shape? {
    let rank = max(left.rank, right.rank)
    var dimensions = [Int](repeating: 1, count: rank)
    for axis in 1...max(rank, 1) where rank > 0 {
      let a = axis <= left.rank ? left[-axis] : 1
      let b = axis <= right.rank ? right[-axis] : 1
      guard a == b || a == 1 || b == 1 else { return nil }
      dimensions[rank - axis] = a == 1 ? b : a
    }
    return Shape(exactly: dimensions)
  }
}
