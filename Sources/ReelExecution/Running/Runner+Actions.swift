// Running actions: which one is next, on how many threads, and what follows from how it ends.

import ReelPlanning
import ReelStage

/// An action that is to run.
struct WaitingAction {
  let planned: PlannedAction
  let node: GraphNode
  /// Its place among the node's actions.
  let position: Int
  /// How often it was tried.
  var attempts = 0
  /// It is not started before this time of the steady clock: it failed, or another run is at it.
  var notBefore = 0.0
}

/// An action at work.
struct RunningAction {
  let waiting: WaitingAction
  let worker: WorkerProcess
  /// Which of the run's folders it works in.
  let place: Int
}

/// What the threads of a run tell its main thread.
enum ThreadEvent: Sendable {
  case heard(ActionName, WorkerReply)
  case actionEnded(Int, Result<[StoredPart], ActionRun.Failure>, seconds: Double)
  case synchronised(Result<Void, FileError>)
  case outputEnded(Int, Result<Bool, OutputFile.Failure>)
}

extension Runner {
  /// Puts an action in line: the longest chain first, then the order of the film.
  func enqueue(_ action: WaitingAction) {
    let key = action.planned.record.key
    guard inLine.insert(key).inserted else { return twins[key, default: []].append(action) }
    pending.append(action, chain: chains[action.node.index], at: steadyClock())
  }

  func launch(_ action: WaitingAction, threads: Int) {
    guard let plugin = campaign.loader.plugins[action.node.stage],
      case .success(let manifest) = action.node.manifest
    else { return }
    let worker: WorkerProcess
    do throws(WorkerError) { worker = try pool.take(plugin) } catch {
      leave(action.planned.record.key)
      return fail(action, "\(error)", seconds: 0)
    }
    started += 1
    let number = started
    let taken = Set(running.values.map(\.place))
    let place = (0...).first { !taken.contains($0) }!
    let timeout = action.node.timeout ?? options.timeout
    let run = ActionRun(
      worker: worker, manifest: manifest, action: action.planned.action,
      parameters: campaign.parameters(of: action.node), threads: threads, timeout: timeout,
      memory: action.node.memory ?? options.memory, folder: "\(campaign.store.temporaryFolder)/\(place)",
      blobs: campaign.store.blobs, others: pool.idle + running.values.map(\.worker),
      cache: campaign.modelCache(of: action.node))
    running[number] = RunningAction(waiting: action, worker: worker, place: place)
    hear(.began(action.planned.name, why: action.planned.why, threads: threads))
    let name = action.planned.name
    Thread.start { [queue, ledger] in
      var start = steadyClock()
      var lastProgress = 0.0
      let result = Result { () throws(ActionRun.Failure) in
        if let estimate = try run.estimate() {
          ledger.promise(MemoryLedger.Claim(estimate, model: run.cache), to: worker, number: number) {
            queue.post(.heard(name, .log("waits for memory: about \(estimate.memorySize)")))
          }
          // How long it waited says nothing of the action.
          start = steadyClock()
        }
        defer { ledger.free(number) }
        return try run.run { reply in
          // A stage may tell of every frame; twenty times a second is enough for people.
          if case .progress = reply {
            guard steadyClock() - lastProgress > 0.05 else { return }
            lastProgress = steadyClock()
          }
          queue.post(.heard(name, reply))
        }
      }
      queue.post(.actionEnded(number, result, seconds: steadyClock() - start))
    }
  }

  func handle(_ event: ThreadEvent) throws {
    switch event {
    case .heard(let name, .progress(let done, let total, let unit)):
      hear(.progress(name, done: done, total: total, unit: unit))
    case .heard(let name, .log(let line)): hear(.log(name, line))
    case .heard: break
    case .actionEnded(let number, let result, let seconds):
      guard let action = running.removeValue(forKey: number) else { return }
      hear(.stopped(action.waiting.planned.name))
      if openNodes[action.worker.stage, default: 0] > 0 { pool.give(action.worker) }
      try Measurements.phase("take results") { try end(action.waiting, result, seconds: seconds) }
    case .synchronised(let result): try endPublishing(result)
    case .outputEnded(let output, let result):
      isWriting = false
      campaign.store.work.free(lockDigest(ofOutput: output))
      try endOutput(output, result)
    }
  }

  private func end(
    _ action: WaitingAction, _ result: Result<[StoredPart], ActionRun.Failure>, seconds: Double
  ) throws {
    if case .success(let parts) = result { return try publish(action, parts, seconds: seconds) }
    leave(action.planned.record.key)
    switch result {
    case .success: break
    case .failure(.damaged(let digests)): try postpone(action.node, damaged: digests)
    case .failure(.worker(.failed(let why))): retry(action, why, seconds: seconds)
    case .failure(.worker(let error)): retry(action, "\(error)", seconds: seconds)
    case .failure(.file(let error)): fail(action, "\(error)", seconds: seconds)
    }
  }

