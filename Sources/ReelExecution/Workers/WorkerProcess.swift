// The host's side of one worker: starts it, talks to it, hears its last words.

import Glibc
import ReelPlanning
import ReelStage
import Synchronization

/// A running `reel-worker` with one plugin in it. One thread at a time talks to it; any thread may kill it.
package final class WorkerProcess: Sendable {
  /// The stage's name.
  package let stage: String
  let plugin: String
  private let process: pid_t
  private let socket: Int32
  /// Everything that the plugin prints.
  private let output: Int32
  /// Readable once the process has ended.
  private let ending: Int32
  private let isOutputOpen = Atomic(true)
  /// How many processes the system had killed for want of memory when this one was started.
  private let memoryKillsAtStart: Int
  private let reader: Mutex<MessageReader>
  private let state = Mutex(State())

  private struct State {
    var isReaped = false
    var isBroken = false
  }

  /// Starts a worker.
  ///
  /// The worker is killed when the thread that calls this ends, so that it never outlives the host: call it
  /// on a thread that lives as long as the worker is needed.
  package init(executable: String, plugin: String, stage: String) throws(WorkerError) {
    func fail(_ code: Int32) -> WorkerError {
      .cannotStart("\(FileError(executable, "start the worker", code: code))")
    }
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw fail(errno) }
    guard let printed = OperatingSystem.pipe() else {
      let code = errno
      close(ends[0])
      close(ends[1])
      throw fail(code)
    }
    defer {
      close(ends[1])
      close(printed.writing)
    }
    var process: pid_t = 0
    let code = Self.spawn(
      &process, [executable, plugin, stage], socket: ends[1], output: printed.writing)
    guard code == 0 else {
      close(ends[0])
      close(printed.reading)
      throw fail(code)
    }
    Counter.workers.add()
    self.process = process
    self.stage = stage
    self.plugin = plugin
    memoryKillsAtStart = OperatingSystem.memoryKills
    socket = ends[0]
    output = printed.reading
    ending = OperatingSystem.endDescriptor(of: process)
    reader = Mutex(MessageReader(descriptor: ends[0]))
  }

  deinit {
    kill()
    _ = wait()
    close(socket)
    close(output)
    close(ending)
  }

  /// Ends the worker and all that it started.
  package func kill() {
    state.withLock { state in
      state.isBroken = true
      // Once reaped, the number may be another process's.
      if !state.isReaped { Glibc.kill(-process, SIGKILL) }
    }
  }

  /// Whether another action may be given to it.
  package var isUsable: Bool { state.withLock { !$0.isBroken } }

  /// Asks for the manifest.
  ///
  /// - Parameter timeout: seconds that the plugin may take to load.
  package func describe(timeout: Double) throws(WorkerError) -> Manifest {
    let reply: WorkerReply
    do throws(WorkerError) {
      reply = try converse(.describe, timeout: timeout) { _ in }
    } catch {
      guard case .timedOut(let plugin, let seconds) = error else { throw error }
      throw .loadingTimedOut(plugin: plugin, seconds: seconds)
    }
    guard case .loaded(let manifest) = reply else { throw broken(.brokeProtocol(plugin: stage)) }
    return manifest
  }

  /// Asks whether the stage takes these parameters, whole as the node has them.
  ///
  /// - Returns: what it says against them; `nil` where it takes them.
  package func check(_ parameters: JSON, timeout: Double) throws(WorkerError) -> ParameterRefusal? {
    switch try converse(.check(parameters), timeout: timeout, hear: { _ in }) {
    case .accepted: return nil
    case .rejected(let parameter, let why):
      return ParameterRefusal(
        parameter: parameter.flatMap(ParameterPath.init) ?? ParameterPath(), reason: why)
    default: throw broken(.brokeProtocol(plugin: stage))
    }
  }

  /// Asks what an action takes.
  ///
  /// - Returns: `nil` where the stage cannot say.
  package func estimate(_ request: WorkRequest, timeout: Double) throws(WorkerError) -> ActionEstimate? {
    let reply = try converse(.estimate(request), timeout: timeout) { _ in }
    guard case .estimated(let estimate) = reply else { throw broken(.brokeProtocol(plugin: stage)) }
    return estimate
  }

  /// Runs one action, and tells of its progress and log lines by `hear`, on this thread.
  ///
  /// - Parameters:
  ///   - timeout: seconds until the worker is killed.
  ///   - memory: what the worker may take for itself before it is killed; files that it maps do not count.
  package func run(
    _ request: WorkRequest, timeout: Double, memory: ByteCount? = nil, hear: (WorkerReply) -> Void
  ) throws(WorkerError) -> [WrittenPart] {
    let reply = try converse(.run(request), timeout: timeout, memory: memory, hear: hear)
    guard case .finished(let parts) = reply else { throw broken(.brokeProtocol(plugin: stage)) }
    return parts
  }

  /// Sends a request and returns the reply that ends it.
  private func converse(
    _ request: WorkerRequest, timeout: Double, memory: ByteCount? = nil, hear: (WorkerReply) -> Void
  ) throws(WorkerError) -> WorkerReply {
    var words = LastWords()
    do throws(ChannelError) {
      try MessageWriter(descriptor: socket).send(request.json)
    } catch {
      throw lastError(&words)
    }
    let deadline = steadyClock() + timeout
    while true {
      guard let ready = waitForInput(until: deadline, memory: memory) else {
        throw broken(.tooMuchMemory(plugin: stage, limit: memory!))
      }
      if ready.output { hearOutput(&words) }
      guard ready.socket else {
        // What the plugin started may hold the socket and the pipe open when the worker itself is gone.
        if ready.end { throw lastError(&words) }
        if !ready.output { throw broken(.timedOut(plugin: stage, seconds: timeout)) }
        continue
      }
      for reply in try replies(&words) {
        switch reply {
        case .progress, .log: hear(reply)
        case .failed(let why): throw .failed(why)
        case .refused(let why): throw broken(.refused(why))
        case .loaded, .accepted, .rejected, .estimated, .finished: return reply
        }
      }
    }
  }

  /// The messages that the socket has ready.
  private func replies(_ words: inout LastWords) throws(WorkerError) -> [WorkerReply] {
    do throws(ChannelError) {
      return try reader.withLock { reader throws(ChannelError) in
        var replies: [WorkerReply] = []
        try reader.fill()
        while let message = try reader.next() {
          guard let reply = WorkerReply(json: message) else { throw .nonsense }
          replies.append(reply)
        }
        return replies
      }
    } catch {
      throw error == .nonsense ? broken(.brokeProtocol(plugin: stage)) : lastError(&words)
    }
  }

  /// Milliseconds between two looks at the memory of a worker that has a limit.
  private static let memoryInterval = 20.0

  /// Waits until the worker has said or printed something or has ended; nothing of it, when the deadline has
  /// passed; `nil` when it uses more memory than it may.
  private func waitForInput(
    until deadline: Double, memory: ByteCount?
  ) -> (socket: Bool, output: Bool, end: Bool)? {
    while true {
      if let memory, usedMemory > memory { return nil }
      let left = deadline - steadyClock()
      if left <= 0 { return (false, false, false) }
      var descriptors = [
        pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
      ]
      if !isOutputOpen.load(ordering: .relaxed) { descriptors[1].fd = -1 }
      let interval = memory == nil ? 60_000 : Self.memoryInterval
      let milliseconds = Int32(min(left * 1000, interval).rounded(.up))
      if poll(&descriptors, 3, milliseconds) > 0 {
        return (descriptors[0].revents != 0, descriptors[1].revents != 0, descriptors[2].revents != 0)
      }
    }
  }

  /// What the worker has taken for itself, in memory or swapped out. Weights that it maps from a file are the
  /// system's to take back, and do not count; nor does address space that it has not touched, so that a limit on
  /// that (RLIMIT_AS, RLIMIT_DATA) would stop stages that stay far below theirs.
  var usedMemory: ByteCount {
    OperatingSystem.memory(of: "\(process)", ["RssAnon:", "RssShmem:", "VmSwap:"])
  }

  /// Keeps what the plugin has printed.
  private func hearOutput(_ words: inout LastWords) {
    var count = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, filled in
      count = read(output, buffer.baseAddress, buffer.count)
      filled = max(0, count)
    }
    words.append(chunk)
    if count == 0 { isOutputOpen.store(false, ordering: .relaxed) }
  }

  /// Why the worker hung up: reads the rest of what it printed and how it ended.
  private func lastError(_ words: inout LastWords) -> WorkerError {
    let status = wait()
    while isOutputOpen.load(ordering: .relaxed) {
      var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      // A process that the plugin started may still hold the pipe open.
      guard poll(&descriptor, 1, 0) > 0 else { break }
      hearOutput(&words)
    }
    let signal = status & 0x7f
    if signal == 0 { return .exited(plugin: stage, status: status >> 8 & 0xff, lastWords: words.line) }
    if signal == SIGKILL, OperatingSystem.memoryKills > memoryKillsAtStart {
      return .outOfMemory(plugin: stage)
    }
    return .crashed(plugin: stage, signal: signal, lastWords: words.line)
  }

  /// Waits until the process is gone and gives its wait status. One that has hung up and lives on is killed
  /// after a second.
  private func wait() -> Int32 {
    state.withLock { state in
      state.isBroken = true
      var status: Int32 = 0
      guard !state.isReaped else { return 0 }
      var ended = siginfo_t()
      for _ in 0..<200 {
        if waitid(P_PID, id_t(process), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_signo != 0 {
          break
        }
        usleep(5000)
      }
      // What the plugin started goes with it; before the process is reaped, while its number is still its
      // own.
      Glibc.kill(-process, SIGKILL)
      waitpid(process, &status, 0)
      state.isReaped = true
      return status
    }
  }

  /// Kills the worker and hands `error` on.
  private func broken(_ error: WorkerError) -> WorkerError {
    kill()
    return error
  }
}
