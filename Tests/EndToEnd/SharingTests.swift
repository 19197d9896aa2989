// Several builds at once in one store: no action is done twice, and each ends with the right films.

import Glibc
import Testing

@Suite struct SharingTests {
  private static let shots = (1...6).map { "s\($0)" }

  private func makeWorkspace(seconds: Double) throws -> Workspace {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(seconds: seconds, shots: Self.shots))
    return workspace
  }

  /// What each of some builds at once says that it ran, in their order.
  private func run(_ builds: [Running]) throws -> [Set<String>] {
    try builds.map { build in
      let finished = try build.wait()
      try #require(finished.status == 0, "\(finished)")
      let lines = finished.output.split(separator: "\n")
      return Set(lines.filter { $0.hasPrefix("ran ") }.map { String($0.split(separator: " ")[1]) })
    }
  }

  @Test("two builds at once, twenty times: every action is run by one of them, and the film is right")
  func twoAtOnce() throws {
    let everything = Set(["shots", "film"] + (1...6).map { "work#\($0)" })
    for round in 0..<20 {
      let workspace = try makeWorkspace(seconds: 0.01)
      let ran = try run((0..<2).map { _ in try workspace.start(["build", "-j2"]) })
      #expect(ran[0].isDisjoint(with: ran[1]), "round \(round): \(ran[0].intersection(ran[1])) ran twice")
      #expect(ran[0].union(ran[1]) == everything, "round \(round)")
      #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots))
      #expect(try names(in: workspace.path + "/renders") == ["fast.txt"])
      #expect(try names(in: workspace.path + "/.reel/tmp") == [])
    }
  }

  @Test("six builds at once, of two campaigns in one folder that share actions") func many() throws {
    let workspace = try makeWorkspace(seconds: 0.05)
    try workspace.write(
      "other.yaml", try workspace.text("campaign.yaml").replacing("name: fast", with: "name: other"))
    let files = ["campaign.yaml", "other.yaml"]
    let ran = try run((0..<6).map { try workspace.start(["build", "-j2", "-f", files[$0 % 2]]) })
    #expect(ran.reduce(0) { $0 + $1.count } == 8)
    for name in ["fast", "other"] {
      #expect(try workspace.text("renders/\(name).txt") == fastFilm(shots: Self.shots))
    }
  }

  @Test("what another run makes is taken from the store, and told so") func takenOver() throws {
    let workspace = try makeWorkspace(seconds: 0.3)
    let first = try workspace.start(["build", "-j1"])
    try waitForWorkers(of: first)
    let (second, records) = try workspace.build("-j1")
    #expect(second.status == 0, "\(second)")
    let work = records.filter { $0.node == "work" }
    #expect(Set(work.map(\.status)) == ["ran", "cached"])
    #expect(work.contains { $0.why == "made by another run" })
    #expect(
      second.errors
        == ".reel: another run (process \(first.process)) is at some of this; its results are taken over\n")
    #expect(try run([first])[0].count + records.filter { $0.status == "ran" }.count == 8)
  }

  @Test("a run does itself what another one failed to do") func otherFailed() throws {
    let workspace = try makeWorkspace(seconds: 30)
    let first = try workspace.start(["build", "-j1", "work"])
    defer { first.killGroup() }
    try waitForWorkers(of: first)
    let second = try workspace.start(["build", "-j1", "--timeout", "0.2", "-k"])
    while second.isRunning, !(try second.errorsSoFar()).contains("is at some of this") {
      pause(milliseconds: 5)
    }
    kill(first.process, SIGKILL)
    let finished = try second.wait()
    #expect(finished.status == 1)
    // What fails for one reason is told once.
    #expect(finished.output.contains(" 6 failed, "), "\(finished)")
    #expect(finished.errors.contains(": plugin 'shot-work' was stopped after 0.2 seconds"), "\(finished)")
  }

  @Test("--no-wait ends with 4 where the same campaign is built, not where another one is") func noWait()
    throws
  {
    let workspace = try makeWorkspace(seconds: 30)
    try workspace.write(
      "other.yaml", fastCampaign(text: "other").replacing("name: fast", with: "name: other"))
    let first = try workspace.start(["build"])
    defer { first.killGroup() }
    try waitForWorkers(of: first)
    let refused = try workspace.reel("build", "--no-wait")
    #expect(refused.status == 4)
    #expect(
      refused.errors
        == "campaign.yaml: another run (process \(first.process)) is at work on this campaign; "
        + "leave out --no-wait to build beside it\n")
    let other = try workspace.reel("build", "--no-wait", "-f", "other.yaml")
    #expect(other.status == 0, "\(other)")
    for words in [["cache", "gc"], ["clean", "--store"], ["cache", "verify", "--repair"]] {
      let finished = try workspace.start(words + ["--no-wait"]).wait()
      #expect(finished.status == 4)
      #expect(
        finished.errors
          == ".reel: another run (process \(first.process)) is at work here; leave out --no-wait to wait\n")
    }
  }

  @Test("making room waits for a run at work, and takes nothing that it needs") func collection() throws {
    let workspace = try makeWorkspace(seconds: 0.2)
    let build = try workspace.start(["build", "-j1"])
    try waitForWorkers(of: build)
    let collection = try workspace.reel("cache", "gc", "--max-size", "1B")
    #expect(collection.status == 0)
    #expect(
      collection.errors == ".reel: another run (process \(build.process)) is at work here; waiting\n")
    #expect(try build.wait().status == 0)
    #expect(
      collection.output
        == "dropped 8 actions, 13 blobs, \(try size(of: workspace)) bytes; 0 actions, 0 blobs, 0 bytes left\n"
    )
    #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots))
    #expect(try workspace.buildAndListRun().count == 8)
  }

  /// Bytes of all that the stages make: six shots, six with a text, the film.
  private func size(of workspace: Workspace) throws -> Int {
    let film = fastFilm(shots: Self.shots).utf8.count
    return Self.shots.reduce(0) { $0 + $1.utf8.count + 1 } + film - 1 + film
  }

  @Test("two builds of one campaign with different films write one output, and it is one of the two whole")
  func sameOutput() throws {
    let workspace = try makeWorkspace(seconds: 0)
    let text = try workspace.text("campaign.yaml")
    try workspace.write(
      "campaign.yaml",
      text.replacing("name: fast", with: "name: fast\nvars: {text: hello}")
        .replacing("text: hello\n      sec", with: "text: \"${vars.text}\"\n      sec"))
    for _ in 0..<5 {
      _ = try run(["one", "two"].map { try workspace.start(["build", "-B", "-D", "text=\($0)"]) })
      let film = try workspace.text("renders/fast.txt")
      #expect(
        [fastFilm(text: "one", shots: Self.shots), fastFilm(text: "two", shots: Self.shots)].contains(film))
    }
    _ = try workspace.buildAndListRun("-D", "text=one")
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "one", shots: Self.shots))
  }

  private func waitForWorkers(of build: Running) throws {
    while descendants(of: build.process).isEmpty {
      try #require(build.isRunning)
      pause(milliseconds: 5)
    }
  }
}
