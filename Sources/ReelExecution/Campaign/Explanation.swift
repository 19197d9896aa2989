// Why an action is not what it was: the difference to the nearest earlier action, down to the words of a prompt.

import ReelPlanning
import ReelStage

/// The difference between an action and an earlier one.
public struct Explanation: Sendable {
  public let earlier: Earlier
  public let earlierKey: Digest
  /// Empty for an action of the same key.
  public let changes: [Change]

  /// What the action is compared with.
  public enum Earlier: Hashable, Sendable {
    /// What it was itself when it was last run or found.
    case itself
    /// The action of the same stage that differs least, by the name of who asked for it last.
    case nearest(ActionName?)
  }

  /// One thing that changed.
  public struct Change: Sendable {
    /// One line.
    public let summary: String
    /// For texts of several words, how they differ.
    public let difference: TextDifference?
    /// For an input of prompts, what changed in its shots.
    public let details: [Change]

    init(_ summary: String, difference: TextDifference? = nil, details: [Change] = []) {
      self.summary = summary
      self.difference = difference
      self.details = details
    }

    /// A value that changed.
    init(of what: String, from old: JSON?, to new: JSON?) {
      let isLong = [old?.string, new?.string].contains {
        $0.map { $0.count > 40 && $0.contains(" ") } ?? false
      }
      guard isLong, let before = old?.string, let after = new?.string else {
        self.init(KeyChange.change(of: what, from: old, to: new))
        return
      }
      self.init("\(what) changed", difference: TextDifference(from: before, to: after))
    }

    public var json: JSON {
      var members: [String: JSON] = ["what": .string(summary)]
      members["words"] = difference?.json
      if !details.isEmpty { members["details"] = .array(details.map(\.json)) }
      return .object(members)
    }
  }

  public var json: JSON {
    var members: [String: JSON] = [
      "key": .string("\(earlierKey)"), "changes": .array(changes.map(\.json)),
    ]
    if case .nearest(let name) = earlier { members["nearest"] = .string(name.map { "\($0)" } ?? "") }
    return .object(members)
  }
}

extension Campaign {
  /// How many earlier actions of a stage are looked at.
  private static let historyLimit = 200

  /// How an action differs from the nearest earlier one: from what it was when it was last run or found, else from
  /// the action of its stage that differs least; `nil` where the stage has never run.
  public func explanation(of action: PlannedAction) throws -> Explanation? {
    if let earlier = try nearestEarlierAction(action.name) {
      return explanation(of: action, comparedWith: earlier.entry.explanation, key: earlier.key, .itself)
    }
    let names = try store.index.latestNames()
    var nearest: (distance: Int, likeness: Int, key: Digest, explanation: JSON, name: ActionName?)?
    for earlier in try store.index.history(stage: action.node.stage, limit: Self.historyLimit) {
      let distance = KeyRecord.changes(from: earlier.explanation, to: action.record.explanation).count
      let name = names[earlier.key]?.max { $0.likeness(to: action.name) < $1.likeness(to: action.name) }
      let likeness = name?.likeness(to: action.name) ?? 0
      // Of those that differ as little, the one of the likest name; then the latest.
      if let nearest, (nearest.distance, -nearest.likeness) <= (distance, -likeness) { continue }
      nearest = (distance, likeness, earlier.key, earlier.explanation, name)
    }
    return nearest.map {
      explanation(of: action, comparedWith: $0.explanation, key: $0.key, .nearest($0.name))
    }
  }

  private func explanation(
    of action: PlannedAction, comparedWith old: JSON, key: Digest, _ earlier: Explanation.Earlier
  ) -> Explanation {
    let now = action.record.explanation
    let changes = KeyRecord.changes(from: old, to: now).map { change in
      switch change {
      case .parameter(let path, let old, let new):
        return Explanation.Change(of: "parameter '\(path)'", from: old, to: new)
      case .input(let port, _), .partCount(let port, _, _):
        let parts =
          isPrompts(port, of: action.node) ? KeyRecord.changedParts(of: port, from: old, to: now) : []
        return Explanation.Change(
          change.description, details: parts.flatMap { shotChanges($0.shot, from: $0.from, to: $0.to) })
      default: return Explanation.Change(change.description)
      }
    }
    return Explanation(earlier: earlier, earlierKey: key, changes: changes)
  }

  private func isPrompts(_ port: String, of node: GraphNode) -> Bool {
    (try? node.manifest.get())?.inputs.first { $0.name == port }?.type == .prompts
  }

  /// What changed in a shot, where both artifacts are still there.
  private func shotChanges(_ name: String?, from old: Digest, to new: Digest) -> [Explanation.Change] {
    guard let before = try? shot(in: Part(shot: name, digest: old)),
      let after = try? shot(in: Part(shot: name, digest: new))
    else { return [] }
    let shot = name.map { "shot \($0): " } ?? ""
    return KeyChange.differences(from: before.json, to: after.json).map {
      Explanation.Change(of: "\(shot)\($0.path)", from: $0.from, to: $0.to)
    }
  }
}

extension ActionName {
  /// In how many ways two names are the same: the node before the variant and the shot.
  fileprivate func likeness(to other: ActionName) -> Int {
    (node == other.node ? 4 : 0) + (span == other.span ? 2 : 0) + (variant == other.variant ? 1 : 0)
  }
}
