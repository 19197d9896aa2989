// Publishing results: their blobs go to the disk, several actions' at a time, then their entries into the index.

import ReelPlanning
import ReelStage

/// An action that has ended well, whose result the index does not speak of yet.
struct UnpublishedAction {
  let action: WaitingAction
  let parts: [StoredPart]
  let seconds: Double
}

extension Runner {
  /// Takes a result, if what it was made of is still there. What reads it may start at once.
  func publish(_ action: WaitingAction, _ parts: [StoredPart], seconds: Double) throws {
    let key = action.planned.record.key
    guard campaign.hasItsPlugin(action.node) else {
      leave(key)
      let path = campaign.loader.plugins[action.node.stage]?.path ?? action.node.stage
      return fail(action, "\(path): the plugin changed while it was at work; build again", seconds: seconds)
    }
    if let path = try campaign.changedSource(of: action.node) {
      leave(key)
      isRestless = true
      repeatReasons.append("\(path): changed while '\(action.planned.name)' ran; done again")
      campaign.forget(source: path)
      settle(action.node, as: .postponed)
      return
    }
    unpublished.append(UnpublishedAction(action: action, parts: parts, seconds: seconds))
    try finish(action, parts)
  }

  /// Sends the blobs of all results that wait to the disk, on a thread of its own, one batch after the other: while
  /// one is written, the next one gathers.
  func synchroniseResults() {
    guard publishing.isEmpty, !unpublished.isEmpty else { return }
    publishing = unpublished
    unpublished = []
    let digests = Set(publishing.flatMap(\.parts).map(\.digest))
    Thread.start { [queue, blobs = campaign.store.blobs] in
      queue.post(.synchronised(Result { () throws(FileError) in try blobs.synchronise(digests) }))
    }
  }

  /// The blobs of a batch are on the disk, or are not.
  func endPublishing(_ result: Result<Void, FileError>) throws {
    let batch = publishing
    publishing = []
    defer { tellOfOutputs() }
    if case .failure(let error) = result {
      for entry in batch {
        leave(entry.action.planned.record.key)
        fail(entry.action, "\(error)", seconds: entry.seconds)
      }
      return
    }
    let index = campaign.store.index
    try index.transaction { () throws(StoreError) in
      try beginHistory()
      for entry in batch {
        let record = entry.action.planned.record
        try index.record(
          ActionEntry(parts: entry.parts, explanation: record.explanation, seconds: entry.seconds),
          as: record.key)
      }
    }
    for entry in batch {
      let (action, key) = (entry.action, entry.action.planned.record.key)
      made.insert(key)
      leave(key)
      record(
        action.planned.name, action.node, key: key, .ran, seconds: entry.seconds, why: action.planned.why)
      try finishTwins(of: action, entry.parts)
    }
  }

  /// Enters this run into the history, if it is not there yet: one that is killed later stands there without an end.
  private func beginHistory() throws(StoreError) {
    guard runNumber == nil else { return }
    runNumber = try campaign.store.index.beginRun(
      started: startMoment, campaign: campaign.file, targets: options.targets)
  }

  /// Gives a result to the actions that are equal to the one that made it.
  func finishTwins(of action: WaitingAction, _ parts: [StoredPart]) throws {
    let key = action.planned.record.key
    for twin in twins.removeValue(forKey: key) ?? [] {
      record(twin.planned.name, twin.node, key: key, .cached, why: "equal to '\(action.planned.name)'")
      try finish(twin, parts)
    }
  }

  /// Remembers what each action was, when it was used, and how the run ended.
  func recordRun() throws {
    let index = campaign.store.index
    let moment = fileClock()
    let latest = recordOrder.compactMap { name -> (name: ActionName, key: Digest)? in
      guard let record = records[name], let key = record.key,
        record.status == .ran || record.status == .cached
      else { return nil }
      return (name, key)
    }
    let stale = try index.staleKeys(among: Set(latest.map(\.key)).sorted(), at: moment)
    let summary = summary()
    let isTold = runNumber != nil || summary.count(.ran) + summary.count(.failed) > 0
    try index.transaction { () throws(StoreError) in
      for (name, key) in latest { try index.setLatestKey(key, of: name) }
      for key in stale { try index.noteUse(of: key, at: moment) }
      guard isTold else { return }
      try beginHistory()
      if let runNumber { try index.endRun(runNumber, summary) }
    }
  }
}
