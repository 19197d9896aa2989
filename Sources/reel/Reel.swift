// The command line: finds the command, reads its arguments, and prints what went wrong.

import Glibc
import ReelExecution
import ReelPlanning
import ReelTensor

@main
struct Reel {
  /// Every command, in the order of `reel --help`.
  static var commands: [any Command.Type] {
    [
      BuildCommand.self, PlanCommand.self, ExplainCommand.self, ShowCommand.self, GraphCommand.self,
      StagesCommand.self, SchemaCommand.self, ModelsCommand.self, ModelsVerifyCommand.self,
      ModelsMeasureCommand.self, ModelsRandomCommand.self,
      CacheStatsCommand.self, CacheCollectCommand.self, CacheVerifyCommand.self, HistoryCommand.self,
      CleanCommand.self, ScheduleAddCommand.self, ScheduleListCommand.self, ScheduleRemoveCommand.self,
      ScheduleRunCommand.self, InitCommand.self, SDKCommand.self, DoctorCommand.self, CompletionsCommand.self,
      VersionCommand.self,
    ]
  }

  /// What `reel --help` leaves out: called by what reel itself has written.
  private static var hidden: [any Command.Type] { [CompleteCommand.self] }

  static func main() {
    // Ctrl-\ is a wish of the user, not a crash of which the Swift runtime should tell.
    signal(SIGQUIT, SIG_DFL)
    var ending = run(Array(CommandLine.arguments.dropFirst()))
    if let error = outputError {
      write("standard output: cannot write: \(error)\n", to: STDERR_FILENO)
      if ending == .done { ending = .failed }
    }
    exit(ending.status)
  }

  /// Why standard output did not take what was printed; a reader that has gone away is no failure.
  nonisolated(unsafe) private static var outputError: String?

  private static func run(_ words: [String]) -> ExitCode {
    switch words.first {
    case "help" where words.count > 1 && words[1] != "--help":
      return run(Array(words.dropFirst().prefix(2)) + ["--help"])
    case nil, "--help", "-h", "help":
      write(Help.overview(commands), to: STDOUT_FILENO)
      return words.isEmpty ? .wrongInput : .done
    case "--version":
      return run(VersionCommand.self, [])
    default: break
    }
    // The longest name wins: "models verify" before "models".
    for length in [2, 1] where words.count >= length {
      let name = words.prefix(length).joined(separator: " ")
      if let command = (commands + hidden).first(where: { $0.name == name }) {
        return run(command, words.dropFirst(length))
      }
    }
    let group = commands.filter { $0.name.hasPrefix(words[0] + " ") }
    if !group.isEmpty, words.count == 1 || words[1] == "--help" || words[1] == "-h" {
      write(Help.overview(group), to: STDOUT_FILENO)
      return words.count == 1 ? .wrongInput : .done
    }
    let word = group.isEmpty ? words[0] : words.prefix(2).joined(separator: " ")
    return report(UsageError.unknownCommand(word, known: commands.map { $0.name }), of: "reel")
  }

  private static func run(_ command: any Command.Type, _ words: some Sequence<String>) -> ExitCode {
    do {
      let arguments = try Arguments(words, for: command)
      if arguments.has("help") {
        write(Help.text(of: command), to: STDOUT_FILENO)
        return .done
      }
      // The doctor tells of it among other things.
      if command != DoctorCommand.self { try checkEnvironment() }
      return try command.run(arguments)
    } catch {
      return report(error, of: "reel \(command.name)")
    }
  }

  /// A wrong level of instructions would end every worker, and in the middle of a build.
  private static func checkEnvironment() throws(UsageError) {
    guard let text = getenv("REEL_CPU"), text.pointee != 0 else { return }
    let known = CPULevel.supported.map(\.rawValue)
    let name = String(cString: text)
    guard known.contains(name) else { throw .unknownCPU(name, known: known) }
  }

  /// Prints an error. One about the command line names the command; others name their own place.
  private static func report(_ error: any Error, of place: String) -> ExitCode {
    let text = error is UsageError ? "\(place): \(error)" : "\(error)"
    write(escaped(text) + "\n", to: STDERR_FILENO)
    return (error as? any ExitCoded)?.exitCode ?? .failed
  }

  /// Writes all of `text` to a descriptor as it is; what a closed pipe does not take is lost.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 {
        if count < 0, errno != EPIPE, descriptor == STDOUT_FILENO {
          outputError = String(cString: strerror(errno)).lowercased()
        }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Says that a store is waited for.
  static func tellOfWaiting(_ folder: String, _ processes: [String]) {
    write("\(folder): \(StoreError.others(processes)) at work here; waiting\n", to: STDERR_FILENO)
  }

  /// Says so where a store's index is damaged: else its results would seem never to have been.
  static func tellOfLostIndex(_ store: Store) {
    guard store.lostIndex else { return }
    write(
      "\(store.folder)/index.sqlite: was damaged; what it knew of results is lost, and a build makes them again\n",
      to: STDERR_FILENO)
  }

  /// Prints text for people to standard output.
  static func show(_ text: String) { write(escaped(text), to: STDOUT_FILENO) }

  /// Prints a line for people to standard output.
  static func print(_ line: String) { show(line + "\n") }
}
