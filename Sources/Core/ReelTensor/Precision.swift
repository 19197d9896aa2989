// In which numbers a product is computed: what is gained in speed is lost in digits.

/// The numbers that the operands of a product are rounded to. Sums are in 32 bits always.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// Nothing is rounded: weights of 16 bits are multiplied as the numbers that they are.
  case float32 = "fp32"
  /// Both operands to bfloat16, of 8 significant bits: twice the speed where the CPU has instructions for it
  /// (``CPULevel/v4bf16``), and half the memory everywhere.
  case bfloat16 = "bf16"
  /// Both operands to bytes: each output's weights by their greatest magnitude, each row of the input by its own
  /// (dynamic quantization). A quarter of the memory, four times the speed at ``CPULevel/v4bf16``.
  case int8
}
