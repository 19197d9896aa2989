// Actions in line: which one is next, for any number of them.

/// Actions that wait for their turn: first those that the longest chain of nodes starts with, of equal ones the one
/// that came first.
struct WaitingLine {
  /// By the length of the chain, the actions, and how many of them have had their turn.
  private var lanes: [Int: (actions: [WaitingAction], taken: Int)] = [:]
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// In no order.
  var actions: [WaitingAction] { lanes.values.flatMap { $0.actions.dropFirst($0.taken) } }

  mutating func append(_ action: WaitingAction, chain: Int) {
    lanes[chain, default: ([], 0)].actions.append(action)
    count += 1
  }

  /// The action whose turn it is; the line must not be empty.
  ///
  /// - Complexity: O(n) in the number of different chains.
  mutating func removeFirst() -> WaitingAction {
    guard let chain = lanes.keys.max(), let lane = lanes[chain] else { preconditionFailure("nothing waits") }
    count -= 1
    lanes[chain]?.taken += 1
    if lane.taken + 1 == lane.actions.count { lanes[chain] = nil }
    return lane.actions[lane.taken]
  }
}
