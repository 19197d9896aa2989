// Reading YAML. The only file that knows libyaml.

import CYAML
import ReelStage

extension Document {
  /// Parses YAML 1.1 in UTF-8: one document of scalars, lists and mappings, with anchors, aliases and `<<`.
  ///
  /// - Throws: one diagnostic, where the syntax ends to make sense or a bound is passed.
  public init(file: String, bytes: [UInt8]) throws(Diagnostics) {
    do throws(PlacedProblem) {
      try self.init(reading: bytes, of: file)
    } catch {
      throw Diagnostics([error.diagnostic])
    }
  }

  init(reading bytes: [UInt8], of file: String) throws(PlacedProblem) {
    // A byte order mark, which some editors write, belongs to no word.
    let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    try Self.checkText(bytes, file: file)
    var reader = YAMLReader(file: file, bytes: bytes)
    let root: Result<Value, PlacedProblem> = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(PlacedProblem) -> Value in try reader.read(buffer) }
    }
    self.init(file: file, root: try root.get(), problems: reader.problems)
  }

  /// Refuses what libyaml would refuse without a place, or be slow about.
  private static func checkText(_ bytes: [UInt8], file: String) throws(PlacedProblem) {
    guard bytes.count <= maximumSize else {
      throw PlacedProblem(Place(file: file), .fileTooLarge(bytes: bytes.count, limit: maximumSize))
    }
    if let (offset, problem) = firstUnreadableCharacter(of: bytes) {
      throw PlacedProblem(place(of: offset, in: bytes, file: file), problem)
    }
  }

  /// The place of the byte at `offset`.
  static func place(of offset: Int, in bytes: [UInt8], file: String) -> Place {
    let before = bytes[..<offset]
    let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    // Continuation bytes do not begin a character.
    return Place(file: file, line: line, column: 1 + before[start...].count { $0 & 0xc0 != 0x80 })
  }
}

/// The first byte that is not part of UTF-8, or the first character that YAML does not allow.
func firstUnreadableCharacter(of bytes: [UInt8]) -> (offset: Int, problem: Problem)? {
  bytes.withUnsafeBufferPointer { bytes in
    var offset = 0
    while offset < bytes.count {
      let first = bytes[offset]
      if first >= 0x20, first < 0x7f {
        offset += 1
        continue
      }
      guard let scalar = scalar(at: offset, of: bytes) else { return (offset, .notUTF8) }
      let value = scalar.value
      let isAllowed = value >= 0xa0 && value & 0xfffe != 0xfffe || [0x09, 0x0a, 0x0d, 0x85].contains(value)
      guard isAllowed else { return (offset, .controlCharacter(Int(value))) }
      offset += UTF8.width(scalar)
    }
    return nil
  }
}

/// The character that begins at `offset`; `nil` where the bytes are not UTF-8.
private func scalar(at offset: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
  let first = bytes[offset]
  if first < 0x80 { return Unicode.Scalar(first) }
  let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  guard offset + length <= bytes.count else { return nil }
  let character = UnsafeBufferPointer(rebasing: bytes[offset..<offset + length])
  guard let scalars = String(validating: character, as: UTF8.self)?.unicodeScalars, scalars.count == 1 else {
    return nil
  }
  return scalars.first
}

/// Builds values from libyaml's events, with a stack of its own.
private struct YAMLReader {
  let file: String
  let bytes: [UInt8]
  var problems = ProblemLog()
  private var anchors: [String: (value: Value, count: Int)] = [:]
  private var open: [Open] = []
  /// How many values there are so far, those of aliases counted again.
  private var count = 0

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// A list or mapping that is not closed yet.
  private struct Open {
    let place: Place
    let anchor: String?
    let isRecord: Bool
    /// The value count before it.
    let countBefore: Int
    var values: [Value] = []
    var fields: [Field] = []
    var names: [String: Place] = [:]
    var merged: [Value] = []
    /// The key whose value comes next.
    var key: (name: String, place: Place, isMerge: Bool, isVerbatim: Bool)?
    /// A key that is no text: its value is read and dropped.
    var hasBadKey = false
  }

