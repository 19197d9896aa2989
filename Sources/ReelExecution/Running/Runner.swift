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
  let startTime = steadyClock()

  /// By node, how far this pass is.
  var states: [NodeState] = []
  /// Nodes whose sources are all done.
  var ready: [Int] = []
  /// Actions that wait for their turn.
  var pending: [WaitingAction] = []
  /// By number, the actions at work.
  var running: [Int: RunningAction] = [:]
  var started = 0
  /// The keys of actions that wait or run.
  var inLine: Set<Digest> = []
  /// By stage, how many wanted nodes are not closed.
  var openNodes: [String: Int] = [:]
  /// By key, the actions that wait for an equal one.
  var twins: [Digest: [WaitingAction]] = [:]
  var isWriting = false
  var unwrittenOutputs: [Int] = []
  /// Why another pass is needed.
  var repeatReasons: [String] = []
  /// By what they are called, what became of actions in this run.
  var records: [ActionName: ActionRecord] = [:]
  var recordOrder: [ActionName] = []
  /// The actions that were run, not found, in this run.
  var made: Set<Digest> = []
  var outputStates: [Int: OutputState] = [:]
  var signal: Int32?
  /// Asked about ten times a second: whether the run is to end as it does at a signal, since its result is not
  /// wanted any more.
  public var isObsolete: () -> Bool = { false }
  private(set) var wasCancelled = false

  enum OutputState { case right, written, failed }

  /// - Parameter hear: called on the thread that calls ``run()``.
  public init(
    _ campaign: Campaign, selection: Selection, options: RunOptions, hear: @escaping (RunEvent) -> Void
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
  }

  /// How often a pass is repeated: a disk that damages all it is given must end.
  private static let passLimit = 5

  /// Builds everything that is wanted.
  public func run() throws -> RunSummary {
    if campaign.store.lostIndex {
      hear(.note("\(campaign.store.folder)/index.sqlite: was damaged; begun anew, so all is built again"))
    }
    var passes = 0
    repeat {
      repeatReasons = []
      passes += 1
      try pass()
      for reason in repeatReasons { hear(.note(reason)) }
    } while !repeatReasons.isEmpty && passes < Self.passLimit && !isInterrupted && !isStopping
    if !repeatReasons.isEmpty, !isInterrupted { endPostponedNodes() }
    try Measurements.phase("remember the run") { try recordLatest() }
    return summary()
  }

  private func pass() throws {
    begin()
    defer { endAll() }
    while true {
      try openReadyNodes()
      try launch()
      try writeNextOutput()
      if running.isEmpty, !isWriting, pending.isEmpty || isStopping { break }
      hear(.tick(running: running.count, waiting: pending.count))
      let (events, signal) = queue.wait(milliseconds: 100)
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
    isInterrupted || !options.keepsGoing && records.values.contains { $0.status == .failed }
  }

  /// Ends workers; after a signal also those that are at work, and waits until their threads have let go. After
  /// a cancellation the process lives on, and the next run must not meet an output that is being written.
  private func endAll() {
    pool.endAll()
    for action in running.values { action.worker.kill() }
    let deadline = steadyClock() + 0.8
    while !running.isEmpty && steadyClock() < deadline || isWriting && wasCancelled {
      for event in queue.wait(milliseconds: 50).events {
        switch event {
        case .actionEnded(let number, _, _): running[number] = nil
        case .outputEnded: isWriting = false
        case .heard: break
        }
      }
    }
    running = [:]
  }

  /// Remembers what each action was, for the next run's explanations.
  private func recordLatest() throws {
    let index = campaign.store.index
    var changes: [(Digest, ActionName)] = []
    for name in recordOrder {
      guard let record = records[name], let key = record.key,
        record.status == .ran || record.status == .cached,
        try index.latestKey(of: name) != key
      else { continue }
      changes.append((key, name))
    }
    if changes.isEmpty { return }
    try index.transaction { () throws(StoreError) in
      for (key, name) in changes { try index.setLatestKey(key, of: name) }
    }
  }

  private func summary() -> RunSummary {
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

extension GraphNode {
  /// The indices of the nodes that this one reads, each once, ascending.
  var sources: [Int] { Set(inputs.values.joined().map(\.node)).sorted() }
}
