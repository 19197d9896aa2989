// What a worker printed last, for the message that tells of its crash.

/// The end of a text that may be endless.
package struct LastWords {
  package static let limit = 4096
  private var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ more: some Collection<UInt8>) {
    bytes += more.suffix(Self.limit)
    if bytes.count > 2 * Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
  }

  /// The last line that says something, without control characters, cut to 300 characters.
  package var line: String {
    let text = String(decoding: bytes.suffix(Self.limit), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      String(
        String.UnicodeScalarView(line.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
    let last = lines.last { $0.contains { !$0.isWhitespace } } ?? ""
    return last.count > 300 ? last.prefix(299) + "…" : last
  }
}
