// Actions in line: which one is next, for any number of them.

/// Actions that wait for their turn: first those that the longest chain of nodes starts with, of equal ones the one
/// that came first. Some wait for their time before they wait for their turn.
struct WaitingLine {
  /// By the length of the chain, the actions, and how many of them have had their turn.
  private var lanes: [Int: (actions: [WaitingAction], taken: Int)] = [:]
  /// Those whose time has not come.
  private var sleeping: [(action: WaitingAction, chain: Int)] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// In no order.
  var actions: [WaitingAction] {
    lanes.values.flatMap { $0.actions.dropFirst($0.taken) } + sleeping.map(\.action)
  }

  /// When the next action's time comes; `nil` where none waits for its time.
  var nextTime: Double? { sleeping.lazy.map(\.action.notBefore).min() }

  mutating func append(_ action: WaitingAction, chain: Int, at now: Double) {
    count += 1
    if action.notBefore > now {
      sleeping.append((action, chain))
    } else {
      lanes[chain, default: ([], 0)].actions.append(action)
    }
  }

  /// Takes the action whose turn it is; `nil` where none has its time come.
  ///
  /// - Complexity: O(n) in the number of different chains and of actions that wait for their time.
  mutating func removeFirst(at now: Double) -> (action: WaitingAction, chain: Int)? {
    wake(at: now)
    guard let chain = lanes.keys.max(), let lane = lanes[chain] else { return nil }
    count -= 1
    lanes[chain]?.taken += 1
    if lane.taken + 1 == lane.actions.count { lanes[chain] = nil }
    return (lane.actions[lane.taken], chain)
  }

  private mutating func wake(at now: Double) {
    guard sleeping.contains(where: { $0.action.notBefore <= now }) else { return }
    for (action, chain) in sleeping where action.notBefore <= now {
      lanes[chain, default: ([], 0)].actions.append(action)
    }
    sleeping.removeAll { $0.action.notBefore <= now }
  }
}
