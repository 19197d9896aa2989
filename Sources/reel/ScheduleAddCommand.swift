// `reel schedule add`: has cron build a campaign.

import Glibc
import ReelExecution
import ReelPlanning

/// Writes a campaign's line into the user's crontab, or changes it.
enum ScheduleAddCommand: Command {
  static let name = "schedule add"
  static let summary = "have cron build a campaign at given times"
  static let operands = Operands.one("FILE")
  static let options =
    [
      Option(
        "at", value: "TIMES", help: "when: a crontab's five fields, or @hourly, @daily, @weekly, @monthly"),
      Option("name", value: "NAME", help: "what to call it; without it, the file's or its folder's name"),
    ] + passedOn
  static let examples = [
    "reel schedule add --at '0 2 * * *' campaign.yaml",
    "reel schedule add --at '*/15 8-18 * * mon-fri' --name water -k -j2 ads/campaign.yaml",
  ]

  /// Options of `reel build` that make sense without anybody there.
  private static var passedOn: [Option] {
    let names = ["define", "plugins", "jobs", "keep-going", "timeout"]
    return BuildCommand.options.filter { names.contains($0.long) }
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let text = arguments.value("at") else { throw UsageError.missingOption("--at", value: "TIMES") }
    let times: CronExpression
    do {
      times = try CronExpression(text)
    } catch {
      throw UsageError.unusableValue(option: "--at", reason: error.description)
    }
    let campaign = try campaign(arguments, at: times)
    // A wrong pipeline is told now, not at two in the morning.
    _ = try Campaign(arguments.request(file: arguments.operands[0])) { try Store(reading: $0) }
    var schedule = try Schedule()
    let replaced = try schedule.add(campaign)
    let change = replaced == nil ? "added" : replaced == campaign ? "unchanged" : "changed"
    Reel.print(
      "\(change): \(campaign.name), \(campaign.times), next \(schedule.nextRun(of: campaign)), \(ScheduledCampaign.shown(campaign.file))"
    )
    return .done
  }

  private static func campaign(_ arguments: Arguments, at times: CronExpression) throws -> ScheduledCampaign {
    guard let file = FileSystem.realPath(arguments.operands[0]) else {
      throw ScheduleError.noFile(arguments.operands[0])
    }
    let name = arguments.value("name") ?? defaultName(of: file)
    guard ScheduledCampaign.isName(name) else { throw ScheduleError.notAName(name) }
    let options = passedOn.flatMap { option in
      arguments.values(option.long).map { value in
        "--" + option.long
          + (option.value == nil ? "" : "=" + (option.long == "plugins" ? absolutePaths(value) : value))
      }
    }
    return ScheduledCampaign(
      name: name, times: times, file: file, reel: try executablePath(), options: options,
      environment: searchPaths())
  }

  /// `sparkling-water` for `sparkling-water/campaign.yaml`, `juice` for `juice.yaml`.
  private static func defaultName(of file: String) -> String {
    let steps = file.split(separator: "/").map(String.init)
    let stem = steps.last.map { $0.split(separator: ".").first.map(String.init) ?? $0 } ?? ""
    return stem == "campaign" && steps.count > 1 ? steps[steps.count - 2] : stem
  }

  private static func executablePath() throws -> String {
    guard let path = FileSystem.realPath("/proc/self/exe") else {
      throw ScheduleError.noFile("/proc/self/exe")
    }
    return path
  }

  /// The variables that tell `reel` where to look, with absolute paths: cron starts with none of them.
  private static func searchPaths() -> [ScheduledCampaign.Variable] {
    ["REEL_MODELS", "REEL_PLUGINS"].compactMap { name in
      guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
      return ScheduledCampaign.Variable(name: name, value: absolutePaths(value))
    }
  }

  /// Each of the folders, joined by colons as before, by its absolute path.
  private static func absolutePaths(_ folders: String) -> String {
    folders.split(separator: ":").map { FileSystem.realPath(String($0)) ?? String($0) }.joined(separator: ":")
  }
}
