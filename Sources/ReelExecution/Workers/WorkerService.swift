// The worker's side: loads one plugin and runs the actions that the host sends.

import Glibc
import ReelStage
import Synchronization

/// Serves the host over the socket that it left on descriptor 3.
public enum WorkerService {
  static let socket: Int32 = 3

  /// Runs until the host is gone.
  public static func serve(plugin path: String, stage name: String) -> Never {
    OperatingSystem.dieWithParent()
    OperatingSystem.dumpNoCore()
    OperatingSystem.offerToBeKilled()
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    let requests = RequestQueue()
    Thread.start { requests.fill(from: socket) }
    let host = HostConnection()
    let loaded = Result { () throws(PluginError) in try LoadedPlugin(path: path, stage: name) }
    while true {
      let request = requests.next()
      switch loaded {
      case .failure(let error): host.send(.refused("\(error)"))
      case .success(let plugin): host.send(answer(request, plugin, host))
      }
    }
  }

  /// Whether descriptor 3 is the socket of a host.
  public static var hasHost: Bool {
    var type: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0
  }

  private static func answer(
    _ request: WorkerRequest, _ plugin: LoadedPlugin, _ host: HostConnection
  ) -> WorkerReply {
    switch request {
    case .describe: return .loaded(plugin.stage.manifest)
    case .check(let parameters):
      do {
        _ = try plugin.stage.init(Parameters(parameters))
        return .accepted
      } catch StageError.parameter(let path, let reason) {
        return .rejected(parameter: path, why: reason)
      } catch {
        return .rejected(parameter: nil, why: "\(error)")
      }
    case .estimate(let request):
      // What is wrong with a stage's inputs is its run's to tell.
      let estimate = try? plugin.stage.init(Parameters(request.parameters)).estimate(job(request, host))
      return .estimated(estimate)
    case .run(let request):
      // A relative path that a stage makes up finds nothing: what it reads must be an input.
      _ = chdir(request.folder)
      defer { _ = chdir("/") }
      let job = job(request, host)
      do {
        let stage = try plugin.stage.init(Parameters(request.parameters))
        if request.work == .join { try stage.join(job) } else { try stage.run(job) }
      } catch {
        return .failed("\(error)")
      }
      return .finished(job.outputs.map { WrittenPart(port: $0.port, shot: $0.shot, path: $0.path) })
    }
  }

  private static func job(_ request: WorkRequest, _ host: HostConnection) -> Job {
    var span: Span?
    if case .run(let given) = request.work { span = given }
    return Job(
      inputs: request.inputs, span: span, threads: request.threads, folder: request.folder, observer: host)
  }

  /// Tells the host, from whatever thread the stage calls.
  private final class HostConnection: JobObserver {
    private let writer = Mutex(MessageWriter(descriptor: socket))

    /// A host that is gone is noticed by the thread that reads.
    func send(_ reply: WorkerReply) {
      writer.withLock { try? $0.send(reply.json) }
    }

    func progress(done: Int, total: Int, unit: String) {
      send(.progress(done: done, total: total, unit: unit))
    }
    func log(_ line: String) { send(.log(line)) }
  }

  /// Requests, read by a thread of its own so that the end of the host is noticed while a stage runs.
  private final class RequestQueue: Sendable {
    private let requests = Mutex<[WorkerRequest]>([])
    private let arrived = Semaphore()

    func next() -> WorkerRequest {
      arrived.wait()
      return requests.withLock { $0.removeFirst() }
    }

    func fill(from socket: Int32) {
      var reader = MessageReader(descriptor: socket)
      while let message = try? reader.receive(), let request = WorkerRequest(json: message) {
        requests.withLock { $0.append(request) }
        arrived.signal()
      }
      // The host is gone: so is what the stage started, which shares this worker's process group.
      if getpgrp() == getpid() { kill(0, SIGKILL) }
      _exit(0)
    }
  }
}
