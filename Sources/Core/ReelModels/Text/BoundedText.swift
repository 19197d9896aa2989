// Text under construction that may not grow beyond a limit, whatever a tokenizer's rules make of it.

/// UTF-8 bytes, at most ``limit`` of them.
struct BoundedText {
  /// A prompt is a few hundred bytes; 64 KiB leave room for every language and every rule.
  static let limit = 1 << 16

  private(set) var bytes: [UInt8] = []

  mutating func append(_ more: some Collection<UInt8>) throws(ModelError) {
    guard bytes.count + more.count <= Self.limit else { throw Self.tooLong }
    bytes += more
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  static let tooLong = ModelError.request(part: "prompt", reason: "longer than \(limit) bytes; shorten it")
}
