// Reading feeds and what the pipeline declares of their columns.

import ReelStage

extension PipelineReader {
  private static let feedKeys = ["from", "columns", "strict"]

  /// The rows of a feed as records, each with every declared column; `nil` where the file cannot be read.
  mutating func readFeed(_ declaration: Value, from source: Value, as what: String) -> [Value]? {
    for key in declaration.record ?? [] where !Self.feedKeys.contains(key.name) {
      note(.unknownKeyOf(what, key.name, known: Self.feedKeys), at: key.place)
    }
    let schema = readSchema(declaration)
    guard let name = source.text, !name.isEmpty else {
      note(.wrong("'from'", wanted: "a CSV or JSON file's path", found: source.found), at: source.place)
      return nil
    }
    let file = path(name, from: source.home)
    let bytes: [UInt8]
    switch read(file) {
    case .failure(let problem):
      note(.file(file, problem), at: source.place)
      return nil
    case .success(let read): bytes = read
    }
    if !pipeline.sources.contains(file) { pipeline.sources.append(file) }
    let feed = Feed(file: file, bytes: bytes)
    problems.add(feed.problems)
    guard feed.problems.isEmpty else { return nil }
    let rows = schema.check(feed, problems: &problems)
    for column in schema.columns {
      guard case .file = column.kind else { continue }
      for cell in rows.compactMap({ $0[column.name] }) {
        guard let text = cell.text, !text.isEmpty else { continue }
        let parameter = ParameterPath([.name(column.name)])
        pipeline.feedFiles.append(
          FileReference(parameter: parameter, kind: .file, path: path(text, from: file), place: cell.place))
      }
    }
    return rows
  }

  private mutating func readSchema(_ declaration: Value) -> FeedSchema {
    var schema = FeedSchema()
    schema.isStrict = readFlag(declaration["strict"], as: "'strict'")
    if let columns = declaration["columns"], !columns.isNothing {
      for field in record(columns, as: "'columns'") ?? [] {
        if let column = readColumn(field) { schema.columns.append(column) }
      }
    }
    return schema
  }

  /// A type alone, or a mapping with `type` and what more is said.
  private mutating func readColumn(_ field: Field) -> Column? {
    let what = "column '\(field.name)'"
    let declaration = field.value.text == nil ? field.value : Value(.record([]), at: field.value.place)
    guard record(declaration, as: what) != nil else { return nil }
    let type = field.value.text == nil ? declaration["type"] : field.value
    guard let type, let name = type.text, Column.types.contains(name) else {
      let wanted = "one of " + Column.types.map { "'\($0)'" }.joined(separator: ", ")
      note(
        .wrong("the type of \(what)", wanted: wanted, found: type?.found ?? "nothing"),
        at: type?.place ?? field.value.place)
      return nil
    }
    let keys = ["type", "required", "unique"] + Column.keys(of: name)
    for key in declaration.record ?? [] where !keys.contains(key.name) {
      note(.unknownKeyOf("\(what), which is \(name)", key.name, known: keys), at: key.place)
    }
    guard let kind = readKind(name, declaration, as: what) else { return nil }
    return Column(
      name: field.name, kind: kind,
      isRequired: readFlag(declaration["required"], as: "'required' of \(what)"),
      isUnique: readFlag(declaration["unique"], as: "'unique' of \(what)"))
  }

  private mutating func readKind(_ type: String, _ declaration: Value, as what: String) -> Column.Kind? {
    func whole(_ text: String) -> Int? { Int(text) }
    func number(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
    func bounds<Bound: Comparable>(_ wanted: String, _ read: (String) -> Bound?) -> (Bound?, Bound?) {
      let low = readBound("minimum", of: declaration, as: what, wanted: wanted, read)
      let high = readBound("maximum", of: declaration, as: what, wanted: wanted, read)
      if let low, let high, high < low, let value = declaration["maximum"] {
        note(
          .wrong("'maximum' of \(what)", wanted: "no less than 'minimum'", found: value.found),
          at: value.place)
        // One complaint is enough, instead of one more for each cell.
        return (nil, nil)
      }
      return (low, high)
    }
    switch type {
    case "text":
      let wanted = "a whole number from 1"
      return .text(
        maximumLength: readBound("maximum_length", of: declaration, as: what, wanted: wanted) {
          Int($0).flatMap { $0 > 0 ? $0 : nil }
        })
    case "integer":
      let (minimum, maximum) = bounds("a whole number", whole)
      return .integer(minimum: minimum, maximum: maximum)
    case "number":
      let (minimum, maximum) = bounds("a number", number)
      return .number(minimum: minimum, maximum: maximum)
    case "date":
      let (minimum, maximum) = bounds("a date such as 2026-03-29", CivilTime.init(date:))
      return .date(minimum: minimum, maximum: maximum)
    case "choice":
      let words = declaration["of"]?.list?.map(\.text) ?? []
      guard !words.isEmpty, !words.contains(nil) else {
        note(
          .wrong("'of' of \(what)", wanted: "a list of texts", found: declaration["of"]?.found ?? "nothing"),
          at: declaration["of"]?.place ?? declaration.place)
        return nil
      }
      return .choice(words.compactMap { $0 })
    case "boolean": return .boolean
    case "colour": return .colour
    case "size": return .size
    default: return .file
    }
  }

  private mutating func readBound<Bound>(
    _ key: String, of declaration: Value, as what: String, wanted: String, _ read: (String) -> Bound?
  ) -> Bound? {
    guard let value = declaration[key], !value.isNothing else { return nil }
    if let bound = value.text.flatMap(read) { return bound }
    note(.wrong("'\(key)' of \(what)", wanted: wanted, found: value.found), at: value.place)
    return nil
  }

  private mutating func readFlag(_ value: Value?, as what: String) -> Bool {
    guard let value, !value.isNothing else { return false }
    if value.text != "true", value.text != "false" {
      note(.wrong(what, wanted: "true or false", found: value.found), at: value.place)
    }
    return value.text == "true"
  }
}
