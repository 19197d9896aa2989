// A run in time, in Chrome's trace event format, for Perfetto and chrome://tracing.
//
// The format is the JSON object of "Trace Event Format" (Google, 2016): metadata (M), complete (X) and counter
// (C) events, times in microseconds.

import ReelPlanning
import ReelStage

/// Collects what a run tells of, one row for each action that is at work at the same time.
public struct RunTrace {
  private let clock: () -> Double
  private var slices: [Slice] = []
  /// By row, the slice that is open there.
  private var open: [Int?] = []
  /// By name, the slice that closed last: what became of the action is told after that.
  private var latest: [ActionName: Int] = [:]
  private var counts: [(time: Double, running: Int, waiting: Int)] = []

  private struct Slice {
    let name: ActionName
    let row: Int
    let start: Double
    let threads: Int
    var end: Double?
    var record: ActionRecord?
  }

  /// - Parameter clock: seconds; the clock of the phases that ``json(_:phases:)`` is given.
  public init(clock: @escaping () -> Double = steadyClock) { self.clock = clock }

  public mutating func hear(_ event: RunEvent) {
    switch event {
    case .began(let name, _, let threads): begin(name, threads: threads)
    case .stopped(let name):
      guard let row = open.firstIndex(where: { $0.map { slices[$0].name == name } ?? false }) else { return }
      close(row)
    case .ended(let record):
      if let slice = latest.removeValue(forKey: record.name) { slices[slice].record = record }
    case .tick(let running, let waiting):
      if let last = counts.last, (last.running, last.waiting) == (running, waiting) { return }
      counts.append((clock(), running, waiting))
    case .progress, .log, .wrote, .notWritten, .note: break
    }
  }

  private mutating func begin(_ name: ActionName, threads: Int) {
    let row = open.firstIndex { $0 == nil } ?? open.count
    if row == open.count { open.append(nil) }
    open[row] = slices.count
    slices.append(Slice(name: name, row: row, start: clock(), threads: threads))
  }

  private mutating func close(_ row: Int) {
    guard let slice = open[row] else { return }
    slices[slice].end = clock()
    latest[slices[slice].name] = slice
    open[row] = nil
  }

  // MARK: The file

  /// The trace, with the host's own work on rows above the actions.
  ///
  /// What was at work when a signal ended the run ends with it.
  public mutating func json(_ summary: RunSummary, phases: [Phase]) -> JSON {
    for row in open.indices { close(row) }
    counts.append((clock(), 0, 0))
    let times = phases.map(\.start) + slices.map(\.start) + counts.map(\.time)
    let origin = times.min() ?? 0
    var timed = phases.map { event(of: $0, origin) } + slices.map { event(of: $0, origin) }
    timed += counts.map { count in
      Event(
        start: Self.microseconds(count.time - origin), length: 0,
        json: [
          "ph": "C", "name": "actions", "pid": 1, "ts": .integer(Self.microseconds(count.time - origin)),
          "args": ["running": .integer(count.running), "waiting": .integer(count.waiting)],
        ])
    }
    // What encloses comes before what it encloses.
    timed.sort { ($0.start, -$0.length) < ($1.start, -$1.length) }
    return [
      "displayTimeUnit": "ms", "otherData": ["reel": .string(reelVersion), "run": .string(summary.line)],
      "traceEvents": .array(rowNames + timed.map(\.json)),
    ]
  }

  private struct Event {
    let start: Int
    let length: Int
    let json: JSON
  }

  private static func microseconds(_ seconds: Double) -> Int { Int((seconds * 1e6).rounded()) }

  private static func thread(of row: Phase.Row) -> Int { row == .host ? 1 : 2 }
  private static func thread(ofSlot row: Int) -> Int { 3 + row }

  /// The metadata that give the rows their names and order.
  private var rowNames: [JSON] {
    func name(_ kind: String, _ thread: Int, _ arguments: JSON) -> JSON {
      ["ph": "M", "name": .string(kind), "pid": 1, "tid": .integer(thread), "args": arguments]
    }
    let rows =
      [(1, "reel"), (2, "outputs")] + open.indices.map { (Self.thread(ofSlot: $0), "slot \($0 + 1)") }
    return [name("process_name", 1, ["name": "reel build"])]
      + rows.flatMap { thread, text in
        [
          name("thread_name", thread, ["name": .string(text)]),
          name("thread_sort_index", thread, ["sort_index": .integer(thread)]),
        ]
      }
  }

  private func slice(
    _ name: String, _ category: String, from start: Double, to end: Double, thread: Int, arguments: JSON,
    isFailure: Bool = false
  ) -> Event {
    let (first, last) = (Self.microseconds(start), Self.microseconds(end))
    var members: [String: JSON] = [
      "ph": "X", "name": .string(name), "cat": .string(category), "pid": 1, "tid": .integer(thread),
      "ts": .integer(first), "dur": .integer(last - first), "args": arguments,
    ]
    if isFailure { members["cname"] = "terrible" }
    return Event(start: first, length: last - first, json: .object(members))
  }

  private func event(of phase: Phase, _ origin: Double) -> Event {
    slice(
      phase.detail ?? phase.name, "host", from: phase.start - origin, to: phase.end - origin,
      thread: Self.thread(of: phase.row), arguments: ["phase": .string(phase.name)])
  }

  private func event(of slice: Slice, _ origin: Double) -> Event {
    var arguments: [String: JSON] = [:]
    // One that was stopped, or is to be tried again, has no record.
    if case .object(let members)? = slice.record?.json { arguments = members }
    arguments["seconds"] = nil
    arguments["node"] = .string(slice.name.node)
    arguments["status"] = arguments["status"] ?? "ended without a result"
    arguments["threads"] = .integer(slice.threads)
    return self.slice(
      slice.name.description, "action", from: slice.start - origin, to: (slice.end ?? slice.start) - origin,
      thread: Self.thread(ofSlot: slice.row), arguments: .object(arguments),
      isFailure: slice.record?.status != .ran)
  }
}
