// The signals that end a run, heard where the main thread waits instead of wherever they strike.

import Glibc

/// SIGINT, SIGTERM, SIGHUP and SIGQUIT, held back from the thread that makes this until it is gone.
final class Interruptions: Sendable {
  /// Readable when a signal has come.
  let descriptor: Int32
  private let blockedBefore: sigset_t

  init() {
    var set = sigset_t()
    var before = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, &before)
    descriptor = OperatingSystem.signalDescriptor(set)
    blockedBefore = before
  }

  deinit {
    close(descriptor)
    var before = blockedBefore
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// The signal that has come, once ``descriptor`` is readable.
  func take() -> Int32? {
    // The number is the first field of `signalfd_siginfo`, which is 128 bytes long.
    var info = [UInt32](repeating: 0, count: 32)
    return read(descriptor, &info, 128) == 128 ? Int32(info[0]) : nil
  }
}
