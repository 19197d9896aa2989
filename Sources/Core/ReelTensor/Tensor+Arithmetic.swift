// Sums and products of tensors, element by element, with numpy's rules for unequal shapes.

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
    Reference.scaled(self, by: factor, plus: term)
  }

  /// self += other·gate, where `gate` is repeated as in the operators: the residual of a modulated block.
  public mutating func add(_ other: Tensor, gate: Tensor) { self = self + other * gate }

  /// Every element between `low` and `high`.
  public func clamped(_ low: Float, _ high: Float) -> Tensor { Reference.clamped(self, low, high) }

  private static func combined(_ left: Tensor, _ right: Tensor, _ operation: ElementwiseOperation) -> Tensor {
    Reference.combined(left, right, operation)
  }
}

/// What an elementwise operation does with a pair of numbers.
public enum ElementwiseOperation: Sendable {
  case add, subtract, multiply, divide
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
