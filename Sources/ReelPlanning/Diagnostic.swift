// What is wrong with a pipeline, and where.

/// A place in a text file.
public struct Place: Hashable, Sendable, CustomStringConvertible {
  /// The file's path as the user gave it, or as it was reached from there.
  public let file: String
  /// From 1; 0 for a file as a whole.
  public let line: Int
  /// In characters from 1; 0 for a file as a whole.
  public let column: Int
  /// The file from whose folder a path that stands here starts.
  let home: String

  public init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
    home = file
  }

  /// A place on the command line, where `file` is the words themselves.
  init(file: String, home: String) {
    self.file = file
    self.home = home
    (line, column) = (0, 0)
  }

  /// `campaign.yaml:14:5`, or only the file's name where the file as a whole is meant.
  public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// One thing that is wrong, printed as `campaign.yaml:14:5: unknown parameter 'step' …`.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  public let place: Place
  public let message: String

  public init(_ place: Place, _ message: String) {
    self.place = place
    self.message = message
  }

  /// One line, safe on a terminal whatever the user's words are.
  public var description: String { escaped("\(place): \(message)", keepsLines: false) }
}

/// Everything that is wrong with a pipeline, in the order of its files. Nothing was run.
public struct Diagnostics: Error, Hashable, Sendable, CustomStringConvertible {
  public let list: [Diagnostic]

  public init(_ list: [Diagnostic]) { self.list = list }

  /// One line each.
  public var description: String { list.map(\.description).joined(separator: "\n") }
}
