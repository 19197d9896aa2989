// All that can go wrong with an action once it is handed to a worker, worded in one place.

import Glibc
import ReelPlanning

/// Why an action gave no result. The host puts the node, the variant and the shot in front.
public enum WorkerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The worker's program cannot be run.
  case cannotStart(String)
  /// The plugin cannot be loaded; the text names its file.
  case refused(String)
  /// The stage said that it cannot do this.
  case failed(String)
  case crashed(plugin: String, signal: Int32, lastWords: String)
  case exited(plugin: String, status: Int32, lastWords: String)
  /// The system killed the worker because memory had run out.
  case outOfMemory(plugin: String)
  case tooMuchMemory(plugin: String, limit: ByteCount)
  /// It would take more memory than there is for it, and was not begun.
  case doesNotFit(needed: ByteCount, room: MemoryRoom, remedies: [String])
  case timedOut(plugin: String, seconds: Double)
  /// It did not even get as far as its manifest.
  case loadingTimedOut(plugin: String, seconds: Double)
  case brokeProtocol(plugin: String)
  /// The part was never written, or is no regular file.
  case partNotThere(plugin: String, port: String)
  case partElsewhere(plugin: String, port: String, path: String)
  case unknownPort(plugin: String, port: String)
  case wrongPartCount(plugin: String, port: String, wanted: String, found: Int)
  case unusablePart(plugin: String, port: String, reason: String)
  /// The run was interrupted.
  case cancelled

  public var description: String {
    switch self {
    case .cannotStart(let why): why
    case .refused(let why), .failed(let why): why
    case .crashed(let plugin, let signal, let lastWords):
      "plugin '\(plugin)' crashed (\(Self.name(of: signal)))" + Self.tail(lastWords)
    case .exited(let plugin, let status, let lastWords):
      "plugin '\(plugin)' ended its worker with status \(status)" + Self.tail(lastWords)
    case .timedOut(let plugin, let seconds):
      "plugin '\(plugin)' was stopped after \(Self.text(seconds)); "
        + "raise the node's 'timeout' if it needs longer"
    case .outOfMemory(let plugin):
      "plugin '\(plugin)' was killed by the system, which had run out of memory; run fewer actions at a time (-j), "
        + "or limit the node's 'memory'"
    case .tooMuchMemory(let plugin, let limit):
      "plugin '\(plugin)' used more than \(limit) of memory and was stopped; raise the node's 'memory' "
        + "(or --memory) if it needs more"
    case .doesNotFit(let needed, .limit(let limit), let remedies):
      "takes about \(needed) of memory, and the node's 'memory' (or --memory) allows \(limit); raise it"
        + (remedies.isEmpty ? "" : ", or take less with \(Self.alternatives(remedies))")
    case .doesNotFit(let needed, .machine(let free), let remedies):
      "takes about \(needed) of memory, and this machine has \(free) free"
        + (remedies.isEmpty ? "" : "; take less with \(Self.alternatives(remedies))")
    case .loadingTimedOut(let plugin, let seconds):
      "plugin '\(plugin)' did not finish loading within \(Self.text(seconds)); what it does before its stage "
        + "runs must be quick"
    case .brokeProtocol(let plugin):
      "plugin '\(plugin)' wrote to its worker's socket (file descriptor 3); print to standard output instead"
    case .partNotThere(let plugin, let port):
      "plugin '\(plugin)' did not write the part that it promised for its output '\(port)'"
    case .partElsewhere(let plugin, let port, let path):
      "plugin '\(plugin)' wrote its output '\(port)' to '\(path)', which is not the path that it was given"
    case .unknownPort(let plugin, let port):
      "plugin '\(plugin)' wrote an output '\(port)' that it does not declare"
    case .wrongPartCount(let plugin, let port, let wanted, let found):
      "plugin '\(plugin)': wanted \(wanted) for its output '\(port)', found \(found)"
    case .unusablePart(let plugin, let port, let reason): "plugin '\(plugin)': output '\(port)': \(reason)"
    case .cancelled: "interrupted"
    }
  }

  private static func alternatives(_ remedies: [String]) -> String {
    remedies.count < 2
      ? remedies.joined() : remedies.dropLast().joined(separator: ", ") + " or " + remedies.last!
  }

  private static func text(_ seconds: Double) -> String {
    seconds.shortText + (seconds == 1 ? " second" : " seconds")
  }

  private static func name(of signal: Int32) -> String {
    let name = OperatingSystem.name(ofSignal: signal)
    return signal == SIGKILL ? name + ": killed from outside" : name
  }

  private static func tail(_ lastWords: String) -> String { lastWords.isEmpty ? "" : ": " + lastWords }
}
