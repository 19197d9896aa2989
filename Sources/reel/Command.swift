// What a subcommand of `reel` is.

import ReelExecution

/// One subcommand: a file of its own, and a line in ``Reel/commands``.
///
/// `reel --help`, `reel NAME --help`, the parsing of its command line and the suggestions for misspelt
/// options all come from this declaration.
protocol Command {
  /// The words after `reel`: "build", or two of them, "cache stats".
  static var name: String { get }
  /// One line, lower case, no full stop.
  static var summary: String { get }
  static var operands: Operands { get }
  static var options: [Option] { get }
  /// Lines that can be typed as they stand, the first one the plainest.
  static var examples: [String] { get }

  /// Does the work and says how it ended.
  ///
  /// - Throws: ``UsageError`` for a wrong command line; any other error is printed, and ends the command
  ///   with its
  ///   exit code (``ExitCoded``) or with 1.
  static func run(_ arguments: Arguments) throws -> ExitCode
}

/// The words of a command line that are not options.
struct Operands: Sendable {
  /// What one is called: "TARGET".
  let name: String
  let count: ClosedRange<Int>

  static let none = Operands(name: "", count: 0...0)

  static func one(_ name: String) -> Operands { Operands(name: name, count: 1...1) }
  static func optional(_ name: String) -> Operands { Operands(name: name, count: 0...1) }
  static func any(_ name: String) -> Operands { Operands(name: name, count: 0...Int.max) }

  /// As the usage line shows them: "NODE", "[NAME]", "[TARGET…]".
  var usage: String {
    if count.upperBound == 0 { return "" }
    let text = count.upperBound > 1 ? name + "…" : name
    return count.lowerBound == 0 ? "[\(text)]" : text
  }
}

/// An option of a command: `-j N`, `--jobs N`, `--jobs=N`.
struct Option: Sendable {
  let long: String
  let short: Character?
  /// What its value is called ("FILE"); `nil` for an option without one.
  let value: String?
  let help: String

  init(_ long: String, _ short: Character? = nil, value: String? = nil, help: String) {
    self.long = long
    self.short = short
    self.value = value
    self.help = help
  }

  static let help = Option("help", "h", help: "show this")
  static let json = Option("json", help: "print JSON")
}
