// What the threads of a run tell its main thread, and the signals that end it.

import Glibc
import Synchronization

/// Messages from many threads to one, which also hears the signals that end a run.
final class EventQueue<Event: Sendable>: Sendable {
  private let events = Mutex<[Event]>([])
  private let wake: (reading: Int32, writing: Int32)
  private let interruptions = Interruptions()

  /// Made on the thread that will wait. The signals reach it only here until the queue is gone.
  init() {
    guard let pipe = OperatingSystem.pipe() else {
      preconditionFailure("the system gives no more descriptors")
    }
    wake = pipe
  }

  deinit {
    close(wake.reading)
    close(wake.writing)
  }

  func post(_ event: Event) {
    let wasEmpty = events.withLock { events in
      events.append(event)
      return events.count == 1
    }
    if wasEmpty { _ = withUnsafeBytes(of: UInt8(0)) { write(wake.writing, $0.baseAddress, 1) } }
  }

  /// Waits for events or a signal, for at most `milliseconds`.
  func wait(milliseconds: Int32) -> (events: [Event], signal: Int32?) {
    var descriptors = [
      pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: interruptions.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&descriptors, 2, milliseconds) > 0 else { return ([], nil) }
    let signal = descriptors[1].revents != 0 ? interruptions.take() : nil
    if descriptors[0].revents != 0 {
      var byte: UInt8 = 0
      read(wake.reading, &byte, 1)
    }
    let taken = events.withLock { events in
      let taken = events
      events = []
      return taken
    }
    return (taken, signal)
  }
}
