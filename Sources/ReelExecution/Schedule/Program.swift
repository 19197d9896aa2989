// Runs another program to its end.

import Glibc

/// A program and its arguments, run with the environment of this process.
struct Program {
  /// Found on the PATH unless there is a slash in it.
  let name: String
  let arguments: [String]

  /// How a program ended.
  enum Ending: Hashable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)

    /// The exit status as the shell gives it.
    var status: Int32 {
      switch self {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    }
  }

  /// Runs it with empty input, its output and errors written to `descriptor`.
  func run(writingTo descriptor: Int32) throws(FileError) -> Ending {
    try wait(for: try start(input: nil, output: descriptor, errors: descriptor))
  }

  /// Runs it with `input`, and collects what it prints.
  func run(input: [UInt8] = []) throws(FileError) -> (ending: Ending, output: [UInt8], errors: [UInt8]) {
    // Files, not pipes: nothing can wait for the other end.
    let (given, output, errors) = (try TemporaryFile(), try TemporaryFile(), try TemporaryFile())
    try given.write(input)
    let process = try start(
      input: given.descriptor, output: output.descriptor, errors: errors.descriptor)
    return (try wait(for: process), try output.contents(), try errors.contents())
  }

  private func start(input: Int32?, output: Int32, errors: Int32) throws(FileError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, name, &actions, nil, &words, environ)
    guard code == 0 else { throw FileError(name, "run", code: code) }
    return process
  }

  private func wait(for process: pid_t) throws(FileError) -> Ending {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw FileError(name, "wait for") }
    }
    // The macros WIFEXITED, WEXITSTATUS and WTERMSIG of <sys/wait.h>.
    return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: status & 0x7f)
  }
}

/// A file without a name, gone when it is closed.
private final class TemporaryFile {
  private let stream: UnsafeMutablePointer<FILE>
  var descriptor: Int32 { fileno(stream) }

  init() throws(FileError) {
    guard let stream = tmpfile() else { throw FileError("temporary file", "write") }
    self.stream = stream
  }

  deinit { fclose(stream) }

  /// Writes `bytes`, and goes back to the start.
  func write(_ bytes: [UInt8]) throws(FileError) {
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count, fflush(stream) == 0 else {
      throw FileError("temporary file", "write")
    }
    rewind(stream)
  }

  func contents() throws(FileError) -> [UInt8] {
    rewind(stream)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    guard ferror(stream) == 0 else { throw FileError("temporary file", "read") }
    return bytes
  }
}
