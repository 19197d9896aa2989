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

extension Graph {
  /// Nodes that were expanded and checked before, and the outputs that they deliver.
  ///
  /// - Parameter nodes: with their places here as indices, sources before those that read them.
  package init(file: String, nodes: [GraphNode], outputs: [(path: String, source: GraphSource)]) {
    pipeline = Pipeline(file: file, sources: [])
    self.nodes = nodes
    self.outputs = outputs.map { path, source in
      GraphOutput(
        path: path, source: source, variant: nodes[source.node].variant, place: nodes[source.node].place)
    }
  }
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
  public internal(set) var parameters: JSON
  /// The files that the parameters name, in the order of the manifest.
  public internal(set) var files: [FileReference]
  /// By port, what is read there: the parts of the first source, then those of the next.
  public let inputs: [String: [GraphSource]]
  /// The shot list for whose shots the node is repeated while the pipeline runs. Until then its parameters
  /// hold `${each…}` as written.
  public let shots: GraphSource?
  /// Seconds that one action may take; `nil` for no limit.
  public let timeout: Double?
  /// How often a failed action is tried again.
  public let retries: Int
  /// The memory that one action may take for itself; `nil` for no limit.
  public let memory: ByteCount?
  /// Where the node's id stands in the pipeline.
  public let place: Place

  package init(
    index: Int, id: String, variant: Variant, stage: String, manifest: Result<Manifest, StageUnavailable>,
    parameters: JSON, files: [FileReference], inputs: [String: [GraphSource]], shots: GraphSource?,
    timeout: Double?, memory: ByteCount?, retries: Int, place: Place
  ) {
    self.index = index
    self.id = id
    self.variant = variant
    self.stage = stage
    self.manifest = manifest
    self.parameters = parameters
    self.files = files
    self.inputs = inputs
    self.shots = shots
    self.timeout = timeout
    self.memory = memory
    self.retries = retries
    self.place = place
  }

  /// The indices of the nodes that it reads, each once, ascending.
  public var sources: [Int] {
    Set(inputs.values.joined().map(\.node) + (shots.map { [$0.node] } ?? [])).sorted()
  }

  /// What people call it: `spot@market=jp,format=9x16`; the id alone where the node uses no axis.
  public var name: String { variant.cells.isEmpty ? id : "\(id)@\(variant)" }

  /// Whether one more action makes its result of what its spans made.
  public var isJoined: Bool {
    guard shots == nil, case .success(let manifest) = manifest,
      case .span(_, _, isJoined: true) = manifest.cut
    else { return false }
    return true
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
    /// patterns. With `orFile`, it may also be one such file.
    case model(reading: [String], orFile: Bool)
  }

  package init(parameter: ParameterPath, kind: Kind, path: String, place: Place) {
    self.parameter = parameter
    self.kind = kind
    self.path = path
    self.place = place
  }
}
