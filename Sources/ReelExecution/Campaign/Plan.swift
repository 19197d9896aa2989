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
    /// About how long it would take, by the store's history; of a node that waits, how long all of its actions
    /// took when they were last run. `nil` for what is cached and what has no history.
    public let seconds: Double?
    /// What it would take, where its stage says so; of a node that waits, what each of its actions would take at
    /// least.
    public let estimate: ActionEstimate?

    public var json: JSON {
      var members: [String: JSON] = [
        "name": .string("\(name)"), "node": .string(name.node), "variant": variant.json,
        "stage": .string(stage),
        "span": name.span.map { .string($0) } ?? .null, "key": key.map { .string("\($0)") } ?? .null,
      ]
      switch state {
      case .cached: members["state"] = "cached"
      case .wouldRun(let why): (members["state"], members["why"]) = ("would run", .string(why))
      case .waits(let nodes):
        (members["state"], members["for"]) = ("waits", .array(nodes.map { .string($0) }))
      case .impossible(let why): (members["state"], members["why"]) = ("impossible", .string(why))
      }
      members["seconds"] = seconds.map { .number(($0 * 1000).rounded() / 1000) }
      members["memory"] = estimate.map { .integer($0.memorySize.bytes) }
      members["operations"] = estimate.map { .number($0.operations) }
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

  /// - Parameters:
  ///   - rebuildsAll: whether results in the store count for nothing.
  ///   - memory: what an action may take for itself where its node does not say; `nil` for no limit.
  ///   - asksForEstimates: whether stages are asked what actions take that would run.
  public init(
    _ campaign: Campaign, selection: Selection, rebuildsAll: Bool = false, memory: ByteCount? = nil,
    asksForEstimates: Bool = true
  ) throws {
    var known: [Int: [String: [Part]]] = [:]
    var estimates = Estimates(campaign.store.index)
    let room = MemoryRoom(limit: memory)
    defer { campaign.loader.endCheckers() }
    for index in selection.nodes {
      let node = campaign.graph.nodes[index]
      func add(
        _ state: State, _ action: PlannedAction? = nil, seconds: Double? = nil,
        estimate: ActionEstimate? = nil
      ) {
        entries.append(
          Entry(
            name: action?.name ?? campaign.name(of: node), stage: node.stage, variant: node.variant,
            key: action?.record.key, state: state, action: action, seconds: seconds, estimate: estimate))
      }
      if case .failure(let unavailable) = node.manifest {
        add(.impossible(why: unavailable.reason))
        continue
      }
      let unknown = node.sources.filter { known[$0] == nil }
      guard unknown.isEmpty else {
        add(
          .waits(for: unknown.map { campaign.graph.nodes[$0].name }),
          seconds: try estimates.lastSeconds(of: node),
          estimate: asksForEstimates ? try campaign.estimate(of: node) : nil)
        continue
      }
      do {
        let actions = try campaign.plannedActions(
          of: node, parts: { known[$0.node]?[$0.port] ?? [] }, ignoresStore: { _ in rebuildsAll })
        func show(_ action: PlannedAction) throws {
          guard action.entry == nil else { return add(.cached, action) }
          let seconds = try estimates.seconds(for: action.record.explanation, of: try node.manifest.get())
          let estimate = asksForEstimates ? campaign.estimate(of: action) : nil
          let room = node.memory.map { MemoryRoom.limit($0) } ?? room
          if let estimate, let refusal = room.refusal(of: estimate) {
            add(.impossible(why: "\(refusal)"), action, estimate: estimate)
          } else {
            add(.wouldRun(why: action.why), action, seconds: seconds, estimate: estimate)
          }
        }
        for action in actions { try show(action) }
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
          try show(join)
          if let entry = join.entry {
            known[node.index] = campaign.parts(of: node, [(shot: nil, parts: entry.parts)])
          }
        } else {
          known[node.index] = campaign.parts(of: node, results)
        }
      } catch let problem as CuttingProblem {
        add(.impossible(why: "\(problem)"))
      } catch let problem as ShotListProblem {
        add(.impossible(why: "\(problem)"))
      } catch let problems as Diagnostics {
        add(.impossible(why: problems.list.map(\.description).joined(separator: "; ")))
      }
    }
    for output in selection.outputs.map({ campaign.graph.outputs[$0] }) {
      outputs.append(Output(path: output.path, state: try Self.state(of: output, in: campaign, known: known)))
    }
    let named = Set(campaign.graph.outputs.map(\.path))
    for output in try campaign.store.outputs(of: campaign.file) where !named.contains(output.path) {
      let target = FileSystem.path(output.path, in: campaign.folder)
      guard OutputFile.identity(of: target) == output.identity else { continue }
      outputs.append(Output(path: output.path, state: .orphan))
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

  /// About how long a run would take; no more than what the store's history tells.
  public struct Estimate: Hashable, Sendable {
    /// Seconds for what would run, so many actions at a time.
    public var running = 0.0
    /// Seconds for what waits, if it took as long as when it was last run, and did so alone.
    public var waiting = 0.0
    /// How many actions that would run and nodes that wait have no history.
    public var unknown = 0
  }

  public func estimate(jobs: Int) -> Estimate {
    var estimate = Estimate()
    let running = entries.filter { if case .wouldRun = $0.state { true } else { false } }
    // What would run knows its inputs, so nothing of it has to wait for another.
    estimate.running = Self.time(for: running.compactMap(\.seconds), jobs: jobs)
    for entry in entries {
      switch entry.state {
      case .waits: estimate.waiting += entry.seconds ?? 0
      case .wouldRun: break
      case .cached, .impossible: continue
      }
      if entry.seconds == nil { estimate.unknown += 1 }
    }
    return estimate
  }

  /// When the last of so many independent actions is done, the longest of them begun first.
  package static func time(for seconds: [Double], jobs: Int) -> Double {
    var busy = [Double](repeating: 0, count: max(1, jobs))
    for one in seconds.sorted(by: >) { busy[busy.indices.min { busy[$0] < busy[$1] }!] += one }
    return busy.max() ?? 0
  }
}
