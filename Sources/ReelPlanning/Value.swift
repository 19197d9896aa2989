// What a YAML file or a feed says, with the place of every word.

import ReelStage

/// A value as it was written, with the place where it stands.
public struct Value: Hashable, Sendable {
  public let content: Content
  public let place: Place
  /// Where the text itself stands, if a `${…}` or an alias at `place` brought it here.
  public let origin: Place?
  /// Whether the text stands in its file as it is here, character for character from ``place`` on.
  let isVerbatim: Bool

  public enum Content: Hashable, Sendable {
    /// An empty place, `null` or `~`.
    case nothing
    /// A scalar. Its type comes from what is wanted, not from how it looks.
    case text(String)
    case list([Value])
    /// A mapping, in the order of the file.
    case record([Field])
  }

  public init(_ content: Content, at place: Place, from origin: Place? = nil) {
    self.init(content, at: place, from: origin, isVerbatim: false)
  }

  init(_ content: Content, at place: Place, from origin: Place? = nil, isVerbatim: Bool) {
    self.content = content
    self.place = place
    self.origin = origin
    self.isVerbatim = isVerbatim
  }

  /// The place of the character of the text before which `offset` others stand; that of the whole text where it
  /// is written otherwise than it reads.
  func place(atOffset offset: Int) -> Place {
    isVerbatim ? Place(file: place.file, line: place.line, column: place.column + offset) : place
  }

  /// The file whose folder a relative path in this value starts from.
  var home: String { (origin ?? place).home }

  public var text: String? { if case .text(let text) = content { text } else { nil } }
  public var list: [Value]? { if case .list(let values) = content { values } else { nil } }
  public var record: [Field]? { if case .record(let fields) = content { fields } else { nil } }
  public var isNothing: Bool { content == .nothing }

  /// The field `name` of a record.
  public subscript(name: String) -> Value? { record?.first { $0.name == name }?.value }

  /// The value without places: scalars as text.
  public var json: JSON {
    switch content {
    case .nothing: .null
    case .text(let text): .string(text)
    case .list(let values): .array(values.map(\.json))
    case .record(let fields): .object(fields.json)
    }
  }

  /// What this is, as an error message says it: the user's words in quotes, or the kind of thing.
  var found: String {
    switch content {
    case .nothing: "nothing"
    case .text(let text): quoted(text)
    case .list(let values): values.isEmpty ? "an empty list" : "a list"
    case .record(let fields): fields.isEmpty ? "an empty mapping" : "a mapping"
    }
  }
}

/// A named value of a record.
public struct Field: Hashable, Sendable {
  public let name: String
  /// Where the name stands.
  public let place: Place
  public let value: Value
  /// Whether the name stands in its file as it is here, character for character.
  let isVerbatim: Bool

  public init(_ name: String, at place: Place, _ value: Value) {
    self.init(name, at: place, value, isVerbatim: false)
  }

  init(_ name: String, at place: Place, _ value: Value, isVerbatim: Bool) {
    self.name = name
    self.place = place
    self.value = value
    self.isVerbatim = isVerbatim
  }

  /// The name as a value of its own.
  var nameValue: Value { Value(.text(name), at: place, isVerbatim: isVerbatim) }
}

extension [Field] {
  public var json: [String: JSON] {
    Dictionary(map { ($0.name, $0.value.json) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The user's words in quotes; a long text is cut, a line break written as `\n`.
func quoted(_ text: String) -> String {
  let limit = 80
  var shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
  if shown.unicodeScalars.count < text.unicodeScalars.count { shown += "…" }
  return "'" + shown.replacing("\n", with: "\\n") + "'"
}
