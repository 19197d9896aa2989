// `reel schedule list`: the campaigns that cron builds.

import ReelExecution
import ReelJSON
import ReelPlanning

/// Prints each scheduled campaign with its next run and how the last one ended.
enum ScheduleListCommand: Command {
  static let name = "schedule list"
  static let summary = "list the campaigns that cron builds"
  static let operands = Operands.none
  static let options = [Option.json]
  static let examples = ["reel schedule list", "reel schedule list --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let schedule = try Schedule()
    if arguments.has("json") {
      let list = schedule.campaigns.map { json($0, schedule) }
      Reel.write(JSON.array(list).indentedText, to: 1)
      return .done
    }
    if schedule.campaigns.isEmpty {
      Reel.print("nothing is scheduled; 'reel schedule add' does that")
    }
    for campaign in schedule.campaigns {
      let run = ScheduledRun(name: campaign.name, file: campaign.file)
      Reel.print(
        """
        \(campaign.name)
          file  \(ScheduledCampaign.shown(campaign.file))
          when  \(campaign.times), next \(schedule.nextRun(of: campaign))
          last  \(last(run.lastResult))
          log   \(ScheduledCampaign.shown(run.logPath))
        """)
    }
    return .done
  }

  private static func last(_ result: ScheduledRun.Result?) -> String {
    guard let result else { return "not run yet" }
    let ending = result.status == 0 ? "done" : "failed with exit code \(result.status)"
    return "\(result.started): \(ending) after \(result.seconds) s"
  }

  private static func json(_ campaign: ScheduledCampaign, _ schedule: Schedule) -> JSON {
    let run = ScheduledRun(name: campaign.name, file: campaign.file)
    return [
      "name": .string(campaign.name), "file": .string(campaign.file),
      "at": .string(campaign.times.description), "next": .string(schedule.nextRun(of: campaign)),
      "options": .array(campaign.options.map { .string($0) }), "log": .string(run.logPath),
      "last": run.lastResult?.json ?? .null,
    ]
  }
}
