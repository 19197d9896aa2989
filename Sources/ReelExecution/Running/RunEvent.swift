// What a run tells while it goes on, and what it leaves: one record an action.

import ReelPlanning
import ReelStage

/// Something that happened in a run.
public enum RunEvent: Sendable {
  /// An action was handed to a worker: why it runs, and on how many threads.
  case began(ActionName, why: String, threads: Int)
  case progress(ActionName, done: Int, total: Int, unit: String)
  /// A line that the stage wrote to the log.
  case log(ActionName, String)
  /// An action is at work no longer. What became of it follows, unless it is tried again.
  case stopped(ActionName)
  case ended(ActionRecord)
  /// An output was written; one that already stood there as wanted is not told of.
  case wrote(path: String)
  /// An output could not be written.
  case notWritten(path: String, reason: String)
  /// Something that the user may want to know.
  case note(String)
  /// Time has passed: a tenth of a second or less. So many actions are at work, and so many wait for their turn.
  case tick(running: Int, waiting: Int)
}

/// What became of an action; or of a whole node, where it could not be cut into actions.
public struct ActionRecord: Hashable, Sendable {
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case ran, cached, failed, skipped
  }

  public let name: ActionName
  public let stage: String
  public let variant: Variant
  /// `nil` where the inputs never became known.
  public let key: Digest?
  public let status: Status
  /// How long it took; 0 where it did not run.
  public let seconds: Double
  /// Why it ran, failed or was skipped.
  public let why: String
  /// What went wrong.
  public let message: String?

  package init(
    name: ActionName, stage: String, variant: Variant, key: Digest?, status: Status, seconds: Double,
    why: String,
    message: String?
  ) {
    self.name = name
    self.stage = stage
    self.variant = variant
    self.key = key
    self.status = status
    self.seconds = seconds
    self.why = why
    self.message = message
  }

  public var json: JSON {
    var members: [String: JSON] = [
      "name": .string("\(name)"), "node": .string(name.node), "variant": variant.json,
      "stage": .string(stage),
      "status": .string(status.rawValue), "seconds": .number((seconds * 1000).rounded() / 1000),
      "why": .string(why),
      "span": name.span.map { .string($0) } ?? .null, "key": key.map { .string("\($0)") } ?? .null,
    ]
    members["error"] = message.map { .string($0) }
    return .object(members)
  }
}

extension ActionName: CustomStringConvertible {
  /// `footage@market=jp#2`: the node, its variant, the shot or the run of frames.
  public var description: String {
    nodeName + (span.map { "#" + $0 } ?? "")
  }

  /// `footage@market=jp`: the node and its variant, as ``GraphNode/name`` has them.
  public var nodeName: String { node + (variant.isEmpty ? "" : "@" + variant) }
}

/// How a run ended.
public struct RunSummary: Sendable {
  public var records: [ActionRecord] = []
  /// Paths of the outputs that are as wanted, in the order of the pipeline.
  public var outputs: [String] = []
  /// Of those, the ones that were written.
  public var written: [String] = []
  /// Outputs that could not be written.
  public var unwritten: [String] = []
  /// The signal that ended the run.
  public var signal: Int32?
  /// Whether it was ended because its result was not wanted any more.
  public var wasCancelled = false
  public var seconds = 0.0
  /// How many actions and outputs were not looked at one by one, since a snapshot knows that they are as wanted.
  public var untouched = (actions: 0, outputs: 0)

  package init() {}

  public func count(_ status: ActionRecord.Status) -> Int {
    records.count { $0.status == status } + (status == .cached ? untouched.actions : 0)
  }

  public var exitCode: ExitCode {
    if let signal { return .interrupted(signal: signal) }
    return wasCancelled || count(.failed) > 0 || !unwritten.isEmpty ? .failed : .done
  }
}
