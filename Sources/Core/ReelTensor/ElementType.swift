// What the elements of a tensor are: the floating-point types that weights come in, and what files hold beside them.

/// The type of a tensor's elements. The operations work on `float32`; the others are storage, to be converted.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a `float32`.
  case bfloat16
  case float64
  case int32
  case int64
  case uint8
  /// One byte: 0 or 1.
  case bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }
}
