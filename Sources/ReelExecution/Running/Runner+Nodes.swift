// Walking the graph: a node is cut into actions when its inputs are known, and done when they are.

import ReelPlanning
import ReelStage

/// How far a pass is with a node.
enum NodeState {
  /// So many of its sources are not done.
  case waiting(Int)
  case ready
  /// Cut into actions.
  case cut(CutNode)
  /// By port, what it made.
  case done([String: [Part]])
  case failed
  case skipped
  /// An artifact or a source file must be made or read again first.
  case postponed
}

/// An action of a node that is cut.
struct CutAction {
  let piece: Piece
  let key: Digest
}

/// A node that is cut into actions.
struct CutNode {
  let actions: [CutAction]
  /// By action, what it made.
  var results: [[StoredPart]?]
  /// What the node's spans made, where its one action joins that.
  let spans: [StoredResult]

  var isDone: Bool { !results.contains { $0 == nil } }
}

extension Runner {
  /// Starts a pass: nothing is known.
  func begin() {
    let graph = campaign.graph
    states = graph.nodes.map { node in
      if let ports = done[node.index] { return .done(ports) }
      let open = node.sources.count { done[$0] == nil }
      return open == 0 ? .ready : .waiting(open)
    }
    // Taken from the end.
    ready = graph.nodes.indices.reversed().filter { index in
      if case .ready = states[index] { isWanted[index] } else { false }
    }
    pending = WaitingLine()
    inLine = []
    twins = [:]
    openNodes = [:]
    for node in graph.nodes where isWanted[node.index] { openNodes[node.stage, default: 0] += 1 }
    unwrittenOutputs = wantedOutputs.filter { done[graph.outputs[$0].source.node] != nil }
    outputStates = [:]
    results = [:]
  }

  /// Cuts every node whose inputs are known, and takes from the store what is there.
  func openReadyNodes() throws {
    guard !ready.isEmpty, !isStopping else { return }
    try Measurements.phase("plan") { try openAllReady() }
  }

  private func openAllReady() throws {
    while let index = ready.popLast(), !isStopping {
      let node = campaign.graph.nodes[index]
      do {
        try open(node)
      } catch ShotListProblem.damaged(let digest) {
        try postpone(node, damaged: [digest])
      } catch let error as StoreError where !error.isAboutOneFile {
        throw error
      } catch {
        fail(node, "\(error)")
      }
    }
  }

  private func open(_ node: GraphNode) throws {
    if case .failure(let unavailable) = node.manifest { return fail(node, unavailable.reason) }
    try begin(campaign.plannedActions(of: node, parts: parts, ignoresStore: ignoresStore), of: node)
  }

  /// Whether a result in the store counts for nothing.
  private func ignoresStore(_ key: Digest) -> Bool { options.rebuildsAll && !made.contains(key) }

  /// Takes from the store what is there of a node's actions, and puts the others in line.
  private func begin(
    _ actions: [PlannedAction], of node: GraphNode, after spans: [StoredResult] = []
  ) throws {
    states[node.index] = .cut(
      CutNode(
        actions: actions.map { CutAction(piece: $0.action.piece, key: $0.record.key) },
        results: actions.map { $0.entry?.parts }, spans: spans))
    for (position, action) in actions.enumerated() {
      if action.entry != nil {
        record(action.name, node, key: action.record.key, .cached, why: "in the store")
      } else {
        enqueue(WaitingAction(planned: action, node: action.node, position: position))
      }
    }
    try finishIfDone(node)
  }

  /// The parts of an output port of a node that is done.
  private func parts(_ source: GraphSource) -> [Part] {
    guard case .done(let ports) = states[source.node] else { return [] }
    return ports[source.port] ?? []
  }

  /// An action's result is known.
  func finish(_ action: WaitingAction, _ parts: [StoredPart]) throws {
    guard case .cut(var cut) = states[action.node.index] else { return }
    cut.results[action.position] = parts
    states[action.node.index] = .cut(cut)
    try finishIfDone(action.node)
  }

