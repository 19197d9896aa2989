// What a run says to people: the words, and the plain report of pipes, logs and cron.

import ReelPlanning
import ReelStage

/// Where a report's text goes.
public struct ReportOutput {
  /// To standard output.
  let say: (String) -> Void
  /// To standard error.
  let complain: (String) -> Void

  public init(say: @escaping (String) -> Void, complain: @escaping (String) -> Void) {
    self.say = say
    self.complain = complain
  }
}

/// Tells people of a run.
public protocol RunReport {
  mutating func hear(_ event: RunEvent)
  /// The last words, when the run is over.
  mutating func finish(_ summary: RunSummary)
}

/// Says nothing but what went wrong.
public struct QuietReport: RunReport {
  private let output: ReportOutput
  private var complaints = Complaints()

  public init(_ output: ReportOutput) { self.output = output }

  public mutating func hear(_ event: RunEvent) {
    if let line = complaints.line(for: event) { output.complain(line + "\n") }
  }

  public mutating func finish(_ summary: RunSummary) {
    for line in complaints.repeats { output.complain(line + "\n") }
  }
}

/// One line for everything that happened.
public struct PlainReport: RunReport {
  private let output: ReportOutput
  private var complaints = Complaints()

  public init(_ output: ReportOutput) { self.output = output }

  public mutating func hear(_ event: RunEvent) {
    if let line = complaints.line(for: event) { output.complain(line + "\n") }
    if let line = event.line { output.say(line + "\n") }
  }

  public mutating func finish(_ summary: RunSummary) {
    for line in complaints.repeats { output.complain(line + "\n") }
    output.say(summary.line + "\n")
  }
}

/// What goes to standard error. A node's runs of frames and shots that fail for one reason are told of once, and
/// counted.
struct Complaints {
  private struct Failure: Hashable {
    let node: String
    let variant: String
    let message: String
  }

  /// The failures told, in order.
  private var told: [Failure] = []
  /// By failure, what failed likewise after that.
  private var others: [Failure: [ActionName]] = [:]

  /// The line for an event that is worth one.
  mutating func line(for event: RunEvent) -> String? {
    guard case .ended(let record) = event, let message = record.message, record.name.span != nil else {
      return event.complaint
    }
    let failure = Failure(node: record.name.node, variant: record.name.variant, message: message)
    if others[failure] != nil {
      others[failure, default: []].append(record.name)
      return nil
    }
    told.append(failure)
    others[failure] = []
    return event.complaint
  }

  /// Whose failures ``line(for:)`` kept back: one line for each that was told.
  var repeats: [String] {
    told.compactMap { failure in
      guard let names = others[failure], let last = names.last else { return nil }
      let shown = names.count > 3 ? "\(names[0]) to \(last), \(names.count) in all" : list(names)
      return escaped("\(shown): failed for the same reason")
    }
  }

  private func list(_ names: [ActionName]) -> String { names.map(\.description).joined(separator: ", ") }
}

extension RunEvent {
  /// The line that tells of this, if it is worth one; safe on a terminal.
  var line: String? { words.map { escaped($0) } }

  private var words: String? {
    switch self {
    case .ended(let record):
      switch record.status {
      case .ran: "ran \(record.name) in \(duration(record.seconds)): \(record.why)"
      case .skipped: "skipped \(record.name): \(record.why)"
      case .cached, .failed: nil
      }
    case .log(let name, let line): "\(name): \(line)"
    case .wrote(let path): "wrote \(path)"
    default: nil
    }
  }

  /// What goes to standard error; safe on a terminal.
  var complaint: String? { complaintWords.map { escaped($0) } }

  private var complaintWords: String? {
    switch self {
    case .ended(let record): record.message.map { "\(record.name): \($0)" }
    case .notWritten(_, let reason): reason
    case .note(let text): text
    default: nil
    }
  }
}

extension RunSummary {
  /// `done in 12.3 s: 8 ran, 21 cached, 0 failed, 0 skipped; 4 outputs, 2 written`.
  public var line: String {
    let counts = ActionRecord.Status.allCases.map { "\(count($0)) \($0.rawValue)" }.joined(separator: ", ")
    let end =
      signal != nil
      ? "interrupted after"
      : wasCancelled ? "cancelled after" : exitCode == .done ? "done in" : "failed after"
    let outputCount = outputs.count + untouched.outputs
    let files = outputCount == 1 ? "1 output" : "\(outputCount) outputs"
    return "\(end) \(duration(seconds)): \(counts); \(files), \(written.count) written"
      + (unwritten.isEmpty ? "" : ", \(unwritten.count) could not be")
  }

  /// The run as `build --json` writes it.
  public var json: JSON {
    [
      "actions": .array(records.map(\.json)), "seconds": .number(seconds),
      "outputs": .array(outputs.map { .string($0) }), "written": .array(written.map { .string($0) }),
      "interrupted": .bool(signal != nil),
    ]
  }
}

/// `0.42 s`, `12.3 s`, `3:07`, `1:02:03`.
public func duration(_ seconds: Double) -> String {
  func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  if seconds < 59.95 {
    let scale = seconds < 9.995 ? 100 : 10
    let ticks = Int((seconds * Double(scale)).rounded())
    let fraction = String(ticks % scale)
    let zeros = String(repeating: "0", count: (scale == 100 ? 2 : 1) - fraction.count)
    return "\(ticks / scale).\(zeros)\(fraction) s"
  }
  let whole = Int(min(seconds, 1e9).rounded())
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0
    ? "\(hours):\(padded(minutes)):\(padded(whole % 60))" : "\(minutes):\(padded(whole % 60))"
}
