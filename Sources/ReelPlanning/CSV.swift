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
  var problems = ProblemLog()
  private var cursor: TextCursor

  init(file: String, bytes: [UInt8]) { cursor = TextCursor(file: file, bytes: bytes) }

  mutating func read() -> [[Value]] {
    guard cursor.bytes.count <= CSV.maximumSize else {
      problems.note(
        .fileTooLarge(bytes: cursor.bytes.count, limit: CSV.maximumSize), at: Place(file: cursor.file))
      return []
    }
    var lines: [[Value]] = []
    while cursor.next != nil {
      if takeLineEnd() { continue }
      guard lines.count <= CSV.maximumRows else {
        problems.note(.tooManyRows(limit: CSV.maximumRows), at: cursor.place)
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
        problems.note(.tooManyColumns(limit: CSV.maximumColumns), at: cursor.place)
        return nil
      }
      let place = cursor.place
      guard let field = cursor.next == UInt8(ascii: "\"") ? readQuoted() : readPlain() else { return nil }
      guard let text = String(validating: field, as: UTF8.self) else {
        problems.note(.notUTF8, at: place)
        return nil
      }
      guard !text.utf8.contains(0) else {
        problems.note(.controlCharacter(0), at: place)
        return nil
      }
      row.append(Value(.text(text), at: place))
      if cursor.next == UInt8(ascii: ",") {
        cursor.take()
      } else if cursor.next == nil || takeLineEnd() {
        return row
      } else {
        problems.note(.textAfterQuote, at: cursor.place)
        return nil
      }
    }
  }

  private mutating func readPlain() -> [UInt8]? {
    var field: [UInt8] = []
    while let byte = cursor.next, byte != UInt8(ascii: ","), !isLineEnd {
      guard byte != UInt8(ascii: "\"") else {
        problems.note(.strayQuote, at: cursor.place)
        return nil
      }
      field.append(byte)
      cursor.take()
    }
    return field
  }

  private mutating func readQuoted() -> [UInt8]? {
    let start = cursor.place
    var field: [UInt8] = []
    cursor.take()
    while let byte = cursor.next {
      cursor.take()
      if byte == UInt8(ascii: "\"") {
        guard cursor.next == UInt8(ascii: "\"") else { return field }
        cursor.take()
      }
      field.append(byte)
    }
    problems.note(.openQuote, at: start)
    return nil
  }

  private var isLineEnd: Bool {
    cursor.next == UInt8(ascii: "\n")
      || cursor.next == UInt8(ascii: "\r") && cursor.second.map { $0 == UInt8(ascii: "\n") } ?? true
  }

  private mutating func takeLineEnd() -> Bool {
    guard isLineEnd else { return false }
    if cursor.next == UInt8(ascii: "\r") { cursor.take() }
    if cursor.next != nil { cursor.take() }
    return true
  }
}
