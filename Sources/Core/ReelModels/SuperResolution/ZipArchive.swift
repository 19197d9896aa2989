// Zip archives whose entries are stored as they are, as PyTorch writes them: found by the directory, checked whole.

/// A zip archive in memory (PKWARE's APPNOTE 6.3: end record, ZIP64 end record, directory, local headers).
///
/// Everything is checked on opening: each entry lies before the directory and overlaps no other, its local header
/// agrees with the directory, and its bytes with their checksum.
struct ZipArchive: Sendable {
  typealias Problem = CheckpointError.Problem
  let bytes: [UInt8]
  /// Where each entry's contents lie.
  private(set) var entries: [String: Range<Int>] = [:]

  /// A part of the file as the directory tells of it.
  private struct Listed {
    let name: String
    let checksum: UInt32
    let length: Int
    let header: Int
    /// Where the contents end; known once the local header is read.
    var end = 0
  }

  private static let endLength = 22
  private static let longestComment = 65535

  init(_ bytes: [UInt8]) throws(Problem) {
    self.bytes = bytes
    let directory = try Self.directory(of: bytes)
    var listed: [Listed] = []
    var place = directory.range.lowerBound
    for _ in 0..<directory.count {
      let (entry, next) = try Self.entry(of: bytes, at: place, end: directory.range.upperBound)
      place = next
      listed.append(entry)
    }
    guard place == directory.range.upperBound else {
      throw .directory("its length is not that of its entries")
    }
    for index in listed.indices {
      let range = try contents(of: listed[index], before: directory.range.lowerBound)
      guard entries.updateValue(range, forKey: listed[index].name) == nil else {
        throw .entryCount(listed[index].name, found: 2)
      }
      listed[index].end = range.upperBound
    }
    let ordered = listed.sorted { ($0.header, $0.name) < ($1.header, $1.name) }
    for (previous, next) in zip(ordered, ordered.dropFirst()) where next.header < previous.end {
      throw .entry(next.name, .overlaps(previous.name))
    }
    // After the check for overlaps, so that no byte is summed twice.
    for entry in ordered where Self.checksum(bytes[entries[entry.name]!]) != entry.checksum {
      throw .entry(entry.name, .checksum)
    }
  }

