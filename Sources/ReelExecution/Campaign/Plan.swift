// A plan: what a run would do, found out without doing it.

import ReelPlanning
import ReelStage

/// The actions of a campaign as they stand.
public struct Plan: Sendable {
  public enum State: Hashable, Sendable {
    case cached
    /// It would run, and why.
    case wouldRun(why: String)
    /// Whether it would run is known once these nodes have run; it stands for all actions of its node.
    case waits(for: [String])
    /// The plugin cannot be loaded, or the inputs do not fit.
    case impossible(why: String)
  }

  public struct Entry: Sendable {
    public let name: ActionName
    public let stage: String
    public let variant: Variant
    /// `nil` where the inputs are not known.
    public let key: Digest?
    public let state: State
    /// The action with its key, where its inputs are known.
    public let action: PlannedAction?

    public var json: JSON {
      var members: [String: JSON] = [
        "node": .string(name.node), "variant": variant.json, "stage": .string(stage),
        "span": name.span.map { .string($0) } ?? .null, "key": key.map { .string("\($0)") } ?? .null,
      ]
      switch state {
      case .cached: members["state"] = "cached"
      case .wouldRun(let why): (members["state"], members["why"]) = ("would run", .string(why))
      case .waits(let nodes):
        (members["state"], members["for"]) = ("waits", .array(nodes.map { .string($0) }))
      case .impossible(let why): (members["state"], members["why"]) = ("impossible", .string(why))
      }
      return .object(members)
    }
  }

  /// An output, or a file that was one.
  public struct Output: Hashable, Sendable {
    public enum State: Hashable, Sendable {
      /// It stands there as wanted.
      case right
      case wouldWrite
      /// What it is made of is known once this node has run.
      case waits(for: String)
      /// An earlier build wrote it, and the pipeline has no output of this path any more.
      case orphan
    }

    public let path: String
    public let state: State

    public var json: JSON {
      switch state {
      case .right: ["output": .string(path), "state": "right"]
      case .wouldWrite: ["output": .string(path), "state": "would write"]
      case .waits(let node): ["output": .string(path), "state": "waits", "for": [.string(node)]]
      case .orphan: ["output": .string(path), "state": "left over"]
      }
    }
  }

  /// In the order of the graph.
  public private(set) var entries: [Entry] = []
  /// Those selected in the order of the pipeline, then the orphans by path.
  public private(set) var outputs: [Output] = []

  /// - Parameter rebuildsAll: whether results in the store count for nothing.
  public init(_ campaign: Campaign, selection: Selection, rebuildsAll: Bool = false) throws {
    var known: [Int: [String: [Part]]] = [:]
    for index in selection.nodes {
      let node = campaign.graph.nodes[index]
      func add(_ state: State, _ action: PlannedAction? = nil) {
        entries.append(
          Entry(
            name: action?.name ?? campaign.name(of: node), stage: node.stage, variant: node.variant,
            key: action?.record.key, state: state, action: action))
      }
      if case .failure(let unavailable) = node.manifest {
        add(.impossible(why: unavailable.reason))
        continue
      }
      let unknown = node.sources.filter { known[$0] == nil }
      guard unknown.isEmpty else {
        add(.waits(for: unknown.map { campaign.graph.nodes[$0].name }))
        continue
      }
      do {
        let actions = try campaign.plannedActions(
          of: node, parts: { known[$0.node]?[$0.port] ?? [] }, ignoresStore: { _ in rebuildsAll })
        func show(_ action: PlannedAction) {
          add(action.entry == nil ? .wouldRun(why: action.why) : .cached, action)
        }
        actions.forEach(show)
        let results = actions.compactMap { action in
          action.entry.map { (shot: action.action.piece.shot, parts: $0.parts) }
        }
        guard results.count == actions.count else {
          if node.isJoined { add(.waits(for: ["its runs of frames"])) }
          continue
        }
        if let join = try campaign.plannedJoin(
          of: node, spans: results.map(\.parts), ignoresStore: { _ in rebuildsAll })
        {
          show(join)
          if let entry = join.entry {
            known[node.index] = campaign.parts(of: node, [(shot: nil, parts: entry.parts)])
          }
        } else {
          known[node.index] = campaign.parts(of: node, results)
        }
      } catch let problem as CuttingProblem {
        add(.impossible(why: "\(problem)"))
      }
    }
    for output in selection.outputs.map({ campaign.graph.outputs[$0] }) {
      outputs.append(Output(path: output.path, state: try Self.state(of: output, in: campaign, known: known)))
    }
    let named = Set(campaign.graph.outputs.map(\.path))
    for (path, identity) in try campaign.store.index.outputs() where !named.contains(path) {
      guard OutputFile.identity(of: FileSystem.path(path, in: campaign.folder)) == identity else { continue }
      outputs.append(Output(path: path, state: .orphan))
    }
  }

  private static func state(
    of output: GraphOutput, in campaign: Campaign, known: [Int: [String: [Part]]]
  ) throws -> Output.State {
    guard let ports = known[output.source.node],
      let file = campaign.outputFile(output, parts: ports[output.source.port] ?? [])
    else { return .waits(for: campaign.graph.nodes[output.source.node].name) }
    return try campaign.isRight(file) ? .right : .wouldWrite
  }

  public func count(_ isCounted: (State) -> Bool) -> Int { entries.count { isCounted($0.state) } }
}
