// Runs that work in one store at the same time: no action is done twice, and none waits while others can run.

import ReelPlanning
import ReelStage

/// What became of the wish to run an action.
enum Claim {
  /// It is this run's to do.
  case ours
  /// Another run is at it.
  case elsewhere
  /// Another run has done it in the meantime.
  case made([StoredPart])
}

extension Runner {
  /// Seconds after which an action that another run is at is looked at again.
  private static let claimInterval = 0.02

  /// Starts actions until as many are at work as may be. Those whose time has not come or that another run is at
  /// are passed over.
  func launch() throws {
    let now = steadyClock()
    while running.count < options.jobs, !isStopping, let (waiting, chain) = pending.removeFirst(at: now) {
      var action = waiting
      let key = action.planned.record.key
      switch try claim(key) {
      case .elsewhere:
        tellOfOthers()
        action.notBefore = now + Self.claimInterval
        pending.append(action, chain: chain, at: now)
      case .made(let parts):
        record(action.planned.name, action.node, key: key, .cached, why: "made by another run")
        try finish(action, parts)
        try finishTwins(of: action, parts)
      case .ours:
        launch(action, threads: max(1, options.cores / min(options.jobs, running.count + pending.count + 1)))
      }
    }
  }

  private func claim(_ key: Digest) throws -> Claim {
    guard try campaign.store.work.take(key) else { return .elsewhere }
    // Between the look into the store and the lock another run may have ended it.
    guard !options.rebuildsAll, let entry = try campaign.store.finishedAction(key) else { return .ours }
    leave(key)
    return .made(entry.parts)
  }

  /// An action is not in this run's hands any more.
  func leave(_ key: Digest) {
    inLine.remove(key)
    campaign.store.work.free(key)
  }

  /// Says once that some actions are left to another run.
  private func tellOfOthers() {
    guard !hasToldOfOthers else { return }
    hasToldOfOthers = true
    let processes = RunFolder.processesAtWork(
      in: FileSystem.parent(of: campaign.store.temporaryFolder) ?? ".")
    hear(
      .note(
        "\(campaign.store.folder): \(StoreError.others(processes)) at some of this; its results are taken over"
      ))
  }

  /// Milliseconds until an action that waits for its time can be started, or until the clock is to be looked at.
  var patience: Int32 {
    guard running.count < options.jobs else { return 100 }
    let soonest = pending.nextTime ?? .infinity
    return Int32(max(1, min(100, ((soonest - steadyClock()) * 1000).rounded(.up))))
  }
}
