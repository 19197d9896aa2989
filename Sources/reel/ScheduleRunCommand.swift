// `reel schedule run`: what the crontab's line calls.

import Glibc
import ReelExecution
import ReelPlanning

/// Builds a campaign the way cron wants it: silent where all went well, one run at a time, everything in a log.
enum ScheduleRunCommand: Command {
  static let name = "schedule run"
  static let summary = "build a campaign now, as cron does: output to its log, silent but for failures"
  static let operands = Operands(name: "FILE", count: 1...Int.max)
  static let options = [Option("name", value: "NAME", help: "what the schedule calls it")]
  static let examples = ["reel schedule run --name water campaign.yaml -- --jobs=2"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let name = arguments.value("name") else { throw UsageError.missingOption("--name", value: "NAME") }
    guard ScheduledCampaign.isName(name) else { throw ScheduleError.notAName(name) }
    guard let file = FileSystem.realPath(arguments.operands[0]),
      let reel = FileSystem.realPath("/proc/self/exe")
    else { throw ScheduleError.noFile(arguments.operands[0]) }
    let options = Array(arguments.operands.dropFirst())
    return try ScheduledRun(name: name, file: file).run(reel: reel, options: options) {
      Reel.write($0, to: STDERR_FILENO)
    }
  }
}
