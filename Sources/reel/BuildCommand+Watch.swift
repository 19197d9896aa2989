// `reel build --watch`: builds again whenever a source is saved.

import Glibc
import ReelExecution
import ReelPlanning

extension BuildCommand {
  /// Builds until a signal comes. A wrong pipeline and a failed action are told, and the next save waited for.
  ///
  /// A build that is at work when a source changes is cancelled: what it has finished is in the store.
  static func watch(
    _ arguments: Arguments, _ request: Campaign.Request, _ options: RunOptions
  ) throws -> ExitCode {
    let watch = try FileWatch()
    func say(_ text: String) {
      if !arguments.has("quiet") { Reel.write(text + "\n", to: STDOUT_FILENO) }
    }
    while true {
      watch.follow(Campaign.textSources(of: request))
      watch.hearsEveryFile = false
      do {
        let code = try build(arguments, request, options) { campaign, runner in
          watch.follow(campaign.sources)
          runner.isObsolete = { watch.hasChanges }
        }
        if case .interrupted = code { return code }
      } catch let error as UsageError {
        throw error
      } catch {
        Reel.write(escaped("\(error)") + "\n", to: STDERR_FILENO)
        if (error as? any ExitCoded)?.exitCode == .locked { return .locked }
        // The cure may be a file that nobody has named right yet.
        watch.hearsEveryFile = true
      }
      if !watch.hasChanges { say("waiting for a change; Ctrl-C ends") }
      switch watch.wait() {
      case .changes(let names): say("changed: \(names.joined(separator: ", "))")
      case .signal(let signal): return .interrupted(signal: signal)
      }
    }
  }
}