  /// Drops damaged artifacts; another pass makes them again.
  func postpone(_ node: GraphNode, damaged digests: [Digest]) throws {
    for digest in digests {
      try campaign.store.blobs.remove(digest)
      if !damaged.insert(digest).inserted { isRestless = true }
      repeatReasons.append(
        "\(campaign.store.folder): artifact \(digest) was damaged; removed, to be made again")
    }
    if !done.isEmpty { needsWholeGraph = true }
    settle(node, as: .postponed)
  }

  private func retry(_ action: WaitingAction, _ why: String, seconds: Double) {
    guard action.attempts < action.node.retries, !isStopping else {
      return fail(action, why, seconds: seconds)
    }
    var again = action
    again.attempts += 1
    let delay = Self.delay(beforeAttempt: again.attempts)
    again.notBefore = steadyClock() + delay
    hear(.note("\(action.planned.name): \(why); trying again in \(duration(delay))"))
    enqueue(again)
  }

  /// Seconds between a failure and the attempt of this number, counted from 1: twice as long each time.
  static func delay(beforeAttempt attempt: Int) -> Double { min(60, 0.5 * Double(1 << min(attempt - 1, 10))) }

  func fail(_ action: WaitingAction, _ message: String, seconds: Double) {
    let key = action.planned.record.key
    record(
      action.planned.name, action.node, key: key, .failed, seconds: seconds, why: action.planned.why,
      message: message)
    settle(action.node, as: .failed)
    for twin in twins.removeValue(forKey: key) ?? [] {
      record(twin.planned.name, twin.node, key: key, .failed, why: twin.planned.why, message: message)
      settle(twin.node, as: .failed)
    }
  }

  // MARK: Outputs

  /// Writes the next output whose node is done, on a thread of its own.
  func writeNextOutput() throws {
    // Those that another run is writing come again later.
    var others: [Int] = []
    defer { unwrittenOutputs = others + unwrittenOutputs }
    while !isWriting, !unwrittenOutputs.isEmpty {
      let output = unwrittenOutputs.removeFirst()
      guard let file = outputFile(output) else { continue }
      let lock = lockDigest(ofOutput: output)
      guard try campaign.store.work.take(lock) else {
        others.append(output)
        continue
      }
      if try campaign.isRight(file) {
        outputStates[output] = .right
        campaign.store.work.free(lock)
        continue
      }
      isWriting = true
      let folder = campaign.store.temporaryFolder
      Thread.start { [queue] in
        let result = Result { () throws(OutputFile.Failure) in
          try Measurements.phase("write outputs", detail: file.path, row: .outputs) {
            () throws(OutputFile.Failure) in try file.write(through: folder)
          }
        }
        queue.post(.outputEnded(output, result))
      }
    }
  }

  /// What the lock of an output is found by: where it is written.
  private func lockDigest(ofOutput number: Int) -> Digest {
    let target = FileSystem.path(campaign.graph.outputs[number].path, in: campaign.folder)
    return Digest(of: "output \(target)")
  }

  private func outputFile(_ number: Int) -> OutputFile? {
    let output = campaign.graph.outputs[number]
    let node = campaign.graph.nodes[output.source.node]
    guard case .done(let ports) = states[node.index] else { return nil }
    return campaign.outputFile(output, parts: ports[output.source.port] ?? [])
  }

  private func endOutput(_ number: Int, _ result: Result<Bool, OutputFile.Failure>) throws {
    guard let file = outputFile(number) else { return }
    switch result {
    case .success(let wasWritten):
      outputStates[number] = wasWritten ? .written : .right
      if let identity = file.identity { unsettledOutputs.append((file, identity)) }
      if wasWritten {
        untoldOutputs.append((campaign.graph.outputs[number].source.node, file.path))
        tellOfOutputs()
      }
    case .failure(.damaged(let digest)):
      try postpone(campaign.graph.nodes[campaign.graph.outputs[number].source.node], damaged: [digest])
    case .failure(.file(let error)): failOutput(number, "\(error)")
    case .failure(.unusable(let reason)): failOutput(number, "\(file.path): \(reason)")
    }
  }

  /// Tells of written outputs whose nodes have been told of.
  func tellOfOutputs(all: Bool = false) {
    let unpublishedNodes = Set((unpublished + publishing).map(\.action.node.index))
    for output in untoldOutputs where all || !unpublishedNodes.contains(output.node) {
      hear(.wrote(path: output.path))
    }
    untoldOutputs.removeAll { all || !unpublishedNodes.contains($0.node) }
  }

  private func failOutput(_ number: Int, _ message: String) {
    outputStates[number] = .failed
    hear(.notWritten(path: campaign.graph.outputs[number].path, reason: message))
  }

  /// Enters the outputs into the index that are still what they were when they were written, once a later change
  /// could not have the same times.
  func recordOutputs() throws {
    guard !unsettledOutputs.isEmpty else { return }
    waitOutRacyTimes()
    let index = campaign.store.index
    try index.transaction { () throws(StoreError) in
      for (file, identity) in unsettledOutputs where file.identity == identity {
        try index.recordOutput(
          file.path, of: FileSystem.name(of: campaign.file), content: file.content, identity: identity)
      }
    }
    unsettledOutputs = []
  }
}
