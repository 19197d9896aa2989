// Actions with their keys, looked up in the store: what plan shows and a run does.

import ReelPlanning
import ReelStage

/// An action whose inputs are known.
public struct PlannedAction: Sendable {
  public let action: Action
  /// With the parameters of this action: those of its shot, where the node is repeated for each shot.
  public let node: GraphNode
  public let name: ActionName
  public let record: KeyRecord
  /// What the store has of it.
  public let entry: ActionEntry?
  /// Why it would run; empty for one that is in the store.
  public let why: String
}

extension Campaign {
  /// What people call an action of this node.
  func name(of node: GraphNode, span: String? = nil) -> ActionName {
    ActionName(node: node.id, variant: node.variant.description, span: span)
  }

  /// The actions of a node, given the parts of its sources.
  ///
  /// - Parameter ignoresStore: whether a result in the store counts for nothing.
  /// - Throws: `CuttingProblem`, `Diagnostics` of a shot's parameters, or what keeps a source file from being read.
  func plannedActions(
    of node: GraphNode, parts: (GraphSource) -> [Part], ignoresStore: (Digest) -> Bool = { _ in false }
  ) throws -> [PlannedAction] {
    let inputs = graph.inputs(of: node, parts: parts)
    guard let shots = try repeatedNode(node, parts: parts) else {
      return try planned(graph.actions(for: node, inputs: inputs), of: node, ignoresStore: ignoresStore)
    }
    return try graph.actions(for: node, inputs: inputs, repeatedAs: shots).flatMap { node, action in
      try planned([action], of: node, ignoresStore: ignoresStore)
    }
  }

  /// The action that joins what a node's spans made; `nil` where that is the node's result already.
  func plannedJoin(
    of node: GraphNode, spans: [[StoredPart]], ignoresStore: (Digest) -> Bool = { _ in false }
  ) throws -> PlannedAction? {
    let parts = self.parts(of: node, spans.map { (shot: nil, parts: $0) })
    guard let join = graph.join(of: node, parts: parts) else { return nil }
    return try planned([join], of: node, ignoresStore: ignoresStore).first
  }

  private func planned(
    _ actions: [Action], of node: GraphNode, ignoresStore: (Digest) -> Bool
  ) throws -> [PlannedAction] {
    guard !actions.isEmpty, let plugin = loader.plugins[node.stage] else { return [] }
    let files = try contents(of: node)
    return try actions.map { action in
      let record = KeyRecord(
        node: node, action: action, plugin: plugin.digest, core: loader.core, files: files)
      let name = name(of: node, span: action.piece.label)
      let ignored = ignoresStore(record.key)
      let entry = ignored ? nil : try store.finishedAction(record.key)
      let why = entry != nil ? "" : ignored ? "asked for by -B" : try reason(for: record, name)
      return PlannedAction(action: action, node: node, name: name, record: record, entry: entry, why: why)
    }
  }

  /// Why an action is not in the store: what is different from the nearest earlier one.
  private func reason(for record: KeyRecord, _ name: ActionName) throws -> String {
    guard let earlier = try nearestEarlierAction(name) else { return "new" }
    if earlier.key == record.key { return "its result is gone from the store" }
    let changes = KeyRecord.changes(from: earlier.entry.explanation, to: record.explanation)
    return changes.isEmpty ? "new" : changes.map(\.description).joined(separator: "; ")
  }

  /// What an action takes, where its stage says so.
  func estimate(of action: PlannedAction) -> ActionEstimate? {
    guard isEstimated(action.node), action.action.piece != .join else { return nil }
    return loader.estimate(
      of: action.node.stage,
      WorkRequest(
        action.action, parameters: parameters(of: action.node), blobs: store.blobs, threads: 1, folder: "/"),
      identity: action.record.key)
  }

  /// What each action of a node takes at least whose inputs are not known; `nil` where that cannot be said.
  func estimate(of node: GraphNode) throws -> ActionEstimate? {
    // What a shot or a span is like decides too much.
    guard isEstimated(node), node.shots == nil else { return nil }
    let contents = KeyRecord.parameters(node.parameters, with: try contents(of: node))
    return loader.estimate(
      of: node.stage,
      WorkRequest(work: .run(nil), parameters: parameters(of: node), inputs: [:], threads: 1, folder: "/"),
      identity: Digest(of: "\(node.stage) \(contents.text)"))
  }

  private func isEstimated(_ node: GraphNode) -> Bool {
    guard let manifest = try? node.manifest.get(), manifest.isEstimated else { return false }
    if case .span = manifest.cut { return node.shots == nil }
    return true
  }

  /// What the action of this name was when it was last run or found.
  func nearestEarlierAction(_ name: ActionName) throws -> (key: Digest, entry: ActionEntry)? {
    guard let key = try store.index.latestKey(of: name), let entry = try store.index.action(key) else {
      return nil
    }
    return (key, entry)
  }

  /// The parts of a finished node by port.
  func parts(of node: GraphNode, _ results: [StoredResult]) -> [String: [Part]] {
    parts(of: node, results.filter { !$0.isIntermediate }.map { (shot: $0.shot, parts: $0.parts) })
  }

  /// The parts that actions of a node made, by port, in the order of the film.
  func parts(of node: GraphNode, _ results: [(shot: String?, parts: [StoredPart])]) -> [String: [Part]] {
    var parts: [String: [Part]] = [:]
    for port in (try? node.manifest.get())?.outputs ?? [] { parts[port.name] = [] }
    for result in results {
      for part in result.parts {
        parts[part.port]?.append(
          Part(shot: result.shot ?? part.shot, digest: part.digest, length: part.length))
      }
    }
    return parts
  }
}
