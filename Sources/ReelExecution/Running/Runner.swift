// A run: walks the graph, runs what the store does not have, and writes the outputs.

import Glibc
import ReelPlanning
import ReelStage

/// How a run is done.
public struct RunOptions: Sendable {
  /// How many actions run at the same time.
  public var jobs: Int
  /// Whether, after a failure, everything that does not depend on it is still built.
  public var keepsGoing = false
  /// Whether results in the store count for nothing.
  public var rebuildsAll = false
  /// Seconds that an action may take where its node does not say.
  public var timeout = 24.0 * 3600
  /// The memory that an action may take for itself where its node does not say; `nil` for no limit.
  public var memory: ByteCount?
  /// What was asked for, as the history tells it.
  public var targets: [String] = []
  public var cores: Int

  public init(jobs: Int, cores: Int = availableCores) {
    self.jobs = jobs
    self.cores = cores
  }
}

/// One run of a campaign, on the thread that calls ``run()``.
///
/// A run is a pass over the graph. Where an artifact turns out to be damaged or a source file changes,
/// another pass follows, which finds what the first one finished in the store.
public final class Runner {
  let campaign: Campaign
  let options: RunOptions
  let hear: (RunEvent) -> Void
  /// By index in the graph, whether the node is wanted.
  let isWanted: [Bool]
  /// The outputs that are written, by their places in the graph.
  let wantedOutputs: [Int]
  /// By node, those of them that it makes.
  let outputsByNode: [Int: [Int]]
  /// By node, the nodes that read it.
  let readers: [[Int]]
  /// By node, the length of the longest chain that starts with it.
  let chains: [Int]
  let queue = EventQueue<ThreadEvent>()
  let pool: WorkerPool
  let ledger = MemoryLedger()
  let startTime: Double
  /// Nanoseconds since 1970.
  let startMoment: Int
  /// By node, what those have made that are not looked at: all but some nodes were left as a snapshot knows them.
  let done: [Int: [String: [Part]]]

  /// By node, how far this pass is.
  var states: [NodeState] = []
  /// Nodes whose sources are all done.
  var ready: [Int] = []
  /// Actions that wait for their turn.
  var pending = WaitingLine()
  /// By number, the actions at work.
  var running: [Int: RunningAction] = [:]
  var started = 0
  /// The keys of actions that wait or run.
  var inLine: Set<Digest> = []
  /// By node that is done in this pass, what its actions made.
  var results: [Int: [StoredResult]] = [:]
  /// By stage, how many wanted nodes are not closed.
  var openNodes: [String: Int] = [:]
  /// By key, the actions that wait for an equal one.
  var twins: [Digest: [WaitingAction]] = [:]
  /// Results whose blobs may not be on the disk yet.
  var unpublished: [UnpublishedAction] = []
  /// Of those, the ones whose blobs are being sent there.
  var publishing: [UnpublishedAction] = []
  /// This run's number in the history, once it has one.
  var runNumber: Int?
  var hasToldOfOthers = false
  var isWriting = false
  var unwrittenOutputs: [Int] = []
  /// Outputs that are written and not told of: first comes what made them.
  var untoldOutputs: [(node: Int, path: String)] = []
  /// Outputs that are not in the index yet, with what stood at their targets once they were written.
  var unsettledOutputs: [(file: OutputFile, identity: String)] = []
  /// Why another pass is needed.
  var repeatReasons: [String] = []
  /// Whether it is needed since something changed that may change again.
  var isRestless = false
  /// The artifacts that were found damaged in this run.
  var damaged: Set<Digest> = []
  /// By what they are called, what became of actions in this run.
  var records: [ActionName: ActionRecord] = [:]
  var recordOrder: [ActionName] = []
  var hasFailed = false
  /// Whether an artifact was lost of a node that is not looked at: only a run of the whole graph makes it again.
  var needsWholeGraph = false
  /// The actions that were run, not found, in this run.
  var made: Set<Digest> = []
  var outputStates: [Int: OutputState] = [:]
  var signal: Int32?
  /// Asked about ten times a second: whether the run is to end as it does at a signal, since its result is not
  /// wanted any more.
  public var isObsolete: () -> Bool = { false }
  private(set) var wasCancelled = false

  enum OutputState { case right, written, failed }

  /// - Parameters:
  ///   - done: by node, what those made that are not looked at.
  ///   - earlier: a run of some of the nodes that this one goes on with.
  ///   - hear: called on the thread that calls ``run()``.
  init(
    _ campaign: Campaign, selection: Selection, options: RunOptions, done: [Int: [String: [Part]]] = [:],
    after earlier: Runner? = nil, hear: @escaping (RunEvent) -> Void
  ) {
    self.campaign = campaign
    self.options = options
    self.hear = hear
    isWanted = campaign.graph.isWanted(in: selection)
    wantedOutputs = selection.outputs
    outputsByNode = Dictionary(grouping: selection.outputs) { campaign.graph.outputs[$0].source.node }
    readers = campaign.graph.readers
    chains = campaign.graph.chains(readers: readers)
    pool = WorkerPool(executable: Installation.worker, limit: options.jobs + 1)
    self.done = done
    startTime = earlier?.startTime ?? steadyClock()
    startMoment = earlier?.startMoment ?? fileClock()
    if let earlier {
      (records, recordOrder, made) = (earlier.records, earlier.recordOrder, earlier.made)
      (hasFailed, runNumber) = (earlier.hasFailed, earlier.runNumber)
    }
  }

