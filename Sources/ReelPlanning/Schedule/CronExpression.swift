// When a scheduled render runs: the first five fields of a crontab line, checked and evaluated.

/// A crontab's times, as Debian's cron (Vixie cron 3.0) reads them: crontab(5).
///
/// Five fields (minute, hour, day of month, month, day of week), each a list of numbers, ranges and `*` with
/// steps, months and days of the week also by their English names; or one of the words `@hourly`, `@daily`,
/// `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`, `@reboot`.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
  /// As it stands in the crontab: the user's words, with single spaces.
  public let description: String
  private let times: Times

  private enum Times: Hashable, Sendable {
    /// Once, when the machine starts.
    case startUp
    case fields(CronFields)
  }

  /// Reads the user's text.
  public init(_ text: String) throws(CronExpressionError) {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    description = words.joined(separator: " ")
    guard !text.contains(where: \.isNewline) else { throw .moreThanOneLine }
    if words.count == 1, let word = words.first, word.hasPrefix("@") {
      times = try Self.times(named: word)
    } else {
      guard words.count == 5 else { throw .wrongFieldCount(found: words.count) }
      times = .fields(try CronFields(words))
    }
    if times != .startUp, next(after: CivilTime(year: 2000, month: 1, day: 1)) == nil {
      throw .never(description)
    }
  }

  /// The first time after `time` at which this comes round; `nil` for `@reboot`.
  public func next(after time: CivilTime) -> CivilTime? {
    switch times {
    case .startUp: nil
    case .fields(let fields): fields.next(after: time)
    }
  }

  private static let names = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
  ]

  private static func times(named word: String) throws(CronExpressionError) -> Times {
    if word == "@reboot" { return .startUp }
    guard let fields = names[word] else {
      throw .unknownName(word, known: (names.keys + ["@reboot"]).sorted())
    }
    return .fields(try CronFields(fields.split(separator: " ").map(String.init)))
  }
}

/// The values that each of the five fields allows, as bits.
private struct CronFields: Hashable, Sendable {
  let minutes: UInt64
  let hours: UInt64
  let days: UInt64
  let months: UInt64
  let weekdays: UInt64
  /// Vixie cron's rule: where both day fields name days, either may match; where one begins with `*`, both must.
  let eitherDay: Bool

  init(_ words: [String]) throws(CronExpressionError) {
    minutes = try CronField.minute.values(words[0])
    hours = try CronField.hour.values(words[1])
    days = try CronField.day.values(words[2])
    months = try CronField.month.values(words[3])
    let weekdays = try CronField.weekday.values(words[4])
    // Sunday is both 0 and 7.
    self.weekdays = (weekdays | weekdays >> 7) & 0x7f
    eitherDay = !words[2].hasPrefix("*") && !words[4].hasPrefix("*")
  }

  func next(after time: CivilTime) -> CivilTime? {
    let start = time.nextMinute
    var date = start.midnight
    // The Gregorian calendar repeats, weekdays too, after 400 years of 146,097 days.
    for offset in 0...146_097 {
      defer { date = date.nextDay }
      guard matches(date) else { continue }
      let first = offset == 0 ? start.hour * 60 + start.minute : 0
      for minute in first..<24 * 60 where has(hours, minute / 60) && has(minutes, minute % 60) {
        return CivilTime(
          year: date.year, month: date.month, day: date.day, hour: minute / 60, minute: minute % 60)
      }
    }
    return nil
  }

  private func matches(_ date: CivilTime) -> Bool {
    let day = has(days, date.day)
    let weekday = has(weekdays, date.weekday)
    return has(months, date.month) && (eitherDay ? day || weekday : day && weekday)
  }

  private func has(_ values: UInt64, _ value: Int) -> Bool { values >> UInt64(value) & 1 == 1 }
}

/// One of the five fields: its name, its range, and what else its values are called.
private struct CronField {
  let name: String
  let range: ClosedRange<Int>
  /// Names of the values from the range's first one on.
  var names: [String] = []

