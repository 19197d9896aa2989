// The value that all numeric work is done on: a shape, an element type, and contiguous memory.

/// A contiguous, row-major array of numbers.
///
/// A value: a copy shares the memory until one of the two is written. The operations take and give `float32`;
/// other element types are how weights and pixels are stored. Shapes that do not fit an operation are mistakes
/// of the program and end it; what comes from files is to be checked before.
///
/// Activations of the autoencoder are channels-last, `[T, H, W, C]`: the channels of one position lie side by
/// side, so a convolution gathers its input in runs of C numbers, a 1×1 convolution is a `Linear`, and norms
/// over the channels read one run.
public struct Tensor: Sendable {
  public let shape: Shape
  public let elementType: ElementType
  var storage: Storage
  /// Where the first element lies in the storage.
  var byteOffset: Int

  init(shape: Shape, elementType: ElementType, storage: Storage, byteOffset: Int) {
    self.shape = shape
    self.elementType = elementType
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// Memory that the caller fills.
  init(uninitialized shape: Shape, elementType: ElementType = .float32) {
    self.init(
      shape: shape, elementType: elementType,
      storage: Storage(byteCount: shape.count * elementType.byteCount),
      byteOffset: 0)
  }

  /// The numbers `elements` in row-major order.
  public init(_ shape: Shape, _ elements: [Float]) {
    precondition(elements.count == shape.count, "\(elements.count) elements for the shape \(shape)")
    self.init(uninitialized: shape)
    elements.withUnsafeBytes { UnsafeMutableRawBufferPointer(floats).copyMemory(from: $0) }
  }

  /// The same number everywhere.
  public init(_ shape: Shape, repeating element: Float) {
    self.init(uninitialized: shape)
    floats.update(repeating: element)
  }

  public static func zeros(_ shape: Shape) -> Tensor { Tensor(shape, repeating: 0) }

  /// A tensor whose elements `fill` writes, every one of them, in row-major order.
  public init(_ shape: Shape, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.init(uninitialized: shape)
    fill(floats)
  }

  /// A tensor of any element type from its bytes in row-major order, little-endian.
  public init(_ shape: Shape, elementType: ElementType, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == shape.count * elementType.byteCount, "\(bytes.count) bytes for \(shape)")
    self.init(uninitialized: shape, elementType: elementType)
    UnsafeMutableRawBufferPointer(start: storage.bytes, count: bytes.count).copyMemory(from: bytes)
  }

  /// The number of elements.
  public var count: Int { shape.count }
}

extension Tensor {
  /// The elements as they lie in memory.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(
      UnsafeRawBufferPointer(start: storage.bytes + byteOffset, count: count * elementType.byteCount))
  }

  /// The elements of a `float32` tensor, read.
  public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(floats))
  }

  /// The elements of a `float32` tensor, written in place: in memory that no other tensor sees.
  public mutating func withMutableFloats<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(floats)
  }

  /// The elements as an array: `float32` as they are, other types converted.
  public var elements: [Float] {
    elementType == .float32 ? withFloats { Array($0) } : converted(to: .float32).withFloats { Array($0) }
  }

  /// The only element of a tensor that has one.
  public var scalar: Float {
    precondition(count == 1, "the one element of the shape \(shape)")
    return elements[0]
  }

  /// The memory, bound to `Float`. The caller keeps the storage alive, and writes only what is unique.
  var floats: UnsafeMutableBufferPointer<Float> {
    precondition(elementType == .float32, "an operation on float32 was given \(elementType): convert it")
    return UnsafeMutableBufferPointer(
      start: (storage.bytes + byteOffset).assumingMemoryBound(to: Float.self), count: count)
  }

  /// Copies the elements where another tensor, or a file, shares them.
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage), storage.isWritable { return }
    let byteCount = count * elementType.byteCount
    let copy = Storage(byteCount: byteCount)
    copy.bytes.copyMemory(from: storage.bytes + byteOffset, byteCount: byteCount)
    storage = copy
    byteOffset = 0
  }
}
