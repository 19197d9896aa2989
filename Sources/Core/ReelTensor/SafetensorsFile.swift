// safetensors files, mapped into memory: the header is checked as a whole before any tensor is touched.
import ReelJSON

/// A safetensors file: named tensors that stay in the file until they are read.
///
/// The layout (huggingface/safetensors): 8 bytes of header length, little-endian; a JSON header that gives each
/// tensor's type, shape and byte range; the data. Everything that the header says is checked on opening.
public struct SafetensorsFile: Sendable {
  /// What the header says about a tensor.
  public struct Entry: Hashable, Sendable {
    public let elementType: ElementType
    public let shape: Shape
    /// Where the bytes lie in the data.
    let range: Range<Int>
  }

  public let path: String
  /// The tensors by name.
  public let entries: [String: Entry]
  /// The text under `__metadata__`.
  public let metadata: [String: String]
  private let file: MappedFile
  private let dataOffset: Int

  /// The length of a header that is still believed: what the reference implementation allows.
  static let greatestHeaderLength = 100_000_000
  static let types: [String: ElementType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
    "U8": .uint8,
    "BOOL": .bool,
  ]
  static var typeNames: String { types.keys.sorted().joined(separator: ", ") }

  /// Maps the file and checks its header.
  public init(path: String) throws(SafetensorsError) {
    self.path = path
    do {
      file = try MappedFile(path: path)
    } catch {
      throw SafetensorsError(path: path, problem: .unreadable(error.reason))
    }
    do {
      let header = try SafetensorsHeader(file.bytes)
      (entries, metadata, dataOffset) = (header.entries, header.metadata, header.dataOffset)
    } catch {
      throw SafetensorsError(path: path, problem: error)
    }
  }

  /// Lets the system have back the memory of what was read: tensors in place are read again as they are touched.
  public func releasePages() { file.releasePages() }

  /// The names in ascending order.
  public var names: [String] { entries.keys.sorted() }

  /// The tensor of that name, in place: its pages are read from the file as they are touched.
  public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
    guard let entry = entries[name] else {
      throw SafetensorsError(path: path, problem: .missing(tensor: name))
    }
    let start = dataOffset + entry.range.lowerBound
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[start..<(dataOffset + entry.range.upperBound)])
    // A header of odd length leaves the data unaligned: such a tensor is copied.
    guard let address = bytes.baseAddress, Int(bitPattern: address) % entry.elementType.byteCount == 0 else {
      return Tensor(entry.shape, elementType: entry.elementType, bytes: bytes)
    }
    return Tensor(
      shape: entry.shape, elementType: entry.elementType, storage: Storage(file, offset: start), byteOffset: 0
    )
  }
}

/// The header of a safetensors file, checked.
private struct SafetensorsHeader {
  typealias Problem = SafetensorsError.Problem
  var entries: [String: SafetensorsFile.Entry] = [:]
  var metadata: [String: String] = [:]
  let dataOffset: Int

  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    guard bytes.count >= 8 else { throw .truncated(bytes: bytes.count) }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    let available = min(bytes.count - 8, SafetensorsFile.greatestHeaderLength)
    guard length <= UInt64(available) else { throw .headerTooLong(length: length, available: available) }
    dataOffset = 8 + Int(length)
    let json: JSON
    do {
      json = try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<dataOffset]))
    } catch {
      throw .header("\(error)")
    }
    guard let members = json.object else { throw .header("\(json.kind) instead of an object") }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      if name == "__metadata__" {
        metadata = try SafetensorsHeader.metadata(value)
      } else {
        entries[name] = try SafetensorsHeader.entry(name, value, available: bytes.count - dataOffset)
      }
    }
    try checkOverlap()
  }

  private static func metadata(_ value: JSON) throws(Problem) -> [String: String] {
    guard let members = value.object else { throw .header("'__metadata__' is \(value.kind), not an object") }
    var metadata: [String: String] = [:]
    for (name, value) in members {
      guard let text = value.string else { throw .header("metadata '\(name)' is \(value.kind), not text") }
      metadata[name] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSON, available: Int
  ) throws(Problem) -> SafetensorsFile.Entry {
    guard let typeName = value["dtype"]?.string else { throw .entry(tensor: name, reason: "no 'dtype'") }
    guard let type = SafetensorsFile.types[typeName] else {
      throw .unknownElementType(tensor: name, name: typeName)
    }
    guard let dimensions = wholeNumbers(value["shape"]), dimensions.count <= 32 else {
      throw .entry(tensor: name, reason: "'shape' is not a list of at most 32 whole numbers")
    }
    guard let offsets = wholeNumbers(value["data_offsets"]), offsets.count == 2 else {
      throw .entry(tensor: name, reason: "'data_offsets' is not a list of two whole numbers")
    }
    guard let shape = Shape(exactly: dimensions) else { throw .shapeTooLarge(tensor: name) }
    let (wanted, overflow) = shape.count.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow else { throw .shapeTooLarge(tensor: name) }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end, end <= available else {
      throw .outOfRange(tensor: name, begin: begin, end: end, available: available)
    }
    guard end - begin == wanted else {
      throw .wrongSize(tensor: name, found: end - begin, wanted: wanted, shape: shape, type: typeName)
    }
    return SafetensorsFile.Entry(elementType: type, shape: shape, range: begin..<end)
  }

  /// A list of whole numbers from 0 on; `nil` for anything else.
  private static func wholeNumbers(_ value: JSON?) -> [Int]? {
    guard let values = value?.array else { return nil }
    let numbers = values.compactMap { value in
      if case .integer(let number) = value, number >= 0 { number } else { nil }
    }
    return numbers.count == values.count ? numbers : nil
  }

  private func checkOverlap() throws(Problem) {
    let ordered = entries.filter { !$0.value.range.isEmpty }
      .sorted { ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key) }
    for (previous, next) in zip(ordered, ordered.dropFirst())
    where next.value.range.lowerBound < previous.value.range.upperBound {
      throw .overlapping(tensor: next.key, other: previous.key)
    }
  }
}
