// Reading a CSV feed: RFC 4180, with the place of every field.

/// A CSV file: a header and rows of as many fields.
struct CSV {
  let header: [Value]
  let rows: [[Value]]
  /// What is wrong with it; the rows that are whole are there all the same.
  let problems: ProblemLog

  static let maximumSize = 16 << 20
  static let maximumRows = 100_000
  static let maximumColumns = 1_000

  /// Reads UTF-8 text with or without a byte order mark, lines ended by LF or CRLF, fields in double quotes
  /// where they hold commas, quotes (doubled) or line breaks. Empty lines are passed over.
  init(file: String, bytes: [UInt8]) {
    var reader = CSVReader(file: file, bytes: bytes)
    let lines = reader.read()
    var problems = reader.problems
    header = lines.first ?? []
    if lines.isEmpty, problems.isEmpty {
      problems.note(.emptyCSV, at: Place(file: file, line: 1, column: 1))
    }
    var names: Set<String> = []
    for name in header {
      let text = name.text ?? ""
      if text.isEmpty {
        problems.note(.emptyColumnName, at: name.place)
      } else if !names.insert(text).inserted {
        problems.note(.duplicateColumn(text), at: name.place)
      }
    }
    var whole: [[Value]] = []
    for row in lines.dropFirst() {
      if row.count == header.count {
        whole.append(row)
      } else {
        problems.note(.fieldCount(wanted: header.count, found: row.count), at: row[0].place)
      }
    }
    rows = whole
    self.problems = problems
  }
}

/// Cuts CSV bytes into fields.
private struct CSVReader {
  let file: String
  let bytes: [UInt8]
  var problems = ProblemLog()
  private var offset = 0
  private var line = 1
  private var column = 1

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }
  private var here: Place { Place(file: file, line: line, column: column) }

  mutating func read() -> [[Value]] {
    guard bytes.count <= CSV.maximumSize else {
      problems.note(.fileTooLarge(bytes: bytes.count, limit: CSV.maximumSize), at: Place(file: file))
      return []
    }
    var lines: [[Value]] = []
    while next != nil {
      if takeLineEnd() { continue }
      guard lines.count <= CSV.maximumRows else {
        problems.note(.tooManyRows(limit: CSV.maximumRows), at: here)
        break
      }
      guard let row = readRow() else { break }
      lines.append(row)
    }
    return lines
  }

  /// One line's fields; `nil` where nothing after it can be trusted.
  private mutating func readRow() -> [Value]? {
    var row: [Value] = []
    while true {
      guard row.count < CSV.maximumColumns else {
        problems.note(.tooManyColumns(limit: CSV.maximumColumns), at: here)
        return nil
      }
      let place = here
      guard let field = next == UInt8(ascii: "\"") ? readQuoted() : readPlain() else { return nil }
      guard let text = String(validating: field, as: UTF8.self) else {
        problems.note(.notUTF8, at: place)
        return nil
      }
      guard !text.utf8.contains(0) else {
        problems.note(.controlCharacter(0), at: place)
        return nil
      }
      row.append(Value(.text(text), at: place))
      if next == UInt8(ascii: ",") {
        take()
      } else if next == nil || takeLineEnd() {
        return row
      } else {
        problems.note(.textAfterQuote, at: here)
        return nil
      }
    }
  }

  private mutating func readPlain() -> [UInt8]? {
    var field: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: ","), !isLineEnd {
      guard byte != UInt8(ascii: "\"") else {
        problems.note(.strayQuote, at: here)
        return nil
      }
      field.append(byte)
      take()
    }
    return field
  }

  private mutating func readQuoted() -> [UInt8]? {
    let start = here
    var field: [UInt8] = []
    take()
    while let byte = next {
      take()
      if byte == UInt8(ascii: "\"") {
        guard next == UInt8(ascii: "\"") else { return field }
        take()
      }
      field.append(byte)
    }
    problems.note(.openQuote, at: start)
    return nil
  }

  private var isLineEnd: Bool {
    next == UInt8(ascii: "\n")
      || next == UInt8(ascii: "\r") && (offset + 1 == bytes.count || bytes[offset + 1] == UInt8(ascii: "\n"))
  }

  private mutating func takeLineEnd() -> Bool {
    guard isLineEnd else { return false }
    if next == UInt8(ascii: "\r") { take() }
    if next != nil { take() }
    return true
  }

  /// Goes past one byte. A column is a character: UTF-8 continuation bytes begin none.
  private mutating func take() {
    if bytes[offset] == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if offset + 1 == bytes.count || bytes[offset + 1] & 0xc0 != 0x80 {
      column += 1
    }
    offset += 1
  }
}
