// Runs programs and measures them: wall time, and the processor time of the process and its children.
import Glibc

/// What a program took, in seconds.
struct Cost: Comparable {
  var wall: Double
  var processor: Double

  static func < (one: Cost, other: Cost) -> Bool { one.wall < other.wall }
}

/// Each of the two at its median.
func median(_ costs: [Cost]) -> Cost {
  func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  return Cost(wall: middle(costs.map(\.wall)), processor: middle(costs.map(\.processor)))
}

struct Program {
  let words: [String]
  let folder: String
  /// Added to this process's own.
  var environment: [String: String] = [:]

  init(_ words: [String], in folder: String, environment: [String: String] = [:]) {
    self.words = words
    self.folder = folder
    self.environment = environment
  }

  /// Runs it to its end, which must be a good one; what it prints is lost.
  @discardableResult
  func run() -> Cost {
    guard chdir(folder) == 0 else { fail("cannot go to \(folder)") }
    for (name, value) in environment { setenv(name, value, 1) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let start = now()
    guard posix_spawnp(&process, words[0], &actions, nil, arguments, environ) == 0 else {
      fail("cannot run \(words[0])")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0 {}
    let wall = now() - start
    guard status == 0 else { fail("failed in \(folder): \(words.joined(separator: " "))") }
    return Cost(wall: wall, processor: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func fail(_ message: String) -> Never {
  say(message)
  exit(1)
}

/// Tells people what is going on.
func say(_ text: String) {
  let line = "script/bench: \(text)\n"
  _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
}

func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { fail("cannot write \(path)") }
  fputs(text, file)
  fclose(file)
}

/// Makes a folder in one that exists.
func makeFolder(_ path: String) {
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else { fail("cannot make \(path)") }
}
