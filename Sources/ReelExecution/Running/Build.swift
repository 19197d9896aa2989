// A build: looks at as little of a campaign as has changed since the last one.

import Glibc
import ReelPlanning

/// One build of a campaign: nothing but a look at its files where none has changed; the nodes that are concerned
/// where only files changed that nodes read; else the whole way from the pipeline's text.
public struct Build {
  let request: Campaign.Request
  let targets: Targets
  let options: RunOptions
  /// Whether the summary lists the actions and outputs that were not looked at too.
  let listsAll: Bool
  let prepare: ((Campaign, Runner) -> Void)?
  let openStore: (_ folder: String) throws -> Store
  private let snapshotRequest: SnapshotRequest

  /// - Parameters:
  ///   - prepare: called before a run; with it, every build looks at the whole campaign.
  ///   - openStore: called once, where anything has to be looked at closely.
  public init(
    _ request: Campaign.Request, targets: Targets, options: RunOptions, listsAll: Bool,
    prepare: ((Campaign, Runner) -> Void)? = nil, openStore: @escaping (_ folder: String) throws -> Store
  ) {
    self.request = request
    self.targets = targets
    self.options = options
    self.listsAll = listsAll
    self.prepare = prepare
    self.openStore = openStore
    snapshotRequest = SnapshotRequest(request, targets: targets)
  }

  /// Builds.
  ///
  /// - Parameter hear: called on the calling thread.
  /// - Throws: `Diagnostics` for a wrong pipeline or target, ``StoreError`` or ``FileError``.
  public func run(hear: @escaping (RunEvent) -> Void) throws -> RunSummary {
    let start = steadyClock()
    guard !options.rebuildsAll, prepare == nil, let snapshot = Snapshot(snapshotRequest) else {
      return try buildAll(in: nil, after: nil, hear: hear)
    }
    var changes = Snapshot.Changes()
    switch Measurements.phase("look for changes", { snapshot.check() }) {
    case .everything: return try buildAll(in: nil, after: nil, hear: hear)
    case .some(let found): changes = found
    case .nothing:
      if snapshot.isLatest, let summary = summary(of: snapshot, since: start) { return summary }
    }
    let store = try openStore(request.storeFolder)
    // Waiting for another run may have taken hours.
    guard !store.hasWaited, snapshot.isCurrent, !store.lostIndex,
      let part = snapshot.part(changes, of: request, in: store)
    else { return try buildAll(in: store, after: nil, hear: hear) }
    return try build(part, of: snapshot, changes, hear: hear)
  }

  /// Builds the nodes that a change touches.
  private func build(
    _ part: ChangedPart, of snapshot: Snapshot, _ changes: Snapshot.Changes,
    hear: @escaping (RunEvent) -> Void
  ) throws -> RunSummary {
    let store = part.campaign.store
    let runner = Runner(
      part.campaign, selection: part.selection, options: options, done: part.done, hear: hear)
    let wasLatest = snapshot.isLatest
    if !wasLatest { tellOfDamage(hear) }
    Snapshot.willChangeLatest(snapshotRequest)
    var summary = try runner.run()
    guard !runner.needsWholeGraph, !store.lostIndex,
      snapshot.add(to: &summary, but: part, listsAll: listsAll)
    else { return try buildAll(in: store, after: runner, hear: hear) }
    if !wasLatest, let keys = snapshot.latestKeys(but: part) {
      try store.index.setLatestKeys(keys)
      Snapshot.setLatest(snapshotRequest)
    }
    if summary.exitCode == .done { snapshot.update(part, changes, runner.results) }
    return summary
  }

  /// Builds from the pipeline's text.
  private func buildAll(
    in store: Store?, after earlier: Runner?, hear: @escaping (RunEvent) -> Void
  ) throws -> RunSummary {
    tellOfDamage(hear)
    let campaign = try Campaign(request) { try store ?? openStore($0) }
    let selection = try campaign.graph.selection(of: targets)
    let runner = Runner(campaign, selection: selection, options: options, after: earlier, hear: hear)
    prepare?(campaign, runner)
    Snapshot.willChangeLatest(snapshotRequest)
    let summary = try runner.run()
    Snapshot.setLatest(snapshotRequest)
    if summary.exitCode == .done {
      Snapshot.write(campaign, selection, runner.results, as: snapshotRequest)
    }
    return summary
  }

  /// Names what would have spared a closer look, and cannot be used.
  private func tellOfDamage(_ hear: (RunEvent) -> Void) {
    for path in Snapshot.damagedFiles(of: snapshotRequest) {
      hear(.note("\(path): was damaged; looked at all that it told of"))
    }
  }

  /// What a build that has nothing to do says.
  private func summary(of snapshot: Snapshot, since start: Double) -> RunSummary? {
    var summary = RunSummary()
    guard snapshot.add(to: &summary, but: nil, listsAll: listsAll) else { return nil }
    summary.seconds = steadyClock() - start
    return summary
  }
}
