// A YAML file as values with places.

/// A parsed YAML file.
public struct Document: Sendable {
  /// The path as the user gave it, or as it was reached from there.
  public let file: String
  public let root: Value
  /// What is wrong short of the syntax: keys given twice, unknown tags, …
  public var diagnostics: [Diagnostic] { problems.diagnostics(inOrderOf: [file]) }
  let problems: ProblemLog

  /// The most bytes that a file may have.
  public static let maximumSize = 4 << 20
  /// How deep lists and mappings may nest.
  public static let maximumDepth = 64
  /// The most values that a file may hold, each alias counted as all that it stands for.
  public static let maximumValues = 250_000
}
