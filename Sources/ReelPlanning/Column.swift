// A column of a feed: what its cells must hold.

import ReelStage

/// One column as the pipeline declares it.
struct Column {
  let name: String
  let kind: Kind
  /// Whether every row must have something in it.
  let isRequired: Bool
  /// Whether no two rows may have the same in it.
  let isUnique: Bool

  enum Kind {
    /// At most so many characters, as people count them.
    case text(maximumLength: Int?)
    case integer(minimum: Int?, maximum: Int?)
    case number(minimum: Double?, maximum: Double?)
    case date(minimum: CivilTime?, maximum: CivilTime?)
    case choice([String])
    case boolean
    case colour
    case size
    /// A file's path, from the feed's folder.
    case file
  }

  /// The types as they are written.
  static let types = ["text", "integer", "number", "date", "choice", "boolean", "colour", "size", "file"]

  /// The keys that say more about a type.
  static func keys(of type: String) -> [String] {
    switch type {
    case "text": ["maximum_length"]
    case "integer", "number", "date": ["minimum", "maximum"]
    case "choice": ["of"]
    default: []
    }
  }

  /// The cell as the pipeline sees it, and what is wrong with it. A cell stays as it is written; an empty one
  /// that is not text is nothing.
  func check(_ cell: Value) -> (value: Value, problem: Problem?) {
    guard let text = cell.text, !text.isEmpty else {
      var isText = false
      if case .text = kind { isText = true }
      guard cell.isNothing || cell.text != nil else {
        return (cell, .wrongCell(name, wanted: wanted, found: cell.found, meant: []))
      }
      let value = isText && !cell.isNothing ? cell : Value(.nothing, at: cell.place)
      return (value, isRequired ? .wrongCell(name, wanted: wanted, found: "nothing", meant: []) : nil)
    }
    if isRequired, text.allSatisfy(\.isWhitespace) {
      return (cell, .wrongCell(name, wanted: wanted, found: "blanks", meant: []))
    }
    if case .text(let limit?) = kind, text.count > limit {
      return (cell, .longCell(name, limit: limit, found: text.count))
    }
    if accepts(text) { return (cell, nil) }
    var meant: [String] = []
    if case .choice(let words) = kind { meant = words }
    return (cell, .wrongCell(name, wanted: wanted, found: cell.found, meant: meant))
  }

  private func accepts(_ text: String) -> Bool {
    func isWithin<Bound: Comparable>(_ value: Bound?, _ minimum: Bound?, _ maximum: Bound?) -> Bool {
      guard let value else { return false }
      return minimum.map { $0 <= value } ?? true && maximum.map { value <= $0 } ?? true
    }
    switch kind {
    case .text, .file: return true
    case .integer(let minimum, let maximum): return isWithin(value(of: text)?.integer, minimum, maximum)
    case .number(let minimum, let maximum): return isWithin(value(of: text)?.number, minimum, maximum)
    case .date(let minimum, let maximum): return isWithin(CivilTime(date: text), minimum, maximum)
    case .choice(let words): return words.contains(text)
    case .boolean, .colour, .size: return value(of: text) != nil
    }
  }

  /// A cell's text as a parameter of the same type would take it; `nil` where there is none, or it does not.
  private func value(of text: String) -> JSON? {
    let type: ParameterType
    switch kind {
    case .integer: type = .integer(.min ... .max)
    case .number: type = .number(-.infinity ... .infinity)
    case .boolean: type = .boolean
    case .colour: type = .colour
    case .size: type = .size
    case .text, .file, .date, .choice: return nil
    }
    return try? type.resolve(.string(text)).get()
  }

  /// What two cells have in common that hold the same: `7` and `07` are one number.
  func identity(of text: String) -> String { value(of: text)?.text ?? text }

  /// What is wanted, as an error message says it.
  private var wanted: String {
    switch kind {
    case .text: "text"
    case .integer(let minimum, let maximum):
      Self.phrase("a whole number", minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .number(let minimum, let maximum):
      Self.phrase("a number", minimum?.shortText, maximum?.shortText)
    case .date(let minimum, let maximum):
      Self.phrase("a date such as 2026-03-29", minimum?.dateText, maximum?.dateText)
    case .choice(let words): ParameterType.choice(words).wanted
    case .boolean: ParameterType.boolean.wanted
    case .colour: ParameterType.colour.wanted
    case .size: ParameterType.size.wanted
    case .file: ParameterType.file.wanted
    }
  }

  private static func phrase(_ noun: String, _ minimum: String?, _ maximum: String?) -> String {
    switch (minimum, maximum) {
    case (nil, nil): noun
    case (let minimum?, nil): "\(noun) from \(minimum)"
    case (nil, let maximum?): "\(noun) up to \(maximum)"
    case (let minimum?, let maximum?): "\(noun) from \(minimum) to \(maximum)"
    }
  }
}

extension CivilTime {
  /// Midnight of a day written `2026-03-29`; `nil` for what is no day of the calendar.
  init?(date text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (1...12).contains(month), day >= 1
    else { return nil }
    self.init(year: year, month: month, day: day)
    if day > daysInMonth { return nil }
  }

  /// `2026-03-29`.
  var dateText: String { String(description.prefix { $0 != " " }) }
}
