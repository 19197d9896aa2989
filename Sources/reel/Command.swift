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

  /// What one may be.
  let values: Values

  init(name: String, count: ClosedRange<Int>, values: Values? = nil) {
    self.name = name
    self.count = count
    self.values = values ?? Values(named: name)
  }

  static let none = Operands(name: "", count: 0...0)

  static func one(_ name: String, values: Values? = nil) -> Operands {
    Operands(name: name, count: 1...1, values: values)
  }
  static func optional(_ name: String) -> Operands { Operands(name: name, count: 0...1) }
  static func any(_ name: String) -> Operands { Operands(name: name, count: 0...Int.max) }

  /// As the usage line shows them: "NODE", "[NAME]", "[TARGET…]".
  var usage: String {
    if count.upperBound == 0 { return "" }
    let text = count.upperBound > 1 ? name + "…" : name
    return count.lowerBound == 0 ? "[\(text)]" : text
  }
}

/// What a word of the command line may be: how the shell completes it.
enum Values: Hashable, Sendable {
  case anything
  case file
  case folder
  /// One of these; anything else is a wrong command line.
  case words([String])
  /// The name of a stage.
  case stage
  /// A node, a node at a variant, or the path of an output.
  case target
  /// The id of a node.
  case node
  /// Rows of axes with commas between.
  case rows

  /// What a value of this name is: "FILE", "TARGET", …
  init(named name: String) {
    self =
      switch name {
      case "FILE", "NAME|FILE": .file
      case "DIR", "FOLDER", "MODEL_DIR": .folder
      case "STAGE": .stage
      case "TARGET", "NODE[@VARIANT][#SHOT]": .target
      case "NODE": .node
      case "ROWS": .rows
      default: .anything
      }
  }
}

/// An option of a command: `-j N`, `--jobs N`, `--jobs=N`.
struct Option: Sendable {
  let long: String
  let short: Character?
  /// What its value is called ("FILE"); `nil` for an option without one.
  let value: String?
  /// What the value may be.
  let values: Values
  let help: String

  /// - Parameter values: what the value may be, where its name does not say that.
  init(
    _ long: String, _ short: Character? = nil, value: String? = nil, values: Values? = nil, help: String
  ) {
    self.long = long
    self.short = short
    self.value = value
    self.values = values ?? Values(named: value ?? "")
    self.help = help
  }

  static let help = Option("help", "h", help: "show this")
  static let json = Option("json", help: "print JSON")
}
