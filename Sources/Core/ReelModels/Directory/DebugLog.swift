// Notes for whoever looks into why a model does what it does: written only where REEL_DEBUG is set.

import Glibc

enum DebugLog {
  private static let isOn = getenv("REEL_DEBUG").map { $0.pointee != 0 } ?? false

  /// Writes a line to standard error, if asked for.
  static func write(_ line: @autoclosure () -> String) {
    guard isOn else { return }
    let bytes = Array((line() + "\n").utf8)
    // One call, so that lines of several threads stay whole; what a closed pipe does not take is lost.
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