  mutating func read(_ buffer: UnsafeBufferPointer<UInt8>) throws(PlacedProblem) -> Value {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw PlacedProblem(Place(file: file), .outOfMemory) }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
    var root: Value?
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else { throw syntaxError(parser) }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT { break }
      if event.type == YAML_DOCUMENT_START_EVENT, root != nil {
        throw PlacedProblem(place(event.start_mark), .severalDocuments)
      }
      if let value = try take(event) { root = value }
    }
    guard let root else { throw PlacedProblem(Place(file: file, line: 1, column: 1), .emptyFile) }
    return root
  }

  /// Takes one event in; gives the outermost value once it is complete.
  private mutating func take(_ event: yaml_event_t) throws(PlacedProblem) -> Value? {
    let place = place(event.start_mark)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      checkTag(scalar.tag, at: place)
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      let isVerbatim = isPlain && event.start_mark.line == event.end_mark.line
      if isKeyNext { return takeKey(text, isPlain: isPlain, isVerbatim: isVerbatim, at: place) }
      let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(text) && scalar.tag == nil
      try add(1, at: place)
      return complete(
        Value(isNothing ? .nothing : .text(text), at: place, isVerbatim: isVerbatim),
        anchor: name(scalar.anchor), count: 1)
    case YAML_SEQUENCE_START_EVENT:
      checkTag(event.data.sequence_start.tag, at: place)
      try begin(at: place, anchor: name(event.data.sequence_start.anchor), isRecord: false)
    case YAML_MAPPING_START_EVENT:
      checkTag(event.data.mapping_start.tag, at: place)
      try begin(at: place, anchor: name(event.data.mapping_start.anchor), isRecord: true)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      return end()
    case YAML_ALIAS_EVENT:
      let alias = name(event.data.alias.anchor) ?? ""
      guard let (value, count) = anchors[alias] else {
        throw PlacedProblem(place, .unknownAnchor(alias, known: anchors.keys.sorted()))
      }
      try add(count, at: place)
      if isKeyNext {
        guard let text = value.text else {
          refuseKey(at: place)
          return complete(value, anchor: nil, count: count)
        }
        return takeKey(text, isPlain: false, isVerbatim: false, at: place)
      }
      return complete(
        Value(value.content, at: place, from: value.origin ?? value.place), anchor: nil, count: count)
    default: break
    }
    return nil
  }

  private var isKeyNext: Bool { open.last.map { $0.isRecord && $0.key == nil && !$0.hasBadKey } ?? false }

  private mutating func takeKey(_ text: String, isPlain: Bool, isVerbatim: Bool, at place: Place) -> Value? {
    open[open.count - 1].key = (text, place, isPlain && text == "<<", isVerbatim)
    return nil
  }

  private mutating func refuseKey(at place: Place) {
    problems.note(.keyIsNoText, at: place)
    open[open.count - 1].hasBadKey = true
  }

  private mutating func begin(at place: Place, anchor: String?, isRecord: Bool) throws(PlacedProblem) {
    guard open.count < Document.maximumDepth else {
      throw PlacedProblem(place, .tooDeep(limit: Document.maximumDepth))
    }
    if isKeyNext { refuseKey(at: place) }
    try add(1, at: place)
    open.append(Open(place: place, anchor: anchor, isRecord: isRecord, countBefore: count - 1))
  }

  private mutating func end() -> Value? {
    var closed = open.removeLast()
    if closed.isRecord { merge(into: &closed) }
    let value = Value(closed.isRecord ? .record(closed.fields) : .list(closed.values), at: closed.place)
    return complete(value, anchor: closed.anchor, count: count - closed.countBefore)
  }

  /// Adds the fields of `<<` mappings that the mapping does not have itself.
  private mutating func merge(into closed: inout Open) {
    for value in closed.merged {
      for source in value.list ?? [value] {
        guard let fields = source.record else {
          problems.note(.mergeOfNoMapping(found: source.found), at: source.place)
          continue
        }
        for field in fields where closed.names[field.name] == nil {
          closed.names[field.name] = field.place
          closed.fields.append(field)
        }
      }
    }
  }

  /// Puts a finished value where it belongs; gives it back if it is the outermost.
  private mutating func complete(_ value: Value, anchor: String?, count: Int) -> Value? {
    if let anchor { anchors[anchor] = (value, count) }
    guard var parent = open.popLast() else { return value }
    defer { open.append(parent) }
    guard parent.isRecord else {
      parent.values.append(value)
      return nil
    }
    guard let key = parent.key else {
      // The value after a key that was refused; the key itself, a list or mapping, passes here first.
      if parent.values.isEmpty {
        parent.values.append(value)
      } else {
        parent.values = []
        parent.hasBadKey = false
      }
      return nil
    }
    parent.key = nil
    if key.isMerge {
      parent.merged.append(value)
    } else if let first = parent.names.updateValue(key.place, forKey: key.name) {
      parent.names[key.name] = first
      problems.note(.duplicateKey(key.name, first: first), at: key.place)
    } else {
      parent.fields.append(Field(key.name, at: key.place, value, isVerbatim: key.isVerbatim))
    }
    return nil
  }

  private mutating func add(_ values: Int, at place: Place) throws(PlacedProblem) {
    count += values
    guard count <= Document.maximumValues else {
      throw PlacedProblem(place, .tooManyValues(limit: Document.maximumValues))
    }
  }

  private mutating func checkTag(_ tag: UnsafeMutablePointer<UInt8>?, at place: Place) {
    let prefix = "tag:yaml.org,2002:"
    guard let tag = name(tag), tag != "!" else { return }
    let known = ["str", "int", "float", "bool", "null", "seq", "map"].map { prefix + $0 }
    guard !known.contains(tag) else { return }
    // libyaml spells '!!' out.
    problems.note(.unknownTag(tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag), at: place)
  }

  private func name(_ text: UnsafeMutablePointer<UInt8>?) -> String? { text.map { String(cString: $0) } }

  private func place(_ mark: yaml_mark_t) -> Place {
    Place(file: file, line: mark.line + 1, column: mark.column + 1)
  }

  private func syntaxError(_ parser: yaml_parser_t) -> PlacedProblem {
    guard parser.error != YAML_MEMORY_ERROR else { return PlacedProblem(Place(file: file), .outOfMemory) }
    let place = place(parser.problem_mark)
    if let tab = indentingTab(line: place.line) {
      return PlacedProblem(Place(file: file, line: place.line, column: tab), .tabIndentation)
    }
    let problem = parser.problem.map { String(cString: $0) } ?? "syntax error"
    let context = parser.context.map { String(cString: $0) }
    let start = self.place(parser.context_mark)
    return PlacedProblem(
      place, .syntax(problem, context: context, since: context == nil || start == place ? nil : start)
    )
  }

  /// The column of a tab in the line's indentation.
  private func indentingTab(line: Int) -> Int? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
    guard lines.indices.contains(line - 1) else { return nil }
    let text = lines[line - 1]
    let indentation = text.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return indentation.firstIndex(of: UInt8(ascii: "\t")).map { $0 - text.startIndex + 1 }
  }
}
