// Workers kept warm between actions.

/// The workers that wait for their next action. Used by the run's main thread, which starts them.
final class WorkerPool {
  private let executable: String
  /// How many may wait: their models stay in memory.
  private let limit: Int
  /// The one that has waited longest first.
  private(set) var idle: [WorkerProcess] = []

  init(executable: String, limit: Int) {
    self.executable = executable
    self.limit = limit
  }

  /// A worker for the plugin: one that waits, or a new one.
  func take(_ plugin: Plugin) throws(WorkerError) -> WorkerProcess {
    if let index = idle.lastIndex(where: { $0.plugin == plugin.path }) { return idle.remove(at: index) }
    return try WorkerProcess(executable: executable, plugin: plugin.path, stage: plugin.stage)
  }

  /// Takes a worker back, to wait for another action.
  func give(_ worker: WorkerProcess) {
    guard worker.isUsable else { return }
    idle.append(worker)
    if idle.count > limit { idle.removeFirst() }
  }

  /// Ends the waiting workers of a stage that nothing more is asked of.
  func end(stage: String) { idle.removeAll { $0.stage == stage } }

  func endAll() { idle = [] }
}
