// A pipeline as it was written: includes brought in, lists repeated, names not yet looked up in the plugins.

import ReelStage

/// A pipeline file and all that it includes, parsed and checked as far as that goes without the stages'
/// manifests.
///
/// It is a value whatever is wrong: ``diagnostics`` tells. ``Graph`` refuses one that has any, and adds its
/// own, so that the user sees every error at once.
public struct Pipeline: Sendable {
  /// The path of the pipeline file.
  public let file: String
  public internal(set) var name = ""
  public internal(set) var matrix = Matrix()
  /// The nodes in the order of the files; a node with `foreach` stands here once for each element.
  public internal(set) var nodes: [NodeDeclaration] = []
  public internal(set) var outputs: [OutputDeclaration] = []
  /// Folders of plugins that the pipeline names, reached from the file that names them.
  public internal(set) var pluginFolders: [(path: String, place: Place)] = []
  /// Every file that was read: the pipeline first, includes and feeds in the order they were met.
  public internal(set) var sources: [String]
  /// The variables of the environment that it may read.
  public var environmentNames: [String] { scope.declared }
  /// What is wrong, in the order of the files.
  public var diagnostics: [Diagnostic] { problems.diagnostics(inOrderOf: sources) }
  var problems = ProblemLog()
  var scope = Scope()
  /// By the id of a node with `foreach`, the ids of the nodes that it became.
  var groups: [String: [String]] = [:]
  /// The files that feeds name in columns that are declared to hold files.
  var feedFiles: [FileReference] = []

  /// The stages that the nodes use, each once, in the order of the nodes.
  public var stageNames: [String] {
    var seen: Set<String> = []
    return nodes.map(\.stage).filter { seen.insert($0).inserted }
  }
}

/// One use of a stage, as the pipeline declares it.
public struct NodeDeclaration: Hashable, Sendable {
  public let id: String
  /// Where the id stands.
  public let place: Place
  public let stage: String
  public let stagePlace: Place
  public internal(set) var inputs: [InputDeclaration]
  /// The parameters as written.
  public internal(set) var parameters: [Field]
  /// Seconds that one action may take; `nil` for no limit.
  public internal(set) var timeout: Double?
  /// How often a failed action is tried again.
  public internal(set) var retries: Int
  /// The memory that one action may take for itself; `nil` for no limit.
  public internal(set) var memory: ByteCount?
  /// The element of the node's `foreach` list that this is the node of.
  public let each: Row?
  /// Where the shots come from that the node is repeated for while the pipeline runs.
  public internal(set) var shots: SourceDeclaration?
  /// In which variants the node exists.
  public let conditions: Conditions

  /// What `${each}` stands for in its parameters.
  var eachValue: Each { shots == nil ? Each(each) : .laterShot }

  /// Everything that it reads.
  var sources: [SourceDeclaration] { inputs.flatMap(\.sources) + (shots.map { [$0] } ?? []) }
}

/// What a node reads at one input port: the outputs of other nodes, joined in this order.
public struct InputDeclaration: Hashable, Sendable {
  public let port: String
  public let place: Place
  public internal(set) var sources: [SourceDeclaration]
}

/// An output of a node by name.
public struct SourceDeclaration: Hashable, Sendable {
  public let node: String
  /// `nil` for the node's first output.
  public let port: String?
  public let place: Place

  /// As it is written: `footage`, `footage.frames`.
  var text: String { port.map { "\(node).\($0)" } ?? node }
}

/// A file that the pipeline delivers.
public struct OutputDeclaration: Hashable, Sendable {
  /// With its references.
  public var path: String { written.text ?? "" }
  public var place: Place { written.place }
  /// The path as it stands in the pipeline.
  let written: Value
  public let source: SourceDeclaration
  /// In which variants it is delivered.
  public let conditions: Conditions
}

/// Reads a file for the planner, which touches no disk itself.
public typealias FileReading = (_ path: String) -> Result<[UInt8], FileProblem>

/// Why a file cannot be used.
public enum FileProblem: Error, Hashable, Sendable {
  /// There is none; `nearby` are names that could have been meant.
  case missing(nearby: [String] = [])
  case isFolder
  case isNoFolder
  /// A file that is no model's; one that is would match these patterns.
  case isNoModel([String])
  /// A pipe, a device, a socket.
  case isNoRegularFile
  /// More bytes than the planner would look at.
  case tooLarge(limit: Int)
  /// In the words of the system: "permission denied".
  case unreadable(String)
}
