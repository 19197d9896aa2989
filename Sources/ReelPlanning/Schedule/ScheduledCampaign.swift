// One scheduled campaign, and the crontab line that stands for it.

/// A campaign that cron builds.
public struct ScheduledCampaign: Hashable, Sendable {
  /// What the user calls it: ``isName(_:)``.
  public let name: String
  public let times: CronExpression
  /// The pipeline, by its absolute path.
  public let file: String
  /// The `reel` that builds it, by its absolute path.
  public let reel: String
  /// Options for `reel build`, each one word: `--jobs=2`.
  public let options: [String]
  /// Variables that cron does not pass on.
  public let environment: [Variable]

  /// One variable of the environment.
  public struct Variable: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(
    name: String, times: CronExpression, file: String, reel: String, options: [String] = [],
    environment: [Variable] = []
  ) {
    self.name = name
    self.times = times
    self.file = file
    self.reel = reel
    self.options = options
    self.environment = environment
  }

  /// Whether `text` can name a schedule: 1 to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit.
  public static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), let first = bytes.first, first.isLetterOrDigit else { return false }
    return bytes.allSatisfy { $0.isLetterOrDigit || [0x2e, 0x5f, 0x2d].contains($0) }
  }
}

extension ScheduledCampaign {
  /// A path as a message shows it: in quotes where it has spaces, so that its ends are seen.
  public static func shown(_ path: String) -> String { path.contains(" ") ? "'\(path)'" : path }

  /// The longest command that Debian's cron takes (`MAX_COMMAND` less the line's end).
  static let longestCommand = 998

  /// The command: variables, `reel schedule run --name NAME FILE`, and the options after `--`.
  var command: String {
    let variables = environment.map { "\($0.name)=\(shellQuoted($0.value))" }
    let words = [reel, "schedule", "run", "--name", name, file] + (options.isEmpty ? [] : ["--"] + options)
    return (variables + words.map(shellQuoted)).joined(separator: " ")
  }

  /// The line of the crontab, without its end.
  ///
  /// - Throws: ``CrontabError`` for a command that no line can hold.
  func line() throws(CrontabError) -> String {
    let command = command
    guard !command.utf8.contains(where: { $0 == 0x0a || $0 == 0x0d }) else { throw .newline(file: file) }
    guard command.utf8.count <= Self.longestCommand else {
      throw .tooLong(file: file, length: command.utf8.count, limit: Self.longestCommand)
    }
    return "\(times) \(command)"
  }

  /// Reads what ``line()`` wrote; `nil` for any other line.
  init?(line: String) {
    let fieldCount = line.hasPrefix("@") ? 1 : 5
    let fields = line.split(separator: " ", maxSplits: fieldCount)
    guard fields.count == fieldCount + 1, var words = shellWords(String(fields[fieldCount]))?[...],
      let times = try? CronExpression(fields.prefix(fieldCount).joined(separator: " "))
    else { return nil }
    var environment: [Variable] = []
    while let word = words.first, !word.hasPrefix("/"), let equals = word.firstIndex(of: "=") {
      environment.append(
        Variable(name: String(word[..<equals]), value: String(word[word.index(after: equals)...])))
      words.removeFirst()
    }
    let rest = Array(words)
    guard rest.count >= 6, Array(rest[1...3]) == ["schedule", "run", "--name"], Self.isName(rest[4]) else {
      return nil
    }
    guard rest.count == 6 || (rest.count > 7 && rest[6] == "--") else { return nil }
    self.init(
      name: rest[4], times: times, file: rest[5], reel: rest[0], options: Array(rest.dropFirst(7)),
      environment: environment)
  }
}

/// `text` as one word of a shell command, also inside a crontab.
///
/// cron ends the command at a `%` that has no backslash before it, and takes that backslash away; it does not know
/// quotes. So a percent sign stands outside them, with its own backslash: right for cron and for the shell.
package func shellQuoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { $0.isLetterOrDigit || plainMarks.contains($0) }
  if isPlain, !text.isEmpty { return text }
  var quoted = "'"
  for scalar in text.unicodeScalars {
    switch scalar {
    case "'": quoted += "'\\''"
    case "%": quoted += "'\\%'"
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "'"
}

private let plainMarks = Set("_./=:@,+-".utf8)

/// The words of a shell command that ``shellQuoted(_:)`` made; `nil` where a quote is left open.
private func shellWords(_ text: String) -> [String]? {
  var words: [String] = []
  var word: String?
  var scalars = text.unicodeScalars[...]
  while let scalar = scalars.popFirst() {
    switch scalar {
    case " ":
      if let finished = word { words.append(finished) }
      word = nil
    case "'":
      guard let end = scalars.firstIndex(of: "'") else { return nil }
      word = (word ?? "") + String(scalars[..<end])
      scalars = scalars[scalars.index(after: end)...]
    case "\\":
      guard let escaped = scalars.popFirst() else { return nil }
      word = (word ?? "") + String(escaped)
    default:
      word = (word ?? "") + String(scalar)
    }
  }
  if let word { words.append(word) }
  return words
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
  }
}
