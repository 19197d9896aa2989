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
}

/// An action at work.
struct RunningAction {
  let waiting: WaitingAction
  let worker: WorkerProcess
}

/// What the threads of a run tell its main thread.
enum ThreadEvent: Sendable {
  case heard(ActionName, WorkerReply)
  case actionEnded(Int, Result<[StoredPart], ActionRun.Failure>, seconds: Double)
  case outputEnded(Int, Result<Bool, OutputFile.Failure>)
}

extension Runner {
  /// Puts an action in line: the longest chain first, then the order of the film.
  func enqueue(_ action: WaitingAction) {
    let key = action.planned.record.key
    guard inLine.insert(key).inserted else { return twins[key, default: []].append(action) }
    let chain = chains[action.node.index]
    let place = pending.firstIndex { chains[$0.node.index] < chain } ?? pending.endIndex
    pending.insert(action, at: place)
  }

  /// Starts actions until as many are at work as may be.
  func launch() throws {
    while running.count < options.jobs, !pending.isEmpty, !isStopping {
      let threads = max(1, options.cores / min(options.jobs, running.count + pending.count))
      launch(pending.removeFirst(), threads: threads)
    }
  }

  private func launch(_ action: WaitingAction, threads: Int) {
    guard let plugin = campaign.loader.plugins[action.node.stage],
      case .success(let manifest) = action.node.manifest
    else { return }
    let worker: WorkerProcess
    do throws(WorkerError) { worker = try pool.take(plugin) } catch {
      inLine.remove(action.planned.record.key)
      return fail(action, "\(error)", seconds: 0)
    }
    started += 1
    let number = started
    let timeout = action.node.timeout ?? options.timeout
    let run = ActionRun(
      worker: worker, manifest: manifest, action: action.planned.action,
      parameters: campaign.parameters(of: action.node), threads: threads, timeout: timeout,
      folder: "\(campaign.store.temporaryFolder)/\(number)", blobs: campaign.store.blobs)
    running[number] = RunningAction(waiting: action, worker: worker)
    hear(.began(action.planned.name))
    let name = action.planned.name
    Thread.start { [queue] in
      let start = steadyClock()
      var lastProgress = 0.0
      let result = Result { () throws(ActionRun.Failure) in
        try run.run { reply in
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
      inLine.remove(action.waiting.planned.record.key)
      if openNodes[action.worker.stage, default: 0] > 0 { pool.give(action.worker) }
      try end(action.waiting, result, seconds: seconds)
    case .outputEnded(let output, let result):
      isWriting = false
      try endOutput(output, result)
    }
  }

  private func end(
    _ action: WaitingAction, _ result: Result<[StoredPart], ActionRun.Failure>, seconds: Double
  ) throws {
    switch result {
    case .success(let parts): try publish(action, parts, seconds: seconds)
    case .failure(.damaged(let digest)): try postpone(action.node, damaged: digest)
    case .failure(.worker(.failed(let why))): retry(action, why, seconds: seconds)
    case .failure(.worker(let error)): retry(action, "\(error)", seconds: seconds)
    case .failure(.file(let error)): fail(action, "\(error)", seconds: seconds)
    }
  }

  /// Enters a result into the index, if what it was made of is still there.
  private func publish(_ action: WaitingAction, _ parts: [StoredPart], seconds: Double) throws {
    guard campaign.hasItsPlugin(action.node) else {
      let path = campaign.loader.plugins[action.node.stage]?.path ?? action.node.stage
      return fail(action, "\(path): the plugin changed while it was at work; build again", seconds: seconds)
    }
    if let path = try campaign.changedSource(of: action.node) {
      repeatReasons.append("\(path): changed while '\(action.planned.name)' ran; done again")
      campaign.forget(source: path)
      settle(action.node, as: .postponed)
      return
    }
    let key = action.planned.record.key
    let entry = ActionEntry(parts: parts, explanation: action.planned.record.explanation, seconds: seconds)
    try campaign.store.index.record(entry, as: key)
    made.insert(key)
    record(
      action.planned.name, action.node, key: key, .ran, seconds: seconds, why: action.planned.why)
    try finish(action, parts)
    for twin in twins.removeValue(forKey: key) ?? [] {
      record(twin.planned.name, twin.node, key: key, .cached, why: "equal to '\(action.planned.name)'")
      try finish(twin, parts)
    }
  }

  /// Drops a damaged artifact; another pass makes it again.
  private func postpone(_ node: GraphNode, damaged digest: Digest) throws {
    try campaign.store.blobs.remove(digest)
    repeatReasons.append(
      "\(campaign.store.folder): artifact \(digest) was damaged; removed, to be made again")
    settle(node, as: .postponed)
  }

  private func retry(_ action: WaitingAction, _ why: String, seconds: Double) {
    guard action.attempts < action.node.retries, !isStopping else {
      return fail(action, why, seconds: seconds)
    }
    hear(.note("\(action.planned.name): \(why); trying again"))
    var again = action
    again.attempts += 1
    enqueue(again)
  }

  private func fail(_ action: WaitingAction, _ message: String, seconds: Double) {
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
    while !isWriting, !unwrittenOutputs.isEmpty {
      let output = unwrittenOutputs.removeFirst()
      guard let file = outputFile(output) else { continue }
      if try campaign.isRight(file) {
        outputStates[output] = .right
        continue
      }
      isWriting = true
      Thread.start { [queue] in
        queue.post(.outputEnded(output, Result { () throws(OutputFile.Failure) in try file.write() }))
      }
    }
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
      if let identity = settledIdentity(of: file) {
        try campaign.store.index.recordOutput(file.path, content: file.content, identity: identity)
      }
      if wasWritten { hear(.wrote(path: file.path)) }
    case .failure(.damaged(let digest)):
      try postpone(campaign.graph.nodes[campaign.graph.outputs[number].source.node], damaged: digest)
    case .failure(.file(let error)): failOutput(number, "\(error)")
    case .failure(.unusable(let reason)): failOutput(number, "\(file.path): \(reason)")
    }
  }

  private func failOutput(_ number: Int, _ message: String) {
    outputStates[number] = .failed
    hear(.notWritten(path: campaign.graph.outputs[number].path, reason: message))
  }

  /// The identity of the file just written, once a later change to it could not have the same times.
  private func settledIdentity(of file: OutputFile) -> String? {
    let identity = file.identity
    waitOutRacyTimes()
    return file.identity == identity ? identity : nil
  }
}