  private func finishIfDone(_ node: GraphNode) throws {
    guard case .cut(let cut) = states[node.index], cut.isDone else { return }
    let stored = zip(cut.actions, cut.results).map { action, parts in
      StoredResult(action.piece, key: action.key, parts: parts ?? [], isJoined: node.isJoined)
    }
    if cut.spans.isEmpty,
      let join = try campaign.plannedJoin(of: node, spans: stored.map(\.parts), ignoresStore: ignoresStore)
    {
      return try begin([join], of: node, after: stored)
    }
    results[node.index] = cut.spans + stored
    close(node, as: .done(campaign.parts(of: node, cut.spans + stored)))
    unwrittenOutputs += outputsByNode[node.index] ?? []
    for reader in readers[node.index] where isWanted[reader] {
      guard case .waiting(let count) = states[reader] else { continue }
      states[reader] = count == 1 ? .ready : .waiting(count - 1)
      if count == 1 { ready.append(reader) }
    }
  }

  /// Nothing more is to come of a node. The workers of a stage that has no open node left are ended.
  private func close(_ node: GraphNode, as state: NodeState) {
    states[node.index] = state
    let left = openNodes[node.stage, default: 1] - 1
    openNodes[node.stage] = left
    if left == 0 { pool.end(stage: node.stage) }
  }

  private func isSettled(_ node: Int) -> Bool {
    switch states[node] {
    case .waiting, .ready, .cut: false
    case .done, .failed, .skipped, .postponed: true
    }
  }

  /// A node that cannot be cut into actions.
  private func fail(_ node: GraphNode, _ message: String) {
    let name = campaign.name(of: node)
    record(name, node, key: nil, .failed, why: "failed", message: message)
    settle(node, as: .failed)
  }

  /// Ends a node without a result, and what depends on it. Its other actions still run.
  func settle(_ node: GraphNode, as state: NodeState) {
    guard !isSettled(node.index) else { return }
    close(node, as: state)
    var open = readers[node.index].filter { isWanted[$0] }
    while let reader = open.popLast() {
      guard case .waiting = states[reader] else { continue }
      if case .postponed = state {
        close(campaign.graph.nodes[reader], as: .postponed)
      } else {
        skip(campaign.graph.nodes[reader], why: "'\(node.name)' failed")
      }
      open += readers[reader].filter { isWanted[$0] }
    }
  }

  private func skip(_ node: GraphNode, why: String) {
    close(node, as: .skipped)
    record(campaign.name(of: node), node, key: nil, .skipped, why: why)
  }

  /// After a failure: what was never begun.
  func skipTheRest() {
    for action in pending.actions + twins.values.joined() {
      record(
        action.planned.name, action.node, key: action.planned.record.key, .skipped, why: "an action failed")
    }
    pending = WaitingLine()
    for node in campaign.graph.nodes where isWanted[node.index] {
      switch states[node.index] {
      case .waiting, .ready: skip(node, why: "an action failed")
      default: break
      }
    }
  }

  /// After the last pass: what was left to another one that does not come, since an action failed or since
  /// passes have an end.
  func endPostponedNodes() {
    let message = "its sources or the store change all the time; build again when they are at rest"
    let failedBefore = isStopping
    func isPostponed(_ node: Int) -> Bool { if case .postponed = states[node] { true } else { false } }
    for node in campaign.graph.nodes where isWanted[node.index] && isPostponed(node.index) {
      let name = campaign.name(of: node)
      if failedBefore {
        record(name, node, key: nil, .skipped, why: "an action failed")
      } else if let source = node.sources.first(where: isPostponed) {
        record(name, node, key: nil, .skipped, why: "'\(campaign.graph.nodes[source].name)' failed")
      } else {
        record(name, node, key: nil, .failed, why: "failed", message: message)
      }
    }
    for output in wantedOutputs where outputStates[output] == nil { outputStates[output] = .failed }
  }

  /// Notes what became of an action. What was run or failed stays so when a later pass finds it in the store.
  func record(
    _ name: ActionName, _ node: GraphNode, key: Digest?, _ status: ActionRecord.Status, seconds: Double = 0,
    why: String, message: String? = nil
  ) {
    if let earlier = records[name], earlier.status != .skipped, status == .cached || status == .skipped {
      return
    }
    let record = ActionRecord(
      name: name, stage: node.stage, variant: node.variant, key: key, status: status, seconds: seconds,
      why: why,
      message: message)
    if status == .failed { hasFailed = true }
    if records.updateValue(record, forKey: name) == nil { recordOrder.append(name) }
    hear(.ended(record))
  }
}
