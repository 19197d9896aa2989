// `reel schedule remove`: has cron build a campaign no longer.

import ReelExecution
import ReelPlanning

/// Takes a campaign's line out of the user's crontab.
enum ScheduleRemoveCommand: Command {
  static let name = "schedule remove"
  static let summary = "have cron build a campaign no longer"
  static let operands = Operands.one("NAME|FILE")
  static let options: [Option] = []
  static let examples = ["reel schedule remove sparkling-water", "reel schedule remove campaign.yaml"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    var schedule = try Schedule()
    for campaign in try schedule.remove(arguments.operands[0]) {
      Reel.print("removed: \(campaign.name), \(ScheduledCampaign.shown(campaign.file))")
    }
    return .done
  }
}
