// The calls of Linux that Swift's Glibc module leaves out: the only file that knows CLinux.

import CLinux
import Glibc

enum OperatingSystem {
  /// How many processors this process may use.
  static var cores: Int { Int(reel_cores()) }

  /// "SIGABRT" for 6.
  static func name(ofSignal signal: Int32) -> String {
    sigabbrev_np(signal).map { "SIG" + String(cString: $0) } ?? "signal \(signal)"
  }

  /// Has the kernel kill this process when the thread that started it ends.
  static func dieWithParent() { _ = reel_die_with_parent() }

  static func dumpNoCore() { _ = reel_dump_no_core() }

  /// A pipe that no child process inherits; `nil` where descriptors have run out.
  static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    return reel_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// A descriptor that reads the signals in `signals`, which the caller has blocked.
  static func signalDescriptor(_ signals: sigset_t) -> Int32 {
    var signals = signals
    return reel_signal_descriptor(&signals)
  }

  /// A descriptor that is readable once the child `process` has ended; -1 where the system has none, which
  /// poll(2) passes over.
  static func endDescriptor(of process: pid_t) -> Int32 { reel_process_descriptor(process) }

  /// Makes two names change places at one instant; false where the file system cannot.
  static func exchange(_ one: String, _ other: String) -> Bool { reel_exchange(one, other) == 0 }

  /// Gives `target` the bytes of `source` without copying them; false where the file system cannot.
  static func clone(_ source: Int32, to target: Int32) -> Bool { reel_clone(target, source) == 0 }
}

/// How many processors `reel` may use: the default of `-j`.
public var availableCores: Int { OperatingSystem.cores }
