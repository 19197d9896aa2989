// `reel build --watch`: saves, editors that rename, mistakes, and builds that are overtaken.

import Glibc
import Testing

@Suite struct WatchTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
  }

  /// Waits until `condition` holds, as long as the build lives; five minutes at most.
  private func wait(_ build: Running, until condition: () throws -> Bool) throws {
    for _ in 0..<60_000 {
      if try condition() { return }
      try #require(build.isRunning)
      pause(milliseconds: 5)
    }
    Issue.record("waited in vain: \(try build.outputSoFar()) \(try build.errorsSoFar())")
  }

  /// Whether an action has been given a folder to write to.
  private var isAtWork: Bool {
    let tmp = workspace.path + "/.reel/tmp"
    return
      (try? names(in: tmp).contains { run in try names(in: "\(tmp)/\(run)").contains { Int($0) != nil } })
      ?? false
  }

  /// Waits until the build has come to rest for the `count`th time.
  private func waitForRest(_ build: Running, _ count: Int) throws {
    try wait(build) { try build.outputSoFar().ranges(of: "waiting for a change").count >= count }
  }

  @Test("a save is built, one that renames too, and a mistake is told and waited out") func saves() throws {
    let build = try workspace.start(["build", "--watch"])
    defer { build.killGroup() }
    try waitForRest(build, 1)
    #expect(try workspace.text("renders/fast.txt") == fastFilm())

    try workspace.edit("campaign.yaml", "text: hello", to: "text: howdy")
    try waitForRest(build, 2)
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "howdy"))
    #expect(try build.outputSoFar().contains("\nchanged: campaign.yaml\n"))

    try workspace.write(".campaign.yaml.swp", fastCampaign(text: "bonjour"))
    try #require(rename(workspace.path + "/.campaign.yaml.swp", workspace.path + "/campaign.yaml") == 0)
    try waitForRest(build, 3)
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "bonjour"))

    try workspace.edit("campaign.yaml", "text: bonjour", to: "txet: bonjour")
    try waitForRest(build, 4)
    #expect(
      try build.errorsSoFar()
        == "campaign.yaml:9:7: unknown parameter 'txet' for stage 'shot-work'; did you mean 'text'?\n")
    try workspace.edit("campaign.yaml", "txet: bonjour", to: "text: salut")
    try waitForRest(build, 5)
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "salut"))

    kill(build.process, SIGINT)
    #expect(try build.wait().status == 130)
  }

  @Test("a file that a parameter names is watched, and one that is missing is waited for")
  func parameterFiles()
    throws
  {
    try workspace.edit("campaign.yaml", "text: hello", to: "text: hello\n      file: more.txt")
    let build = try workspace.start(["build", "--watch"])
    defer { build.killGroup() }
    try waitForRest(build, 1)
    #expect(try build.errorsSoFar().hasPrefix("campaign.yaml:10:13: "))
    try workspace.write("more.txt", "and ")
    try waitForRest(build, 2)
    #expect(try workspace.text("renders/fast.txt") == "\nhello and a\nhello and b\nhello and c\n")
    try workspace.write("more.txt", "or ")
    try waitForRest(build, 3)
    #expect(try workspace.text("renders/fast.txt") == "\nhello or a\nhello or b\nhello or c\n")
  }

  @Test("a build whose sources change is cancelled, its workers are gone, and the next one begins")
  func cancelled() throws {
    try workspace.write("campaign.yaml", fastCampaign(seconds: 60))
    let build = try workspace.start(["build", "--watch"])
    defer { build.killGroup() }
    // At least one shot is at work for a minute.
    try wait(build) { !descendants(of: build.process).isEmpty && isAtWork }
    let family = descendants(of: build.process)
    try workspace.write("campaign.yaml", fastCampaign(text: "soon"))
    try waitForRest(build, 1)
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "soon"))
    #expect(try build.outputSoFar().contains("\ncancelled after "))
    for process in family { #expect(!isAlive(process)) }
    kill(build.process, SIGTERM)
    #expect(try build.wait().status == 143)
  }

  @Test("Ctrl-C ends a build that is at work as it always does") func interrupted() throws {
    try workspace.write("campaign.yaml", fastCampaign(seconds: 60))
    let build = try workspace.start(["build", "--watch"])
    defer { build.killGroup() }
    try wait(build) { isAtWork }
    kill(build.process, SIGINT)
    let ended = try build.wait()
    #expect(ended.status == 130)
    #expect(ended.output.contains("interrupted after "))
  }
}
