// Workers that crash, hang, lie or talk nonsense: each is an error with its cause, and none is left behind.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct WorkerProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What comes of an action when this shell script is the worker: it has the host's socket on descriptor 3.
  private func outcome(_ script: String, timeout: Double = 20) throws -> Result<[WrittenPart], WorkerError> {
    let worker = try WorkerProcess(
      executable: try folder.script("worker", script), plugin: "libBlur.so", stage: "blur")
    let result = Result { () throws(WorkerError) in
      try worker.run(
        WorkRequest(work: .run(nil), parameters: [:], inputs: [:], threads: 1, folder: folder.path),
        timeout: timeout
      ) { _ in }
    }
    if case .failure(.failed) = result {} else if case .failure = result { #expect(!worker.isUsable) }
    return result
  }

  private func message(_ script: String, timeout: Double = 20) throws -> String? {
    guard case .failure(let error) = try outcome(script, timeout: timeout) else { return nil }
    return "\(error)"
  }

  /// The shell's words for sending a message: its length in four bytes, little-endian, then its text.
  private func send(_ json: JSON) -> String {
    let text = json.text
    let length = text.utf8.count
    let bytes = (0..<4).map { "\\x" + String((length >> ($0 * 8)) & 0xff | 0x100, radix: 16).dropFirst() }
      .joined()
    return "printf '\(bytes)%s' '\(text)' >&3\n"
  }

  @Test("a finished action gives its parts") func finished() throws {
    let parts = [
      WrittenPart(port: "frames", shot: nil, path: "/x/0"),
      WrittenPart(port: "frames", shot: "b", path: "/x/1"),
    ]
    let script =
      send(WorkerReply.progress(done: 1, total: 2, unit: "frames").json)
      + send(WorkerReply.finished(parts).json)
    #expect(try outcome(script + "read -u 3 -t 10") == .success(parts))
  }

  @Test("a stage's own words are handed on") func failed() throws {
    let script = send(WorkerReply.failed("the frames are too dark").json) + "read -u 3 -t 10"
    #expect(try message(script) == "the frames are too dark")
  }

  @Test("a crash is told with the signal's name and the last words") func crashed() throws {
    #expect(
      try message("echo first words; echo 'the last words' >&2; kill -ABRT $$")
        == "plugin 'blur' crashed (SIGABRT): the last words")
    #expect(try message("kill -SEGV $$") == "plugin 'blur' crashed (SIGSEGV)")
    #expect(
      try message("kill -KILL $$")
        == "plugin 'blur' crashed (SIGKILL: killed from outside)")
  }

  @Test("an exit in the middle of an action is told with its status") func exited() throws {
    #expect(try message("echo bye; exit 3") == "plugin 'blur' ended its worker with status 3: bye")
  }

  @Test("a worker that says nothing is stopped when its time is over, with all that it started")
  func timedOut()
    throws
  {
    let note = folder.path("child")
    #expect(
      try message("sleep 100 & echo $! > \(note); wait", timeout: 0.5)
        == "plugin 'blur' was stopped after 0.5 seconds; raise the node's 'timeout' if it needs longer")
    let text = String(decoding: try FileSystem.read(note), as: UTF8.self)
    let child = try #require(pid_t(text.prefix { $0.isNumber }))
    for _ in 0..<500 where isAlive(child) { usleep(10_000) }
    #expect(!isAlive(child))
  }

  @Test("a worker that has died is noticed though what it started holds its socket open") func orphans()
    throws
  {
    #expect(
      try message("sleep 100 & echo last words; kill -ABRT $$")
        == "plugin 'blur' crashed (SIGABRT): last words")
  }

  @Test("a plugin that does not finish loading is told so, not to raise a timeout") func loading() throws {
    let worker = try WorkerProcess(
      executable: try folder.script("worker", "sleep 100"), plugin: "libBlur.so", stage: "blur")
    let error = #expect(throws: WorkerError.self) { try worker.describe(timeout: 1) }
    #expect(
      error?.description
        == "plugin 'blur' did not finish loading within 1 second; what it does before its stage runs must be quick"
    )
  }

  @Test("what a stage says against parameters is handed on with the place") func check() throws {
    let reply = WorkerReply.rejected(parameter: "layers[2].text", why: "is empty")
    let worker = try WorkerProcess(
      executable: try folder.script(
        "worker", send(reply.json) + send(WorkerReply.accepted.json) + "read -u 3 -t 10"),
      plugin: "libBlur.so", stage: "blur")
    let path = ParameterPath([.name("layers"), .index(2), .name("text")])
    #expect(
      try worker.check([:], timeout: 20) == ParameterRefusal(parameter: path, reason: "is empty"))
  }

  @Test(
    "bytes on the socket that are no message are the plugin's mistake",
    arguments: [
      "head -c 5000 /dev/zero >&3; sleep 100", "echo 'hello from the plugin' >&3; sleep 100",
      "printf '\\x02\\x00\\x00\\x00[]' >&3; sleep 100", "printf '\\xff\\xff\\xff\\x7f' >&3; sleep 100",
    ])
  func nonsense(script: String) throws {
    #expect(
      try message(script)
        == "plugin 'blur' wrote to its worker's socket (file descriptor 3); print to standard output instead")
  }

  @Test(
    "what does not fit is told with what there is and the cure",
    arguments: [
      (
        MemoryRoom.limit(ByteCount("4GB")!), ["'precision: bf16'", "a smaller 'size'"],
        "takes about 34.2 GB of memory, and the node's 'memory' (or --memory) allows 4 GB; raise it, "
          + "or take less with 'precision: bf16' or a smaller 'size'"
      ),
      (
        .limit(ByteCount("4GB")!), [],
        "takes about 34.2 GB of memory, and the node's 'memory' (or --memory) allows 4 GB; raise it"
      ),
      (
        .machine(ByteCount("20.1GB")!), ["a smaller 'size'"],
        "takes about 34.2 GB of memory, and this machine has 20.1 GB free; take less with a smaller 'size'"
      ),
      (
        .machine(ByteCount("20.1GB")!), [], "takes about 34.2 GB of memory, and this machine has 20.1 GB free"
      ),
    ])
  func noRoom(room: MemoryRoom, remedies: [String], message: String) {
    let error = WorkerError.doesNotFit(needed: ByteCount("34.2GB")!, room: room, remedies: remedies)
    #expect(error.description == message)
  }

  @Test("any amount of printing does no harm, and the last words stay short") func printing() throws {
    let message = try #require(
      try message("yes 0123456789 | head -c 5000000; printf '\\033[31mred%.0s' {1..200}; exit 1"))
    #expect(message.hasPrefix("plugin 'blur' ended its worker with status 1: "))
    #expect(message.count < 400)
    #expect(!message.contains("\u{1b}"))
  }

  @Test("a program that cannot be run is told by its path") func cannotStart() throws {
    let path = folder.path("none")
    let error = #expect(throws: WorkerError.self) {
      try WorkerProcess(executable: path, plugin: "libBlur.so", stage: "blur")
    }
    #expect(error?.description == "\(path): cannot start the worker: no such file or directory")
  }

  @Test("a worker sees no locale and no time zone of the user") func environment() throws {
    let script = "[ \"$LC_ALL$TZ$LANG\" = C.UTF-8UTC ] && exit 5; exit 6"
    #expect(try message(script) == "plugin 'blur' ended its worker with status 5")
  }

  @Test("the real worker describes a real plugin, and refuses a file that is none") func realWorker() throws {
    let plugin = Installation.folder + "/libUpscaling.so"
    let worker = try WorkerProcess(executable: Installation.worker, plugin: plugin, stage: "upscaling")
    #expect(try worker.describe(timeout: 60).name == "upscaling")
    let none = try folder.write("libNone.so", "")
    let other = try WorkerProcess(executable: Installation.worker, plugin: none, stage: "none")
    let error = #expect(throws: WorkerError.self) { try other.describe(timeout: 60) }
    #expect(
      error?.description
        == "\(none): wanted a plugin (an ELF shared library), found an empty file; build it again")
  }

  private func isAlive(_ process: pid_t) -> Bool {
    guard let bytes = try? FileSystem.read("/proc/\(process)/stat") else { return false }
    // "PID (name) S …": a Z waits for its parent to look, and has ended.
    return String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.first != "Z"
  }
}
