// What the planner asks of the machine, which it does not touch itself.

import ReelStage

/// What stands at a path, as a message says it.
public enum FileKind: String, Hashable, Sendable {
  case file = "a file"
  case folder = "a folder"
  case pipe = "a pipe"
  case socket = "a socket"
  case device = "a device"
}

/// The planner's questions, and who answers them. Without answers paths are compared as they are written, and
/// every file is there.
public struct Surroundings {
  /// What is wrong with a file or model that a parameter names. Asked once for each.
  public var problem: (FileReference) -> FileProblem? = { _ in nil }
  /// The paths that a file has on the machine: where its name stands, links to folders resolved, and for a file
  /// that is a link also where that leads. The path is normalised.
  public var locations: (String) -> [String] = { [$0] }
  /// The folder of a model that is given by name.
  public var modelFolder: (String) -> String? = { _ in nil }
  /// Whether a folder is at a path.
  public var isFolder: (String) -> Bool = { _ in true }
  /// What stands at a path; `nil` for nothing.
  public var kind: (String) -> FileKind? = { _ in nil }
  /// What the stage itself says against parameters that its declaration allows. Asked for every node.
  public var refusal: (_ stage: String, JSON, [FileReference]) -> ParameterRefusal? = { _, _, _ in nil }

  public init() {}
}

/// What a stage says against its parameters.
public struct ParameterRefusal: Error, Hashable, Sendable {
  /// Where the value stands; empty where the stage does not say.
  public let parameter: ParameterPath
  public let reason: String

  public init(parameter: ParameterPath = ParameterPath(), reason: String) {
    self.parameter = parameter
    self.reason = reason
  }
}