  /// How often a pass is repeated for what does not come to rest: a source that changes all the time, a disk that
  /// damages all it is given. A pass that met an artifact's first damage does not count.
  private static let passLimit = 5

  /// Builds everything that is wanted.
  func run() throws -> RunSummary {
    if campaign.store.lostIndex {
      hear(.note("\(campaign.store.folder)/index.sqlite: was damaged; begun anew, so all is built again"))
    }
    var passes = 0
    repeat {
      repeatReasons = []
      isRestless = false
      try pass()
      if isRestless { passes += 1 }
      for reason in repeatReasons { hear(.note(reason)) }
    } while !repeatReasons.isEmpty && passes < Self.passLimit && !isInterrupted && !isStopping
      && !needsWholeGraph
    if !repeatReasons.isEmpty, !isInterrupted, !needsWholeGraph { endPostponedNodes() }
    do {
      try Measurements.phase("remember the run") {
        try recordOutputs()
        try recordRun()
      }
    } catch {
      // A run that failed, on a full disk perhaps, has said why.
      guard summary().exitCode != .done else { throw error }
    }
    return summary()
  }

  private func pass() throws {
    begin()
    defer { tellOfDroppedRows() }
    defer { endAll() }
    while true {
      try openReadyNodes()
      try launch()
      synchroniseResults()
      try writeNextOutput()
      if running.isEmpty, publishing.isEmpty, !isWriting, unwrittenOutputs.isEmpty,
        pending.isEmpty && ready.isEmpty || isStopping
      {
        break
      }
      hear(.tick(running: running.count, waiting: pending.count))
      let (events, signal) = queue.wait(milliseconds: patience)
      if let signal { self.signal = signal }
      for event in events { try handle(event) }
      wasCancelled = wasCancelled || isObsolete()
      if isInterrupted { break }
    }
    if !isInterrupted { skipTheRest() }
  }

  var isInterrupted: Bool { signal != nil || wasCancelled }

  /// Whether nothing new is begun.
  var isStopping: Bool {
    isInterrupted || hasFailed && !options.keepsGoing
  }

  /// Ends workers; after a signal also those that are at work, and waits until their threads have let go. After
  /// a cancellation the process lives on, and the next run must not meet an output that is being written.
  private func endAll() {
    pool.endAll()
    if isInterrupted { ledger.close() }
    for action in running.values { action.worker.kill() }
    let deadline = steadyClock() + 0.8
    synchroniseResults()
    while (!running.isEmpty || !publishing.isEmpty) && steadyClock() < deadline || isWriting && wasCancelled {
      for event in queue.wait(milliseconds: 50).events {
        switch event {
        case .actionEnded(let number, _, _): running[number] = nil
        case .synchronised(let result): try? endPublishing(result)
        case .outputEnded: isWriting = false
        case .heard: break
        }
      }
    }
    running = [:]
    tellOfOutputs(all: true)
  }

  /// Names what the index was found to have wrong.
  private func tellOfDroppedRows() {
    let index = campaign.store.index
    for row in index.droppedRows { hear(.note("\(index.path): \(row) was damaged; dropped")) }
    index.droppedRows = []
  }

  func summary() -> RunSummary {
    var summary = RunSummary()
    summary.records = recordOrder.compactMap { records[$0] }
    for output in wantedOutputs {
      let path = campaign.graph.outputs[output].path
      switch outputStates[output] {
      case .right: summary.outputs.append(path)
      case .written:
        summary.outputs.append(path)
        summary.written.append(path)
      case .failed: summary.unwritten.append(path)
      case nil: break
      }
    }
    summary.signal = signal
    summary.wasCancelled = wasCancelled
    summary.seconds = steadyClock() - startTime
    return summary
  }
}

extension Graph {
  /// By index, whether the node is in the selection.
  func isWanted(in selection: Selection) -> [Bool] {
    var isWanted = [Bool](repeating: false, count: nodes.count)
    for node in selection.nodes { isWanted[node] = true }
    return isWanted
  }

  /// By node, the nodes that read it, each once.
  var readers: [[Int]] {
    var readers = [[Int]](repeating: [], count: nodes.count)
    for node in nodes {
      for source in node.sources { readers[source].append(node.index) }
    }
    return readers
  }

  /// By node, the length of the longest chain of nodes that starts with it.
  func chains(readers: [[Int]]) -> [Int] {
    var chains = [Int](repeating: 1, count: nodes.count)
    for node in nodes.indices.reversed() {
      chains[node] = 1 + (readers[node].map { chains[$0] }.max() ?? 0)
    }
    return chains
  }
}
