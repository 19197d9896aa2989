// A job that `reel schedule` wrote, run by Debian's cron.

import Glibc
import ReelJSON
import Testing

@Suite struct CronTests {
  @Test(
    "cron builds the campaign each minute; the second run does nothing",
    .enabled(if: geteuid() == 0, "cron runs nobody's jobs unless root starts it"))
  func cron() async throws {
    // A path that cron, the shell and reel must each read alike.
    let workspace = try Workspace()
    let folder = "50% off, it's \"ours\""
    workspace.plugins = [try FastStages.folder()]
    try workspace.write(folder + "/campaign.yaml", fastCampaign())
    let before = try Running("crontab", ["-l"], in: "/").wait()
    defer { restore(before, in: workspace) }
    let daemon = try Running("cron", ["-f"], in: "/")
    defer { daemon.killGroup() }

    let added = try workspace.reel(
      "schedule", "add", "--at", "* * * * *", "--name", "test", folder + "/campaign.yaml")
    try #require(added.status == 0, "\(added)")
    let first = try await result(of: folder, in: workspace, after: nil)
    let firstLog = try log(folder, workspace)
    #expect(first["status"]?.integer == 0, "\(firstLog)")
    #expect(try workspace.text(folder + "/renders/fast.txt") == fastFilm())
    let film = try workspace.identity(of: folder + "/renders/fast.txt")

    let second = try await result(of: folder, in: workspace, after: first["started"])
    #expect(second["status"]?.integer == 0)
    #expect(try workspace.identity(of: folder + "/renders/fast.txt") == film)
    let said = String(decoding: try log(folder, workspace).utf8.dropFirst(firstLog.utf8.count), as: UTF8.self)
    #expect(said.contains("test: done after") && !said.contains("work"))

    #expect(try workspace.reel("schedule", "remove", "test").status == 0)
    #expect(try Running("crontab", ["-l"], in: "/").wait().output == before.output)
  }

  @Test("a run prints nothing where all went well, and the end of its log where not") func quiet() throws {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
    let good = try workspace.reel("schedule", "run", "--name", "test", "campaign.yaml")
    #expect(good.status == 0 && good.output.isEmpty && good.errors.isEmpty, "\(good)")
    #expect(try workspace.text("renders/fast.txt") == fastFilm())

    try workspace.edit("campaign.yaml", "seconds: 0.0", to: "fault: error")
    let bad = try workspace.reel("schedule", "run", "--name", "test", "campaign.yaml")
    #expect(bad.status == 1 && bad.output.isEmpty)
    #expect(
      bad.errors.hasPrefix(
        "reel schedule: 'test' (\(workspace.path)/campaign.yaml) failed with exit code 1; "
          + "the log is \(workspace.path)/.reel/log/schedule.log\n"))
    #expect(bad.errors.contains("this went wrong on purpose"))

    let wrong = try workspace.reel("schedule", "run", "--name", "test", "none.yaml")
    #expect(wrong.status == 2 && wrong.errors == "none.yaml: no such file\n")
  }

  @Test("a run leaves the campaign to one that is at it") func locked() throws {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(seconds: 30))
    let other = try workspace.start(["build"])
    defer { other.killGroup() }
    // A build takes the lock before it starts a worker.
    while descendants(of: other.process).isEmpty {
      try #require(other.isRunning)
      pause(milliseconds: 10)
    }
    let second = try workspace.reel("schedule", "run", "--name", "test", "campaign.yaml")
    #expect(second.status == 4 && second.output.isEmpty && second.errors.isEmpty, "\(second)")
    #expect(try workspace.text(".reel/log/schedule.log").contains("test: left to another run"))
  }

  @Test("the log is turned over past a megabyte, and five old ones are kept") func rotation() throws {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
    try workspace.write(".reel/log/x", "")
    for number in 1...6 {
      try workspace.write(".reel/log/schedule.log", "\(number)\n" + String(repeating: "x", count: 1 << 20))
      let run = try workspace.reel("schedule", "run", "--name", "test", "campaign.yaml")
      try #require(run.status == 0)
      #expect(try workspace.text(".reel/log/schedule.log.1").hasPrefix("\(number)\n"))
    }
    #expect(try workspace.text(".reel/log/schedule.log.5").hasPrefix("2\n"))
    #expect(!workspace.exists(".reel/log/schedule.log.6"))
    #expect(try workspace.bytes(".reel/log/schedule.log").count < 1 << 16)
  }

  /// Waits for a run's result that is not the one that started at `previous`.
  private func result(of folder: String, in workspace: Workspace, after previous: JSON?) async throws -> JSON
  {
    // cron looks each minute, and may have to be started.
    for _ in 0..<1500 {
      if workspace.exists(folder + "/.reel/log/schedule-test.json") {
        let result = try JSON(parsing: try workspace.text(folder + "/.reel/log/schedule-test.json"))
        if result["started"] != previous { return result }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Never.ran
  }

  private enum Never: Error { case ran }

  private func log(_ folder: String, _ workspace: Workspace) throws -> String {
    try workspace.text(folder + "/.reel/log/schedule.log")
  }

  /// Puts the user's crontab back, whatever happened.
  private func restore(_ before: Finished, in workspace: Workspace) {
    if before.status == 0 {
      try? workspace.write("crontab", before.output)
      _ = try? Running("crontab", [workspace.path + "/crontab"], in: "/").wait()
    } else {
      _ = try? Running("crontab", ["-r"], in: "/").wait()
    }
  }
}
