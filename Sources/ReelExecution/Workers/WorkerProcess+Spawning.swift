// Starting a worker's process: what it inherits and what it does not.

import Glibc

extension WorkerProcess {
  /// Runs `arguments[0]` in a process group of its own, with `socket` on descriptor 3 and `output` for all
  /// that it prints.
  ///
  /// - Returns: 0, or the `errno`.
  static func spawn(_ process: inout pid_t, _ arguments: [String], socket: Int32, output: Int32) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    // Last, for `output` may itself be descriptor 3.
    posix_spawn_file_actions_adddup2(&actions, socket, WorkerService.socket)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    return withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        posix_spawn(&process, arguments[0]!, &actions, &attributes, arguments, environment)
      }
    }
  }

  /// The host's environment, without what would make a stage's bytes depend on the user's language or time
  /// zone.
  private static var environment: [String] {
    var kept: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let variable = String(cString: text)
      let name = variable.prefix { $0 != "=" }
      if !name.hasPrefix("LC_"), !["LANG", "LANGUAGE", "PANGO_LANGUAGE", "TZ"].contains(name) {
        kept.append(variable)
      }
      entry += 1
    }
    // A crash says one line; Swift's own report of the stack is not for the people who read it.
    return kept + ["LC_ALL=C.UTF-8", "TZ=UTC", "SWIFT_BACKTRACE=enable=no"]
  }

  /// Calls `body` with a C array of C strings that ends with a null pointer.
  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}

/// Seconds on a clock that nobody sets.
public func steadyClock() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
