// How a run treats what changes, fails or is equal while it is at work.

import Glibc
import Testing

@Suite struct RunTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
  }

  /// Waits until a worker is at work.
  private func waitForWork(_ build: Running) throws {
    while descendants(of: build.process).isEmpty {
      try #require(build.isRunning)
      usleep(10_000)
    }
  }

  @Test("a file that changes while its action runs: nothing is published under the old content's key")
  func changingFile() throws {
    try workspace.write("claim.txt", "old ")
    try workspace.write(
      "campaign.yaml",
      fastCampaign(seconds: 0.8, shots: ["a"]).replacing("text: hello", with: "file: claim.txt"))
    _ = try workspace.buildAndListRun("shots")
    let build = try workspace.start(["build"])
    try waitForWork(build)
    // The stage reads the file when it has slept.
    try workspace.write("claim.txt", "new ")
    let finished = try build.wait()
    #expect(finished.status == 0, "\(finished)")
    #expect(
      finished.errors == "claim.txt: changed while 'work#1' ran; done again\n" || finished.errors.isEmpty,
      "\(finished)")
    #expect(try workspace.text("renders/fast.txt") == "\n new a\n")
    #expect(try workspace.buildAndListRun() == [])
    try workspace.write("claim.txt", "old ")
    #expect(try workspace.buildAndListRun() == ["film", "work#1"])
    #expect(try workspace.text("renders/fast.txt") == "\n old a\n")
  }

  @Test("a plugin that is replaced while it works: nothing of it is published, and the build fails")
  func changingPlugin() throws {
    for name in ["ShotList", "ShotWork", "ShotJoin"] {
      try workspace.write("plugins/lib\(name).so", contents(of: try FastStages.folder() + "/lib\(name).so"))
    }
    workspace.plugins = [workspace.path + "/plugins"]
    try workspace.write("campaign.yaml", fastCampaign(seconds: 0.3, shots: ["a"]))
    _ = try workspace.buildAndListRun("shots")
    let build = try workspace.start(["build"])
    try waitForWork(build)
    // A name of its own: the worker has the old file mapped.
    let plugin = "plugins/libShotWork.so"
    try workspace.write("plugins/new", try workspace.bytes(plugin) + [0])
    try #require(rename("\(workspace.path)/plugins/new", "\(workspace.path)/\(plugin)") == 0)
    let finished = try build.wait()
    #expect(finished.status == 1, "\(finished)")
    #expect(
      finished.errors
        == "work#1: \(workspace.path)/\(plugin): the plugin changed while it was at work; build again\n")
    #expect(!workspace.exists("renders"))
    #expect(try workspace.buildAndListRun() == ["film", "work#1"])
  }

  @Test("a file that never comes to rest fails the build, and nothing of it is delivered") func restlessFile()
    throws
  {
    try workspace.write("claim.txt", "0 ")
    try workspace.write(
      "campaign.yaml",
      fastCampaign(seconds: 0.3, shots: ["a"]).replacing("text: hello", with: "file: claim.txt"))
    let build = try workspace.start(["build"])
    var count = 0
    while build.isRunning {
      count += 1
      try workspace.write("claim.txt", "\(count) ")
      usleep(20_000)
    }
    let finished = try build.wait()
    #expect(finished.status == 1, "\(finished)")
    #expect(
      finished.errors.contains(
        "work: its sources or the store change all the time; build again when they are at rest\n")
        || finished.errors.contains("claim.txt: changes while it is read; start again when it is finished\n"),
      "\(finished)")
    #expect(!workspace.exists("renders"))
  }

  @Test("a failing action is tried again as often as its node says") func retries() throws {
    try workspace.write(
      "campaign.yaml",
      fastCampaign(shots: ["a"]).replacing(
        "in: {prompts: shots}", with: "in: {prompts: shots}\n    retries: 2"
      )
      .replacing("text: hello", with: "fault: error"))
    let finished = try workspace.reel("build")
    #expect(finished.status == 1)
    #expect(
      finished.errors == """
        work#1: this went wrong on purpose; trying again in 0.50 s
        work#1: this went wrong on purpose; trying again in 1.00 s
        work#1: this went wrong on purpose

        """)
  }

  @Test("while one action waits for another try, the others run") func backoff() throws {
    try workspace.write(
      "campaign.yaml",
      fastCampaign().replacing("in: {prompts: shots}", with: "in: {prompts: shots}\n    retries: 1")
        .replacing("text: hello", with: "text: hello\n      fault: error\n      shot: a"))
    let (finished, records) = try workspace.build("-k", "-j1")
    #expect(finished.status == 1)
    #expect(
      records.filter { $0.node == "work" }.map { "\($0) \($0.status)" } == [
        "work#2 ran", "work#3 ran", "work#1 failed",
      ])
  }

  @Test("equal actions of two nodes are run once") func twins() throws {
    try workspace.write(
      "campaign.yaml",
      """
      reel: 1
      name: twins
      stages:
        shots: {stage: shot-list, with: {shots: [a]}}
        one: {stage: shot-work, in: {prompts: shots}, with: {text: same, seconds: 0.2}}
        other: {stage: shot-work, in: {prompts: shots}, with: {text: same, seconds: 0.2}}
        film: {stage: shot-join, in: {frames: [one, other]}}
      outputs: {film.txt: film}

      """)
    let (finished, records) = try workspace.build("-j4")
    #expect(finished.status == 0, "\(finished)")
    #expect(
      records.filter { $0.node == "one" || $0.node == "other" }.map(\.status).sorted() == ["cached", "ran"])
    #expect(try workspace.text("film.txt") == "\nsame a\nsame a\n")
  }

  @Test("after a failure -k still runs the other shots, and the next build only what is missing")
  func keepGoing()
    throws
  {
    try workspace.write(
      "campaign.yaml",
      fastCampaign().replacing("text: hello", with: "text: hello\n      fault: error\n      shot: b"))
    let (finished, records) = try workspace.build("-k", "-j1")
    #expect(finished.status == 1)
    #expect(
      records.filter { $0.status == "ran" }.map(\.description).sorted() == ["shots", "work#1", "work#3"])
    #expect(records.filter { $0.status == "failed" }.map(\.description) == ["work#2"])
    #expect(records.filter { $0.status == "skipped" }.map(\.description) == ["film"])
    let (_, again) = try workspace.build("-k")
    #expect(
      again.filter { $0.status == "cached" }.map(\.description).sorted() == ["shots", "work#1", "work#3"])
  }

  @Test(
    "an artifact that was damaged without a change of its size is noticed when it is read, and made again")
  func damagedInput() throws {
    try workspace.write("campaign.yaml", fastCampaign())
    _ = try workspace.buildAndListRun()
    for folder in try names(in: workspace.path + "/.reel/blobs") {
      for blob in try names(in: "\(workspace.path)/.reel/blobs/\(folder)") {
        let name = ".reel/blobs/\(folder)/\(blob)"
        try #require(chmod("\(workspace.path)/\(name)", 0o644) == 0)
        var bytes = try workspace.bytes(name)
        bytes[0] ^= 1
        try workspace.write(name, bytes)
      }
    }
    try workspace.edit(
      "campaign.yaml", "{stage: shot-join, in: {frames: work}}",
      to: "{stage: shot-join, in: {frames: work}, with: {title: T}}")
    let finished = try workspace.reel("build")
    #expect(finished.status == 0, "\(finished)")
    #expect(
      finished.errors.split(separator: "\n").allSatisfy {
        $0.contains("was damaged; removed, to be made again")
      })
    #expect(try workspace.text("renders/fast.txt") == "T" + fastFilm())
    #expect(try workspace.reel("cache", "verify").output.contains(" 0 missing\n"))
  }
}
