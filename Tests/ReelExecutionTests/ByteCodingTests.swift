// Values as the bytes of a snapshot: what is written is read back, and nothing past the end is.

import ReelExecution
import ReelPlanning
import Testing

@Suite struct ByteCodingTests {
  private static let texts = [
    "", "a", "campaign.yaml", "٣ métres\u{0}\n", String(repeating: "long ", count: 1000),
  ]
  private static let numbers = [0, 1, -1, Int.max, Int.min, 0x0102_0304_0506_0708]

  private func written() throws -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.numbers) { $0.append($1) }
    writer.append(Self.texts) { $0.append($1) }
    writer.append(true)
    writer.append(optional: nil as String?)
    writer.append(optional: "there")
    writer.append(Digest(of: "abc"))
    writer.append(try FileIdentity(path: "/"))
    writer.append(stretch: [1, 2, 3])
    return writer.bytes
  }

  private func read(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
    var reader = ByteReader(bytes)
    let numbers = try reader.list { reader throws(UnreadableBytes) in try reader.number() }
    let texts = try reader.list { reader throws(UnreadableBytes) in try reader.text() }
    let isSo = try reader.flag()
    let (none, some) = (try reader.optionalText(), try reader.optionalText())
    let digest = try reader.digest()
    let identity = try reader.identity()
    let stretch = Array(try reader.stretch())
    let inode = try FileIdentity(path: "/").inode
    return numbers == Self.numbers && texts == Self.texts && isSo && none == nil && some == "there"
      && digest == Digest(of: "abc") && stretch == [1, 2, 3] && reader.rest.isEmpty
      && identity.inode == inode
  }

  @Test("what is written is read back") func roundTrip() throws {
    let bytes = try written()
    #expect(try bytes.withUnsafeBytes { try read($0) })
  }

  @Test("numbers have eight bytes, little-endian; a text has its length before it and a zero behind")
  func layout() {
    var writer = ByteWriter()
    writer.append(0x0102)
    writer.append("ab")
    #expect(writer.bytes == [2, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 97, 98, 0])
  }

  @Test("bytes that end too early are refused, wherever") func cut() throws {
    let bytes = try written()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: UnreadableBytes.self) {
        try bytes.withUnsafeBytes { try read(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    }
  }

  @Test("a count or a length that no bytes are left for is refused", arguments: [-1, 9, Int.max, Int.min])
  func hostileCount(count: Int) {
    var writer = ByteWriter()
    writer.append(count)
    writer.append(0)
    writer.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      #expect(throws: UnreadableBytes.self) { try reader.text() }
      reader = ByteReader(bytes)
      #expect(throws: UnreadableBytes.self) { try reader.stretch() }
      reader = ByteReader(bytes)
      #expect(throws: UnreadableBytes.self) { try reader.count() }
    }
  }
}
