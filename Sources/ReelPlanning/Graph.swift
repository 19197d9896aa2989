// The graph: every node of the pipeline once for each variant that it exists in, checked against the
// manifests.

import ReelStage

/// Why a stage that has a plugin cannot be used: the plugin cannot be loaded.
///
/// That is the failure of the nodes that use it, not an error of the pipeline.
public struct StageUnavailable: Error, Hashable, Sendable {
  public let reason: String

  public init(_ reason: String) { self.reason = reason }
}

/// The stages that there are.
public struct StageCatalogue: Sendable {
  /// By stage, the manifest, or why its plugin cannot be loaded. A stage that is absent has no plugin at all.
  public var manifests: [String: Result<Manifest, StageUnavailable>]
  /// The names of further stages that exist, for suggestions.
  public var otherNames: [String]
  /// By stage, the file of its plugin.
  public var files: [String: String]

  public init(
    _ manifests: [String: Result<Manifest, StageUnavailable>], otherNames: [String] = [],
    files: [String: String] = [:]
  ) {
    self.manifests = manifests
    self.otherNames = otherNames
    self.files = files
  }

  var names: Set<String> { Set(manifests.keys).union(otherNames) }
}

/// The expanded pipeline.
public struct Graph: Sendable {
  public let pipeline: Pipeline
  /// Sources before those that read them.
  public internal(set) var nodes: [GraphNode] = []
  /// In the order of the pipeline, variants in the order of the matrix.
  public internal(set) var outputs: [GraphOutput] = []
}

/// A node in one variant.
public struct GraphNode: Hashable, Sendable {
  /// Its place in ``Graph/nodes``.
  public let index: Int
  public let id: String
  /// By axis, the row; only the axes that the node uses, directly or through its inputs.
  public let variant: Variant
  public let stage: String
  /// The stage's declaration, or why there is none; then the parameters are as written.
  public let manifest: Result<Manifest, StageUnavailable>
  /// Checked and complete with defaults. Paths of files start where ``FileReference/path`` does.
  public let parameters: JSON
  /// The files that the parameters name, in the order of the manifest.
  public let files: [FileReference]
  /// By port, what is read there: the parts of the first source, then those of the next.
  public let inputs: [String: [GraphSource]]
  /// Seconds that one action may take; `nil` for no limit.
  public let timeout: Double?
  /// How often a failed action is tried again.
  public let retries: Int
  /// Where the node's id stands in the pipeline.
  public let place: Place

  /// What people call it: `spot@market=jp,format=9x16`; the id alone where the node uses no axis.
  public var name: String { variant.cells.isEmpty ? id : "\(id)@\(variant)" }

  /// Whether one more action makes its result of what its spans made.
  public var isJoined: Bool {
    if case .success(let manifest) = manifest, case .span(_, _, isJoined: true) = manifest.cut { return true }
    return false
  }
}

/// An output port of a node.
public struct GraphSource: Hashable, Sendable {
  /// The index of the node in ``Graph/nodes``.
  public let node: Int
  public let port: String

  public init(node: Int, port: String) {
    self.node = node
    self.port = port
  }
}

/// A file that is delivered.
public struct GraphOutput: Hashable, Sendable {
  /// Relative to the folder of the pipeline file, unless it is absolute.
  public let path: String
  public let source: GraphSource
  public let variant: Variant
  /// Where the pipeline declares it.
  public let place: Place
}

/// A file that a parameter names.
public struct FileReference: Hashable, Sendable {
  /// Where the parameter stands: `layers[0].image`.
  public let parameter: ParameterPath
  public let kind: Kind
  /// The path, relative to where the pipeline file's own path is relative to; or the name of a model.
  public let path: String
  /// Where the path is written, or the node's id for a default.
  public let place: Place

  public enum Kind: Hashable, Sendable {
    case file
    /// A model's directory, by name if `path` has no slash. The stage reads the files that match these
    /// patterns.
    case model(reading: [String])
  }
}
