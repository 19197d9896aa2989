// The history: every build that ran something, how it ended, and what became of its actions.

import Glibc
import ReelJSON
import Testing

@Suite struct HistoryTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
  }

  private func runs() throws -> [JSON] {
    try #require(try JSON(parsing: try workspace.reel("history", "--json").output).array)
  }

  @Test("a build that runs something is listed with what it was asked for; one that does nothing is not")
  func list() throws {
    #expect(try workspace.reel("history").output == "")
    _ = try workspace.buildAndListRun("work")
    _ = try workspace.buildAndListRun("work")
    try workspace.edit("campaign.yaml", "text: hello", to: "fault: error")
    #expect(try workspace.reel("build").status == 1)
    let runs = try runs()
    #expect(runs.map { $0["run"] } == [2, 1])
    #expect(runs.map { $0["status"] } == [1, 0])
    #expect(runs.map { $0["targets"] } == [[], ["work"]])
    #expect(runs[1]["ran"] == 4 && runs[1]["failed"] == 0 && runs[1]["campaign"] == "campaign.yaml")
    let lines = try workspace.reel("history").output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains("failed after ") && lines[0].hasSuffix("  campaign.yaml"))
    #expect(
      lines[1].contains("done in ")
        && lines[1].hasSuffix(": 4 ran, 0 cached, 0 failed, 0 skipped  campaign.yaml work"), "\(lines[1])")
  }

  @Test("a run's actions are told with why and how long; those that were found are left out") func actions()
    throws
  {
    _ = try workspace.buildAndListRun("shots")
    try workspace.edit("campaign.yaml", "seconds: 0.0", to: "fault: error\n      shot: c")
    #expect(try workspace.reel("build", "-k", "-j1").status == 1)
    let text = try workspace.reel("history", "2").output.split(separator: "\n")
    #expect(text.count == 5)
    let lines = text.dropFirst().map { $0.replacing(#/ in [0-9.]+ s/#, with: "") }.sorted()
    #expect(
      lines == [
        "  failed work#3: this went wrong on purpose", "  ran work#1: new", "  ran work#2: new",
        "  skipped film: 'work' failed",
      ])
    let json = try JSON(parsing: try workspace.reel("history", "2", "--json").output)
    #expect(json["actions"]?.array?.count == 4)
    let wrong = try workspace.reel("history", "7")
    #expect(wrong.status == 2)
    #expect(
      wrong.errors
        == "reel history: RUN wants the number of a run that 'reel history' lists, found '7'\n")
  }

  @Test("a run that is killed or interrupted is listed as such") func interrupted() throws {
    try workspace.edit("campaign.yaml", "seconds: 0.0", to: "seconds: 30.0")
    for signal in [SIGKILL, SIGINT] {
      let build = try workspace.start(["build", "-B"])
      while build.isRunning, !(try build.outputSoFar()).contains("ran shots") { pause(milliseconds: 5) }
      kill(build.process, signal)
      _ = try build.wait()
    }
    #expect(try runs().map { $0["status"]?.integer } == [130, nil])
    let lines = try workspace.reel("history").output.split(separator: "\n")
    #expect(lines[0].contains("interrupted after "))
    #expect(lines[1].contains("has not ended, or was killed"))
  }
}
