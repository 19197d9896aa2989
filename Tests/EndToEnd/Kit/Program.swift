// Runs a program as a user would: arguments, folder and environment in; status and text out.

import Glibc
import Testing

/// A program that has been started. It leads a process group of its own.
final class Running {
  let process: pid_t
  private let output: TemporaryFile
  private let errors: TemporaryFile
  private var ended: Finished?

  /// Starts `path` with `arguments` in `folder`; `environment` is added to this process's own.
  init(
    _ path: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws {
    output = try TemporaryFile()
    errors = try TemporaryFile()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)

    // env(1) goes to the folder and becomes the program.
    let words = cStrings(["env", "--chdir=\(folder)", path] + arguments)
    let variables = cStrings(Self.environment(adding: environment))
    defer { for pointer in words + variables { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, words, variables)
    try #require(code == 0, "cannot run \(path): \(String(cString: strerror(code)))")
    self.process = process
  }

  /// Ends what is left of it.
  deinit { if ended == nil { killGroup() } }

  /// Sends SIGKILL to it and to every process that it started, and waits for it.
  func killGroup() {
    kill(-process, SIGKILL)
    _ = try? wait()
  }

  /// Waits until it ends.
  func wait() throws -> Finished {
    if let ended { return ended }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { try #require(errno == EINTR) }
    let finished = Finished(
      status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f), output: try output.text(),
      errors: try errors.text())
    ended = finished
    return finished
  }

  /// What it has printed until now.
  func outputSoFar() throws -> String { try output.text() }

  /// What it has complained of until now.
  func errorsSoFar() throws -> String { try errors.text() }

  /// Whether it has not ended yet.
  var isRunning: Bool {
    var information = siginfo_t()
    // WNOWAIT leaves the status for `wait()`.
    return ended == nil && waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
      && information.si_signo == 0
  }

  private static func environment(adding added: [String: String]) -> [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      variables.append(String(cString: variable))
      next += 1
    }
    return variables.filter { variable in !added.keys.contains { variable.hasPrefix($0 + "=") } }
      + added.map { "\($0)=\($1)" }
  }
}

/// A program that has ended.
struct Finished: CustomStringConvertible {
  /// As the shell gives it: 128 + the signal's number where one ended it.
  let status: Int32
  let output: String
  let errors: String
  var description: String { "status \(status)\n--- output\n\(output)--- errors\n\(errors)---" }
}

/// Seconds on a clock that nobody sets.
func steadyClock() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Waits, keeping the thread: a task that gave it up might get it back long after the moment it waits for.
func pause(milliseconds: Int) { usleep(useconds_t(milliseconds * 1000)) }

/// The processes that `process` started and that have not ended.
func children(of process: pid_t) -> [pid_t] {
  let tasks = "/proc/\(process)/task"
  return ((try? names(in: tasks)) ?? []).flatMap { thread in
    String(decoding: (try? contents(of: "\(tasks)/\(thread)/children")) ?? [], as: UTF8.self)
      .split(separator: " ").compactMap { pid_t($0) }
  }
}

/// Every process that `process` started, and those that they did.
func descendants(of process: pid_t) -> [pid_t] {
  let children = children(of: process)
  return children + children.flatMap(descendants)
}

/// Whether a process is there and has not ended; one that waits for its parent to look has ended.
func isAlive(_ process: pid_t) -> Bool {
  guard let bytes = try? contents(of: "/proc/\(process)/stat") else { return false }
  // "PID (name) S …": the name may hold anything.
  let state = String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.first
  return state != "Z" && state != "X"
}

private func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
  texts.map { strdup($0) } + [nil]
}

/// A file without a name that a program writes to: no pipe that could fill.
private final class TemporaryFile {
  private let stream: UnsafeMutablePointer<FILE>
  var descriptor: Int32 { fileno(stream) }

  init() throws { stream = try #require(tmpfile()) }

  deinit { fclose(stream) }

  func text() throws -> String {
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: Int(size))
    try #require(pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
    return String(decoding: bytes, as: UTF8.self)
  }
}
