// Values as bytes, one behind the other, and back with every bound checked: what snapshots are written in.

import Glibc
import ReelPlanning

/// Bytes that are not what a ``ByteWriter`` of this format wrote.
package struct UnreadableBytes: Error {
  package init() {}
}

/// Appends values: numbers of eight bytes, little-endian; texts behind their length, with a zero at the end.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ number: Int) {
    withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func append(_ number: UInt64) { append(Int(bitPattern: UInt(number))) }

  package mutating func append(_ isSo: Bool) { bytes.append(isSo ? 1 : 0) }

  package mutating func append(_ text: String) {
    append(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }

  package mutating func append(_ digest: Digest) {
    for index in 0..<4 { append(digest.words[index]) }
  }

  package mutating func append(_ identity: FileIdentity) {
    append(identity.device)
    append(identity.inode)
    append(identity.size)
    append(identity.modified)
    append(identity.changed)
    append(Int(identity.mode))
  }

  /// Whether there is a text, and the text.
  package mutating func append(optional text: String?) {
    append(text != nil)
    if let text { append(text) }
  }

  package mutating func append(optional identity: FileIdentity?) {
    append(identity != nil)
    if let identity { append(identity) }
  }

  /// How many values there are, and the values.
  package mutating func append<Values: Collection>(
    _ values: Values, _ appendValue: (inout ByteWriter, Values.Element) -> Void
  ) {
    append(values.count)
    for value in values { appendValue(&self, value) }
  }

  package mutating func append(raw more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  /// Bytes behind their count.
  package mutating func append(stretch more: some Collection<UInt8>) {
    append(more.count)
    bytes.append(contentsOf: more)
  }
}

/// Reads what a ``ByteWriter`` wrote.
package struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// - Parameter bytes: memory that outlives this value and the paths that it gives.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// What has not been read.
  package var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[offset...]) }

  package mutating func number() throws(UnreadableBytes) -> Int {
    let start = try skip(8)
    return Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self)))
  }

  package mutating func flag() throws(UnreadableBytes) -> Bool { bytes[try skip(1)] != 0 }

  package mutating func text() throws(UnreadableBytes) -> String {
    let count = try number()
    let start = try skip(count)
    guard bytes[try skip(1)] == 0 else { throw UnreadableBytes() }
    return String(decoding: bytes[start..<start + count], as: UTF8.self)
  }

  /// A text as the system's calls want it.
  package mutating func path() throws(UnreadableBytes) -> UnsafePointer<CChar> {
    let count = try number()
    let start = try skip(count)
    guard bytes[try skip(1)] == 0 else { throw UnreadableBytes() }
    return bytes.baseAddress!.advanced(by: start).assumingMemoryBound(to: CChar.self)
  }

  package mutating func digest() throws(UnreadableBytes) -> Digest {
    var words = SIMD4<UInt64>()
    for index in 0..<4 { words[index] = UInt64(UInt(bitPattern: try number())) }
    return Digest(words: words)
  }

  package mutating func identity() throws(UnreadableBytes) -> FileIdentity {
    FileIdentity(
      device: UInt64(UInt(bitPattern: try number())), inode: UInt64(UInt(bitPattern: try number())),
      size: try number(), modified: try number(), changed: try number(),
      mode: UInt32(truncatingIfNeeded: try number()))
  }

  package mutating func optionalText() throws(UnreadableBytes) -> String? { try flag() ? try text() : nil }

  package mutating func optionalIdentity() throws(UnreadableBytes) -> FileIdentity? {
    try flag() ? try identity() : nil
  }

  /// How many values follow.
  package mutating func count() throws(UnreadableBytes) -> Int {
    let count = try number()
    // A value is at least a byte long.
    guard (0...bytes.count - offset).contains(count) else { throw UnreadableBytes() }
    return count
  }

  /// Bytes behind their count.
  package mutating func stretch() throws(UnreadableBytes) -> UnsafeRawBufferPointer {
    let count = try number()
    let start = try skip(count)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  package mutating func list<Value>(
    _ read: (inout ByteReader) throws(UnreadableBytes) -> Value
  ) throws(UnreadableBytes) -> [Value] {
    let count = try count()
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try read(&self)) }
    return values
  }

  /// Goes past `count` bytes and gives the place of the first.
  private mutating func skip(_ count: Int) throws(UnreadableBytes) -> Int {
    guard count >= 0, count <= bytes.count - offset else { throw UnreadableBytes() }
    defer { offset += count }
    return offset
  }
}

/// A stretch of a file, in memory.
final class FileBytes {
  let bytes: UnsafeRawBufferPointer

  /// `nil` where the file does not have them all.
  init?(_ file: borrowing FileSystem.Descriptor, at offset: Int, count: Int) {
    // No snapshot is larger; a size from a damaged header must not ask for more memory than there is.
    guard offset >= 0, (0...1 << 32).contains(count) else { return nil }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
    var done = 0
    while done < count {
      let read = pread(file.number, buffer.baseAddress! + done, count - done, off_t(offset + done))
      if read < 0, errno == EINTR { continue }
      guard read > 0 else { break }
      done += read
    }
    bytes = UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)
    if done < count { return nil }
  }

  deinit { bytes.deallocate() }
}
