// What this process did beside running actions: counts and phases, for `build -d stats` and `--trace`.

import Synchronization

/// A count of one kind of work. The process has one of each, since it runs one command; a relaxed addition is
/// cheaper than anything that is counted.
public final class Counter: Sendable {
  public let name: String
  private let count = Atomic(0)

  private init(_ name: String) { self.name = name }

  public var value: Int { count.load(ordering: .relaxed) }

  func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

  fileprivate func reset() { count.store(0, ordering: .relaxed) }

  static let looks = Counter("looks at files (stat)")
  static let readFiles = Counter("files read")
  static let readBytes = Counter("bytes read")
  static let hashedFiles = Counter("files hashed")
  static let hashedBytes = Counter("bytes hashed")
  static let statements = Counter("SQL statements")
  static let workers = Counter("workers started")

  /// Every counter, in the order in which they are printed.
  public static let all = [looks, readFiles, readBytes, hashedFiles, hashedBytes, statements, workers]
}

/// A stretch of the host's own work.
public struct Phase: Hashable, Sendable {
  /// Where it happened: phases of one row follow or enclose each other.
  public enum Row: Hashable, Sendable, CaseIterable { case host, outputs }

  public let name: String
  /// What of many it was about: an output's path.
  public let detail: String?
  public let row: Row
  /// Seconds on the steady clock.
  public let start: Double
  public let end: Double

  package init(_ name: String, detail: String? = nil, row: Row = .host, start: Double, end: Double) {
    self.name = name
    self.detail = detail
    self.row = row
    self.start = start
    self.end = end
  }
}

/// The counts and phases since the process started or they were last begun anew.
public enum Measurements {
  private static let recorded = Mutex<[Phase]>([])

  /// In the order in which they ended.
  public static var phases: [Phase] { recorded.withLock { $0 } }

  /// Forgets everything: another build of the same process begins.
  public static func begin() {
    recorded.withLock { $0 = [] }
    for counter in Counter.all { counter.reset() }
  }

  /// Runs `body` as a phase, which is recorded even where it throws.
  static func phase<Result, Failure: Error>(
    _ name: String, detail: String? = nil, row: Phase.Row = .host, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = steadyClock()
    defer {
      let phase = Phase(name, detail: detail, row: row, start: start, end: steadyClock())
      recorded.withLock { $0.append(phase) }
    }
    return try body()
  }

  /// The table of `-d stats`: how long each phase took in all, in the order in which they first ended, and the
  /// counts.
  package static func text(of phases: [Phase], counts: [(name: String, value: Int)]) -> String {
    var names: [String] = []
    var totals: [String: (times: Int, seconds: Double)] = [:]
    for phase in phases {
      if totals[phase.name] == nil { names.append(phase.name) }
      let total = totals[phase.name] ?? (0, 0)
      totals[phase.name] = (total.times + 1, total.seconds + phase.end - phase.start)
    }
    var rows = [["phase", "times", "ms"]]
    for name in names {
      let total = totals[name]!
      rows.append([name, "\(total.times)", milliseconds(total.seconds)])
    }
    rows.append(["count", "", ""])
    for count in counts { rows.append([count.name, "\(count.value)", ""]) }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let padding = (0..<3).map { String(repeating: " ", count: widths[$0] - row[$0].count) }
      let line = row[0] + padding[0] + "  " + padding[1] + row[1]
      return row[2].isEmpty ? line : line + "  " + padding[2] + row[2]
    }.map { $0.trimmedEnd + "\n" }.joined()
  }

  /// What has been measured until now, as `-d stats` prints it.
  public static var text: String {
    text(of: phases, counts: Counter.all.map { ($0.name, $0.value) })
  }

  /// `12.34`.
  private static func milliseconds(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100_000).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}

extension String {
  /// Without spaces at its end.
  fileprivate var trimmedEnd: Substring {
    self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)]
  }
}