  /// Where the directory lies, and how many entries it lists.
  private static func directory(of bytes: [UInt8]) throws(Problem) -> (range: Range<Int>, count: Int) {
    let latest = bytes.count - endLength
    guard latest >= 0 else { throw .noArchive }
    let end = stride(from: latest, through: max(0, latest - longestComment), by: -1).first { place in
      bytes.number(4, at: place) == 0x0605_4b50 && bytes.number(2, at: place + 20) == latest - place
    }
    guard let end else { throw .noArchive }
    var (count, length, start) = (
      bytes.number(2, at: end + 10)!, bytes.number(4, at: end + 12)!, bytes.number(4, at: end + 16)!
    )
    var limit = end
    if count == 0xFFFF || length == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
      let locator = end - 20
      guard bytes.number(4, at: locator) == 0x0706_4b50, let long = bytes.number(8, at: locator + 8),
        long <= locator, bytes.number(4, at: long) == 0x0606_4b50,
        let longCount = bytes.number(8, at: long + 32),
        let longLength = bytes.number(8, at: long + 40), let longStart = bytes.number(8, at: long + 48)
      else { throw .directory("the ZIP64 end record is missing") }
      (count, length, start, limit) = (longCount, longLength, longStart, long)
    }
    guard start <= limit, length <= limit - start else { throw .directory("it lies outside the file") }
    // An entry of the directory has 46 bytes at least.
    guard count <= length / 46 else { throw .directory("\(count) entries do not fit into it") }
    return (start..<start + length, count)
  }

  /// The entry that the directory lists at `place`, and where the next one is listed.
  private static func entry(
    of bytes: [UInt8], at place: Int, end: Int
  ) throws(Problem) -> (entry: Listed, next: Int) {
    guard place + 46 <= end, bytes.number(4, at: place) == 0x0201_4b50 else {
      throw .directory("no entry at byte \(place)")
    }
    func field(_ size: Int, _ offset: Int) -> Int { bytes.number(size, at: place + offset)! }
    let (nameLength, extraLength) = (field(2, 28), field(2, 30))
    let next = place + 46 + nameLength + extraLength + field(2, 32)
    guard next <= end else { throw .directory("the entry at byte \(place) reaches beyond its end") }
    guard let name = String(validating: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self) else {
      throw .directory("the name of the entry at byte \(place) is not UTF-8")
    }
    guard field(2, 8) & 1 == 0 else { throw .entry(name, .encrypted) }
    guard field(2, 10) == 0 else { throw .entry(name, .compressed(method: field(2, 10))) }
    var sizes = [field(4, 24), field(4, 20), field(4, 42)]
    let extra = place + 46 + nameLength
    guard widen(&sizes, bytes, extra..<extra + extraLength), sizes[0] == sizes[1] else {
      throw .directory("the lengths of '\(name)' contradict each other")
    }
    return (
      Listed(name: name, checksum: UInt32(field(4, 16)), length: sizes[0], header: sizes[2]), next
    )
  }

  /// Replaces the numbers that 32 bits cannot hold by those of the ZIP64 field; false where it does not have them.
  private static func widen(_ sizes: inout [Int], _ bytes: [UInt8], _ extra: Range<Int>) -> Bool {
    guard sizes.contains(0xFFFF_FFFF) else { return true }
    var place = extra.lowerBound
    while place + 4 <= extra.upperBound {
      let (kind, length) = (bytes.number(2, at: place)!, bytes.number(2, at: place + 2)!)
      place += 4
      guard length <= extra.upperBound - place else { return false }
      guard kind == 1 else {
        place += length
        continue
      }
      let end = place + length
      for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
        guard place + 8 <= end, let size = bytes.number(8, at: place) else { return false }
        sizes[index] = size
        place += 8
      }
      return true
    }
    return false
  }

  /// Where an entry's contents lie, by its local header.
  private func contents(of entry: Listed, before directory: Int) throws(Problem) -> Range<Int> {
    guard entry.header <= directory - 30, bytes.number(4, at: entry.header) == 0x0403_4b50,
      let nameLength = bytes.number(2, at: entry.header + 26),
      let extraLength = bytes.number(2, at: entry.header + 28)
    else { throw .entry(entry.name, .misplaced) }
    let name = entry.header + 30
    let start = name + nameLength + extraLength
    guard start <= directory, entry.length <= directory - start else {
      let (end, overflow) = start.addingReportingOverflow(entry.length)
      throw .entry(
        entry.name, .outside(begin: start, end: overflow ? .max : end, available: directory))
    }
    guard bytes[name..<name + nameLength].elementsEqual(entry.name.utf8) else {
      throw .entry(entry.name, .misplaced)
    }
    return start..<start + entry.length
  }

  /// The contents of an entry.
  func contents(of name: String) throws(Problem) -> ArraySlice<UInt8> {
    guard let range = entries[name] else { throw .entryCount(name, found: 0) }
    return bytes[range]
  }

  // MARK: Checksums

  /// CRC-32 of ISO 3309, as zip has it.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { bytes in
      remainders.withUnsafeBufferPointer { remainders in
        var sum: UInt32 = ~0
        for byte in bytes { sum = remainders[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
        return ~sum
      }
    }
  }

  /// [256] The remainder of each byte.
  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : 0xEDB8_8320 ^ sum >> 1 }
  }
}

extension [UInt8] {
  /// The little-endian number of `size` bytes (1…8) at `place`; `nil` where the bytes end before, or where it does not
  /// fit an `Int`.
  func number(_ size: Int, at place: Int) -> Int? {
    guard place >= 0, place <= count - size else { return nil }
    var number: UInt64 = 0
    for index in (0..<size).reversed() { number = number << 8 | UInt64(self[place + index]) }
    return Int(exactly: number)
  }
}
