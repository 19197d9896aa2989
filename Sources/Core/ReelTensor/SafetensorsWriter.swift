// Writes safetensors files: the same tensors give the same bytes.
import Glibc
import ReelJSON

/// Collects named tensors and writes them to one file.
public struct SafetensorsWriter: Sendable {
  private var tensors: [String: Tensor] = [:]
  /// Text that the file carries beside the tensors.
  public var metadata: [String: String]

  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// The tensor that goes under `name`; a later one replaces an earlier one.
  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }

  /// Writes the file; an existing one is replaced. Tensors lie in ascending order of size of element (greatest
  /// first) and name, so that each is aligned.
  public func write(to path: String) throws(SafetensorsError) {
    let ordered = tensors.sorted {
      ($1.value.elementType.byteCount, $0.key) < ($0.value.elementType.byteCount, $1.key)
    }
    guard let file = fopen(path, "wb") else {
      throw SafetensorsError(path: path, problem: .unwritable(SystemFailure().reason))
    }
    var isWritten = true
    func put(_ bytes: UnsafeRawBufferPointer) {
      guard isWritten, let start = bytes.baseAddress, bytes.count > 0 else { return }
      isWritten = fwrite(start, 1, bytes.count, file) == bytes.count
    }
    header(of: ordered).withUnsafeBytes(put)
    for (_, tensor) in ordered { tensor.withBytes(put) }
    let number = errno
    guard fclose(file) == 0, isWritten else {
      throw SafetensorsError(
        path: path, problem: .unwritable(SystemFailure(number: isWritten ? errno : number).reason))
    }
  }

  private func header(of ordered: [(key: String, value: Tensor)]) -> [UInt8] {
    var members: [String: JSON] = [:]
    if !metadata.isEmpty { members["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    var offset = 0
    for (name, tensor) in ordered {
      let end = offset + tensor.count * tensor.elementType.byteCount
      members[name] = [
        "dtype": .string(SafetensorsFile.types.first { $0.value == tensor.elementType }!.key),
        "shape": .array(tensor.shape.dimensions.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var text = Array(JSON.object(members).text.utf8)
    // Spaces up to a multiple of 8 keep the data aligned.
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    let length = UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text
  }
}
