// A linear layer: a weight that is packed once, then multiplied by many inputs.

/// activation(x·weightᵀ + bias).
public struct Linear: Sendable {
  /// The number of columns of the input.
  public let inputs: Int
  /// The number of columns of the output.
  public let outputs: Int
  private let weight: PackedMatrix
  private let bias: Tensor?
  private let activation: Activation

  /// - Parameters:
  ///   - weight: `[outputs, inputs]` in `float32`, `bfloat16` or `float16`; the 16-bit types stay so in memory.
  ///   - bias: `[outputs]`, of any floating-point type.
  public init(weight: Tensor, bias: Tensor? = nil, activation: Activation = .none) {
    precondition(weight.shape.rank == 2, "a linear weight of the shape \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a bias of \(bias?.shape ?? []) for a weight of \(weight.shape)")
    outputs = weight.shape[0]
    inputs = weight.shape[1]
    self.weight = PackedMatrix(weight, columns: outputs, depth: inputs, pitch: inputs, step: 1)
    self.bias = bias?.converted(to: .float32)
    self.activation = activation
  }

  /// `[…, inputs]` → `[…, outputs]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    precondition(x.shape[-1] == inputs, "an input of \(x.shape) for a linear layer of \(inputs) columns")
    return x.product(weight, bias: bias, activation: activation)
  }
}

extension Tensor {
  /// The product of two matrices: `[M, K]`·`[K, N]` → `[M, N]`.
  public static func matmul(_ left: Tensor, _ right: Tensor) -> Tensor {
    precondition(
      left.shape.rank == 2 && right.shape.rank == 2 && left.shape[1] == right.shape[0],
      "the product of \(left.shape) and \(right.shape)")
    let (depth, columns) = (right.shape[0], right.shape[1])
    return left.product(PackedMatrix(right, columns: columns, depth: depth, pitch: 1, step: columns))
  }

  /// `[…, K]` times a matrix of K rows.
  fileprivate func product(
    _ matrix: PackedMatrix, bias: Tensor? = nil, activation: Activation = .none
  ) -> Tensor {
    let kernels = kernels
    return withFloats { input in
      Tensor(shape.replacing(-1, with: matrix.columns)) { output in
        guard let target = output.baseAddress, let source = input.baseAddress else { return }
        matrix.multiply(rows: shape.rowCount, bias: bias, activation: activation, output: target) {
          rows, column, depth, block in
          kernels.copy_rows(
            source + rows.lowerBound * matrix.depth + column, rows.count, depth, matrix.depth, block)
        }
      }
    }
  }
}
