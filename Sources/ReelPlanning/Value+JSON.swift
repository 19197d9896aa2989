// Reading JSON with the place of every value, for feeds: jansson, which reads all other JSON, tells none.

import ReelStage

extension Value {
  /// How many values a JSON feed may hold.
  static let maximumJSONValues = 1_000_000

  /// Reads JSON (RFC 8259) in UTF-8, with or without a byte order mark. Numbers and truth values become the
  /// text that they are written as.
  ///
  /// - Throws: where the syntax ends to make sense, a member is given twice or a bound is passed.
  init(readingJSON bytes: [UInt8], of file: String) throws(PlacedProblem) {
    if let (offset, problem) = firstUnreadableCharacter(of: bytes) {
      throw PlacedProblem(Document.place(of: offset, in: bytes, file: file), problem)
    }
    var reader = JSONReader(file: file, bytes: bytes)
    self = try reader.read()
  }
}

/// Reads one JSON value by recursive descent; the depth is bounded.
private struct JSONReader {
  private var cursor: TextCursor
  private var count = 0

  init(file: String, bytes: [UInt8]) { cursor = TextCursor(file: file, bytes: bytes) }

  mutating func read() throws(PlacedProblem) -> Value {
    let value = try readValue(depth: 1)
    passSpace()
    guard cursor.next == nil else { throw refusal(wanted: "the end of the file") }
    return value
  }

  private mutating func readValue(depth: Int) throws(PlacedProblem) -> Value {
    passSpace()
    let place = cursor.place
    count += 1
    guard count <= Value.maximumJSONValues else {
      throw PlacedProblem(place, .tooManyFeedValues(limit: Value.maximumJSONValues))
    }
    guard depth <= Document.maximumDepth else {
      throw PlacedProblem(place, .tooDeep(limit: Document.maximumDepth))
    }
    switch cursor.next {
    case UInt8(ascii: "{"): return Value(.record(try readMembers(depth: depth)), at: place)
    case UInt8(ascii: "["): return Value(.list(try readElements(depth: depth)), at: place)
    case UInt8(ascii: "\""): return Value(.text(try readText()), at: place)
    default: return Value(try readWord(), at: place)
    }
  }

  private mutating func readMembers(depth: Int) throws(PlacedProblem) -> [Field] {
    var fields: [Field] = []
    var places: [String: Place] = [:]
    cursor.take()
    passSpace()
    if cursor.takeIf("}") { return [] }
    while true {
      passSpace()
      let place = cursor.place
      guard cursor.next == UInt8(ascii: "\"") else { throw refusal(wanted: "a name in double quotes") }
      let name = try readText()
      if let first = places.updateValue(place, forKey: name) {
        throw PlacedProblem(place, .duplicateKey(name, first: first))
      }
      passSpace()
      guard cursor.takeIf(":") else { throw refusal(wanted: "':'") }
      fields.append(Field(name, at: place, try readValue(depth: depth + 1)))
      passSpace()
      if cursor.takeIf("}") { return fields }
      guard cursor.takeIf(",") else { throw refusal(wanted: "',' or '}'") }
    }
  }

  private mutating func readElements(depth: Int) throws(PlacedProblem) -> [Value] {
    var values: [Value] = []
    cursor.take()
    passSpace()
    if cursor.takeIf("]") { return [] }
    while true {
      values.append(try readValue(depth: depth + 1))
      passSpace()
      if cursor.takeIf("]") { return values }
      guard cursor.takeIf(",") else { throw refusal(wanted: "',' or ']'") }
    }
  }

  /// A number, `true`, `false` or `null`.
  private mutating func readWord() throws(PlacedProblem) -> Value.Content {
    let start = cursor.place
    var word: [UInt8] = []
    while let byte = cursor.next, Self.isWordByte(byte) {
      word.append(byte)
      cursor.take()
    }
    let text = String(decoding: word, as: UTF8.self)
    if text == "null" { return .nothing }
    guard text == "true" || text == "false" || Self.isNumber(text) else {
      throw word.isEmpty
        ? refusal(wanted: "a value") : PlacedProblem(start, .json(wanted: "a value", found: quoted(text)))
    }
    return .text(text)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Whether a text is a number as JSON writes it: no sign before a positive one, no zero before others.
  private static func isNumber(_ text: String) -> Bool {
    let whole = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard let first = whole.utf8.first, (48...57).contains(first), text.utf8.last != UInt8(ascii: ".") else {
      return false
    }
    let second = whole.utf8.dropFirst().first
    if first == UInt8(ascii: "0"), let second, (48...57).contains(second) { return false }
    let isDecimal = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
    return isDecimal && !text.contains(".e") && !text.contains(".E") && Double(text) != nil
  }

  private mutating func readText() throws(PlacedProblem) -> String {
    let start = cursor.place
    var text: [UInt8] = []
    cursor.take()
    while let byte = cursor.next {
      if cursor.takeIf("\"") { return String(decoding: text, as: UTF8.self) }
      guard byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else { break }
      guard byte != UInt8(ascii: "\t") else {
        throw PlacedProblem(cursor.place, .json(wanted: "'\\t' in a text", found: "a tab"))
      }
      if byte == UInt8(ascii: "\\") {
        text += Array(String(try readEscape()).utf8)
      } else {
        text.append(byte)
        cursor.take()
      }
    }
    throw PlacedProblem(start, .openQuote)
  }

  private mutating func readEscape() throws(PlacedProblem) -> Character {
    let place = cursor.place
    cursor.take()
    let letter = cursor.next
    if letter != nil { cursor.take() }
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard var unit = readUnit() else { break }
      // A character beyond the first 65,536 is written as two halves.
      if (0xd800..<0xdc00).contains(unit), cursor.takeIf("\\"), cursor.takeIf("u"), let low = readUnit(),
        (0xdc00..<0xe000).contains(low)
      {
        unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(unit) else { break }
      guard scalar != "\u{0}" else { throw PlacedProblem(place, .controlCharacter(0)) }
      return Character(scalar)
    default: break
    }
    throw PlacedProblem(place, .json(wanted: "an escape such as '\\n' or '\\u00e9'", found: "another"))
  }

  private mutating func readUnit() -> UInt32? {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = cursor.next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        return nil
      }
      unit = unit << 4 + UInt32(digit)
      cursor.take()
    }
    return unit
  }

  private mutating func passSpace() {
    while let byte = cursor.next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { cursor.take() }
  }

  /// What stands here is not what was wanted.
  private func refusal(wanted: String) -> PlacedProblem {
    guard let byte = cursor.next else {
      return PlacedProblem(cursor.place, .json(wanted: wanted, found: "the end of the file"))
    }
    let rest = cursor.rest.prefix(byte < 0x80 ? 1 : 4)
    let first = String(decoding: rest, as: UTF8.self).unicodeScalars.first.map { String($0) } ?? ""
    return PlacedProblem(cursor.place, .json(wanted: wanted, found: quoted(first)))
  }
}
