// A place among a text file's bytes: what comes next, and the line and column that a message would name.

/// Goes through a file's bytes one by one.
struct TextCursor {
  let file: String
  let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var column = 1

  /// Stands before the first byte, or behind a byte order mark.
  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  /// The next byte; `nil` at the end.
  var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }
  /// The one behind the next.
  var second: UInt8? { offset + 1 < bytes.count ? bytes[offset + 1] : nil }
  /// What has not been taken.
  var rest: ArraySlice<UInt8> { bytes[offset...] }
  var place: Place { Place(file: file, line: line, column: column) }

  /// Goes past one byte. A column is a character: UTF-8 continuation bytes begin none.
  mutating func take() {
    if bytes[offset] == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if second.map({ $0 & 0xc0 != 0x80 }) ?? true {
      column += 1
    }
    offset += 1
  }

  /// Goes past this character where it comes next.
  mutating func takeIf(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    take()
    return true
  }
}