  static let minute = CronField(name: "minute", range: 0...59)
  static let hour = CronField(name: "hour", range: 0...23)
  static let day = CronField(name: "day of month", range: 1...31)
  static let month = CronField(
    name: "month", range: 1...12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
  static let weekday = CronField(
    name: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

  /// The values that a field's text allows: a list of `*`, numbers and ranges, the first and last with steps.
  func values(_ text: String) throws(CronExpressionError) -> UInt64 {
    var values: UInt64 = 0
    for element in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = element.split(separator: "/", omittingEmptySubsequences: false)
      let range = try self.range(of: parts[0], in: text)
      var step = 1
      if parts.count > 1 {
        guard parts.count == 2, let given = number(parts[1]), (1...self.range.upperBound).contains(given)
        else {
          throw .wrongStep(
            field: name, text: text, wanted: 1...self.range.upperBound,
            found: parts.dropFirst().joined(separator: "/"))
        }
        guard parts[0] == "*" || parts[0].contains("-") else {
          throw .stepWithoutRange(
            field: name, text: text, cure: "\(parts[0])-\(self.range.upperBound)/\(given)")
        }
        step = given
      }
      for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
        values |= 1 << UInt64(value)
      }
    }
    return values
  }

  private func range(of text: Substring, in field: String) throws(CronExpressionError) -> ClosedRange<Int> {
    if text == "*" { return range }
    // A sign before a number begins no range.
    guard !text.hasPrefix("-") else { throw wrongValue(text, in: field) }
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let low = try value(ends[0], in: field)
    let high = ends.count == 2 ? try value(ends[1], in: field) : low
    guard low <= high else { throw .backwards(field: name, text: String(text)) }
    return low...high
  }

  private func value(_ text: Substring, in field: String) throws(CronExpressionError) -> Int {
    if let index = names.firstIndex(of: text.lowercased()) { return range.lowerBound + index }
    guard let value = number(text), range.contains(value) else { throw wrongValue(text, in: field) }
    return value
  }

  private func wrongValue(_ text: Substring, in field: String) -> CronExpressionError {
    .wrongValue(
      field: name, text: field, wanted: range,
      names: names.isEmpty ? nil : (names[0], names[names.count - 1]),
      found: String(text))
  }

  /// Digits alone: no sign, no space.
  private func number(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}

/// What is wrong with the times of a crontab line.
public enum CronExpressionError: Error, CustomStringConvertible {
  case wrongFieldCount(found: Int)
  case moreThanOneLine
  case unknownName(String, known: [String])
  case wrongValue(
    field: String, text: String, wanted: ClosedRange<Int>, names: (first: String, last: String)?,
    found: String)
  case backwards(field: String, text: String)
  case wrongStep(field: String, text: String, wanted: ClosedRange<Int>, found: String)
  case stepWithoutRange(field: String, text: String, cure: String)
  case never(String)

  public var description: String {
    switch self {
    case .wrongFieldCount(let found):
      "wanted five fields (minute, hour, day of month, month, day of week), found \(found); "
        + "'0 2 * * *' is every night at two"
    case .moreThanOneLine: "wanted one line, found several"
    case .unknownName(let name, let known):
      "unknown time '\(name)'; wanted five fields or one of \(known.joined(separator: ", "))"
    case .wrongValue(let field, let text, let wanted, let names, let found):
      Self.place(field, text) + "wanted a number from \(wanted.lowerBound) to \(wanted.upperBound)"
        + (names.map { " or a name from '\($0.first)' to '\($0.last)'" } ?? "") + ", found '\(found)'"
    case .backwards(let field, let text):
      "\(field) '\(text)': a range goes up; write it as two, joined by a comma"
    case .wrongStep(let field, let text, let wanted, let found):
      Self.place(field, text)
        + "wanted a step from \(wanted.lowerBound) to \(wanted.upperBound) after '/', found '\(found)'"
    case .stepWithoutRange(let field, let text, let cure):
      Self.place(field, text) + "a step wants '*' or a range before it; did you mean '\(cure)'?"
    case .never(let text): "'\(text)' never comes: no such day is in those months"
    }
  }

  private static func place(_ field: String, _ text: String) -> String { "\(field) '\(text)': " }
}
