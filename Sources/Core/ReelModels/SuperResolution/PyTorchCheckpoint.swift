// A `.pth` file: the tensors of the state dict that torch.save wrote.

import ReelTensor

/// The named tensors of a file that `torch.save` wrote (PyTorch 1.6 or later): a zip archive with a pickle and one
/// entry a storage. Nothing of the pickle is run.
struct PyTorchCheckpoint: Sendable {
  typealias Problem = CheckpointError.Problem
  let path: String
  /// By the names of the dictionaries that they are in, joined by dots: `params.body.0.weight`.
  let tensors: [String: StoredTensor]
  private let archive: ZipArchive
  /// The archive's folder, with a slash.
  private let root: String

  /// Published upscalers have a few megabytes; what is larger is not one.
  private static let largestFile = 1 << 28
  private static let largestPickle = 1 << 22
  private static let deepest = 4
  private static let mostValues = 100_000

  init(path: String) throws(ModelError) {
    let bytes = try FileContents.read(path, limit: Self.largestFile)
    do {
      try self.init(path: path, bytes)
    } catch {
      throw .checkpoint(CheckpointError(path: path, problem: error))
    }
  }

  private init(path: String, _ bytes: [UInt8]) throws(Problem) {
    self.path = path
    do {
      archive = try ZipArchive(bytes)
    } catch {
      // The magic number of old files is a pickle of its own: protocol 2, a whole number of ten bytes.
      throw error == .noArchive && bytes.starts(with: [0x80, 2, 0x8a, 10]) ? .beforeArchives : error
    }
    let pickles = archive.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard pickles.count == 1 else { throw .entryCount("data.pkl", found: pickles.count) }
    root = String(pickles[0].dropLast("data.pkl".count))
    if archive.entries[root + "byteorder"] != nil {
      let order = try archive.contents(of: root + "byteorder")
      guard order.elementsEqual("little".utf8) else {
        throw .entry(
          root + "byteorder",
          .wrong(wanted: "'little'", found: String(decoding: order.prefix(16), as: UTF8.self)))
      }
    }
    let pickle = try archive.contents(of: pickles[0])
    guard pickle.count <= Self.largestPickle else {
      throw .entry(pickles[0], .tooLong(bytes: pickle.count, limit: Self.largestPickle))
    }
    tensors = try Self.tensors(of: PickleReader.read(Array(pickle)))
  }

  /// The tensors in a dictionary and in the dictionaries inside it.
  private static func tensors(of pickle: Pickle) throws(Problem) -> [String: StoredTensor] {
    var tensors: [String: StoredTensor] = [:]
    var seen = 0
    // Level by level; dictionaries that hold themselves end with the last level.
    var level: [(prefix: String, value: PickleValue)] = [("", pickle.value)]
    for _ in 0..<deepest {
      var next: [(prefix: String, value: PickleValue)] = []
      for (prefix, value) in level {
        for (name, value) in pickle.members(of: value) ?? [] {
          seen += 1
          guard seen <= mostValues else { throw .tooManyValues(limit: mostValues) }
          if case .tensor(let tensor) = value { tensors[prefix + name] = tensor }
          if case .container = value { next.append((prefix + name + ".", value)) }
        }
      }
      level = next
    }
    return tensors
  }

  /// The tensor of that name, its elements in row-major order.
  func tensor(named name: String) throws(Problem) -> Tensor {
    guard let stored = tensors[name] else { throw .missing(tensor: name) }
    let (shape, type) = try layout(of: stored, named: name)
    let bytes = try archive.contents(of: root + "data/" + stored.storage.key)
    guard bytes.count == stored.storage.count * type.byteCount else {
      throw .tensor(
        name,
        .storageSize(
          storage: stored.storage.key, wanted: stored.storage.count * type.byteCount, found: bytes.count))
    }
    return bytes.withUnsafeBytes { bytes in
      if stored.strides == shape.strides || shape.count == 0 {
        let start = shape.count == 0 ? 0 : stored.offset * type.byteCount
        return Tensor(
          shape, elementType: type,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + shape.count * type.byteCount]))
      }
      return Self.gathered(stored, shape, type, bytes)
    }
  }

  /// The shape and the type, after all that is said of the tensor is known to lie within its storage.
  private func layout(of stored: StoredTensor, named name: String) throws(Problem) -> (Shape, ElementType) {
    let count = stored.storage.count
    guard let type = stored.storage.type.elementType, let shape = Shape(exactly: stored.shape),
      stored.strides.allSatisfy({ $0 >= 0 }), !count.multipliedReportingOverflow(by: type.byteCount).overflow
    else { throw .tensor(name, .shape(stored.shape, strides: stored.strides)) }
    guard shape.count <= count else {
      throw .tensor(name, .moreThanStored(wanted: shape.count, count: count))
    }
    var last = stored.offset
    for (extent, stride) in zip(stored.shape, stored.strides) where shape.count > 0 {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(reach)
      guard !overflow, !carry else { throw .tensor(name, .shape(stored.shape, strides: stored.strides)) }
      last = sum
    }
    guard shape.count == 0 || last < count else {
      throw .tensor(name, .reachesBeyond(last: last, count: count))
    }
    return (shape, type)
  }

  /// Elements that lie in memory in another order than they are read in.
  private static func gathered(
    _ stored: StoredTensor, _ shape: Shape, _ type: ElementType, _ bytes: UnsafeRawBufferPointer
  ) -> Tensor {
    let size = type.byteCount
    var elements: [UInt8] = []
    elements.reserveCapacity(shape.count * size)
    for element in 0..<shape.count {
      var (rest, position) = (element, stored.offset)
      for axis in (0..<shape.rank).reversed() {
        position += rest % shape[axis] * stored.strides[axis]
        rest /= shape[axis]
      }
      elements.append(contentsOf: bytes[position * size..<(position + 1) * size])
    }
    return elements.withUnsafeBytes { Tensor(shape, elementType: type, bytes: $0) }
  }
}

extension PickleGlobal {
  /// Of a class of storages, the type of the elements.
  var elementType: ElementType? {
    switch self {
    case .floatStorage: .float32
    case .halfStorage: .float16
    case .bfloat16Storage: .bfloat16
    case .orderedDictionary, .rebuildTensor: nil
    }
  }
}
