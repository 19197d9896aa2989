// How a run of `reel` ended, as the shell sees it.

/// The exit codes that scripts may rely on.
public enum ExitCode: Hashable, Sendable {
  /// All is made, or there was nothing to do.
  case done
  /// A stage failed.
  case failed
  /// The command line, the pipeline or a feed is wrong; nothing ran.
  case wrongInput
  /// Quality control or policy refused an output.
  case refused
  /// Another run holds the lock.
  case locked
  /// A signal ended the run: 130 for Ctrl-C, 143 for SIGTERM.
  case interrupted(signal: Int32)

  public var status: Int32 {
    switch self {
    case .done: 0
    case .failed: 1
    case .wrongInput: 2
    case .refused: 3
    case .locked: 4
    case .interrupted(let signal): 128 + signal
    }
  }
}

/// An error that says how the command ends.
public protocol ExitCoded: Error, CustomStringConvertible {
  var exitCode: ExitCode { get }
}
