// Checkpoints made by hand: what no PyTorch would write.

import ReelModels

/// A zip archive, entry by entry, with what a test wants to be wrong in it.
struct HandmadeArchive {
  struct Entry {
    var name: String
    var contents: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// Where the directory says that the entry is, if not where it is.
    var statedOffset: Int?
    var statedLength: Int?
  }

  var entries: [Entry] = []
  /// Whether lengths and places stand in ZIP64 fields, as in archives of more than 4 GB.
  var isZip64 = false

  init(_ contents: [(String, [UInt8])], isZip64: Bool = false) {
    entries = contents.map { Entry(name: $0.0, contents: $0.1) }
    self.isZip64 = isZip64
  }

  /// A checkpoint with this pickle and storages.
  init(pickle: [UInt8], storages: [String: [UInt8]] = [:]) {
    self.init(
      [("tiny/data.pkl", pickle), ("tiny/byteorder", Array("little".utf8))]
        + storages.sorted { $0.key < $1.key }.map { ("tiny/data/" + $0.key, $0.value) })
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.statedOffset ?? file.count
      let length = entry.statedLength ?? entry.contents.count
      let sum = Self.checksum(entry.contents)
      let name = Array(entry.name.utf8)
      let small: [[UInt8]] = [length, length, offset].map { Self.number(isZip64 ? 0xFFFF_FFFF : $0, 4) }
      let large = isZip64 ? Self.number(1, 2) + Self.number(24, 2) : []
      let extra = isZip64 ? large + [length, length, offset].flatMap { Self.number($0, 8) } : []
      directory += Self.number(0x0201_4b50, 4) + [0, 0, 0, 0] + Self.number(Int(entry.flags), 2)
      directory += Self.number(Int(entry.method), 2) + [0, 0, 0, 0] + sum + small[0] + small[1]
      directory += Self.number(name.count, 2) + Self.number(extra.count, 2) + [UInt8](repeating: 0, count: 10)
      directory += small[2] + name + extra
      file += Self.number(0x0403_4b50, 4) + [0, 0] + Self.number(Int(entry.flags), 2)
      file += Self.number(Int(entry.method), 2) + [0, 0, 0, 0] + sum + small[0] + small[1]
      file += Self.number(name.count, 2) + Self.number(3, 2) + name + [1, 2, 3] + entry.contents
    }
    let start = file.count
    file += directory
    if isZip64 {
      let end = file.count
      file += Self.number(0x0606_4b50, 4) + Self.number(44, 8) + [UInt8](repeating: 0, count: 12)
      file += Self.number(entries.count, 8) + Self.number(entries.count, 8)
      file += Self.number(directory.count, 8) + Self.number(start, 8)
      file += Self.number(0x0706_4b50, 4) + Self.number(0, 4) + Self.number(end, 8) + Self.number(1, 4)
    }
    let count = Self.number(isZip64 ? 0xFFFF : entries.count, 2)
    file += Self.number(0x0605_4b50, 4) + [0, 0, 0, 0] + count + count
    file += Self.number(isZip64 ? 0xFFFF_FFFF : directory.count, 4)
    return file + Self.number(isZip64 ? 0xFFFF_FFFF : start, 4) + [0, 0]
  }

  static func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// CRC-32 bit by bit.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    var sum: UInt32 = ~0
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
    }
    return number(Int(~sum), 4)
  }
}

/// The words of protocol 2 that tests put together.
enum PickleText {
  static let start: [UInt8] = [0x80, 2]
  static let stop = Array(".".utf8)
  static let mark = Array("(".utf8)
  static let tuple = Array("t".utf8)
  static let dictionary = Array("}".utf8)
  static let setItem = Array("s".utf8)
  static let reduce = Array("R".utf8)

  static func text(_ text: String) -> [UInt8] {
    Array("X".utf8) + HandmadeArchive.number(text.utf8.count, 4) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8a, 8] + HandmadeArchive.number(value, 8) }
  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
  static func tuple(_ items: [[UInt8]]) -> [UInt8] { mark + items.flatMap(\.self) + tuple }

  static func storage(_ key: String, count: Int, type: String = "FloatStorage") -> [UInt8] {
    tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count)]) + Array("Q".utf8)
  }

  static func tensor(
    storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple([
        storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
        global("collections", "OrderedDict") + Array(")".utf8) + reduce,
      ]) + reduce
  }

  /// A dictionary of these items, whole.
  static func pickle(_ items: [(String, [UInt8])]) -> [UInt8] {
    start + dictionary + items.flatMap { text($0.0) + $0.1 + setItem } + stop
  }
}
