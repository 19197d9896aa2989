// What becomes of the sums of a product before they are written: one pass over memory less for each step.
import CKernels

/// residual + gate·activation(sums + bias), of which everything may be left out.
struct Epilogue {
  /// `[columns]`
  var bias: Tensor?
  /// `[columns]`; where given, they are the activation: what is below 0 is multiplied by its column's.
  var slopes: Tensor?
  var activation: Activation = .none
  /// `[rows, columns]`
  var residual: Tensor?
  /// `[columns]`, or `[rows, columns]`.
  var gate: Tensor?

  /// Whether numbers are passed over once more after the bias is added.
  var goesOnAfterBias: Bool { slopes != nil || activation != .none || residual != nil }

  /// For the part of the result that begins at a row and a column.
  func reelEpilogue(row: Int, column: Int, columns: Int) -> ReelEpilogue {
    let gatePitch = gate.map { $0.count == columns ? 0 : columns } ?? 0
    return ReelEpilogue(
      bias: pointer(bias, column), slopes: pointer(slopes, column), activation: activation.kernel,
      row_scales: nil, column_scales: nil, column_terms: nil,
      residual: pointer(residual, row * columns + column), residual_pitch: columns,
      gate: pointer(gate, row * gatePitch + column), gate_pitch: gatePitch)
  }

  private func pointer(_ tensor: Tensor?, _ offset: Int) -> UnsafePointer<Float>? {
    tensor.map { UnsafePointer($0.floats.baseAddress!) + offset }
  }
}
