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
  ///   - precision: what the weight and each input are rounded to.
  ///   - place: where the packed weight is kept, to be mapped; `nil` for memory.
  public init(
    weight: Tensor, bias: Tensor? = nil, activation: Activation = .none, precision: Precision = .float32,
    keptAt place: DerivedPlace? = nil
  ) {
    precondition(weight.shape.rank == 2, "a linear weight of the shape \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a bias of \(bias?.shape ?? []) for a weight of \(weight.shape)")
    outputs = weight.shape[0]
    inputs = weight.shape[1]
    self.weight = PackedMatrix(weight, precision: precision, keptAt: place)
    self.bias = bias?.converted(to: .float32)
    self.activation = activation
  }

  /// `[…, inputs]` → `[…, outputs]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.product(weight, Epilogue(bias: bias, activation: activation))
  }

  /// residual + gate·layer(x), without a pass over memory of its own.
  ///
  /// - Parameters:
  ///   - residual: `[…, outputs]`.
  ///   - gate: `[outputs]`, the same for every row, or the shape of `residual`; 1 where not given.
  public func callAsFunction(_ x: Tensor, addedTo residual: Tensor, gate: Tensor? = nil) -> Tensor {
    precondition(
      residual.shape == x.shape.replacing(-1, with: outputs), "a sum of \(residual.shape) and \(x.shape)")
    precondition(
      gate.map { $0.count == outputs || $0.shape == residual.shape } ?? true,
      "a gate of \(gate?.shape ?? []) for \(residual.shape)")
    return x.product(
      weight, Epilogue(bias: bias, activation: activation, residual: residual, gate: gate))
  }
}

extension Tensor {
  /// The product of two matrices: `[M, K]`·`[K, N]` → `[M, N]`.
  public static func matmul(_ left: Tensor, _ right: Tensor) -> Tensor {
    precondition(
      left.shape.rank == 2 && right.shape.rank == 2 && left.shape[1] == right.shape[0],
      "the product of \(left.shape) and \(right.shape)")
    let (depth, columns) = (right.shape[0], right.shape[1])
    return left.product(
      PackedMatrix(right, columns: columns, depth: depth, pitch: 1, step: columns), Epilogue())
  }

  /// `[…, K]` times a matrix of K rows.
  fileprivate func product(_ matrix: PackedMatrix, _ epilogue: Epilogue) -> Tensor {
    precondition(shape[-1] == matrix.depth, "an input of \(shape) for \(matrix.depth) columns")
    return Tensor(shape.replacing(-1, with: matrix.columns)) { output in
      guard let target = output.baseAddress, count > 0 || output.count > 0 else { return }
      matrix.multiply(self, epilogue, output: target)
    }
  }
}
