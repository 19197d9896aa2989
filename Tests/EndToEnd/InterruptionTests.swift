// Builds that are killed: what was finished stays finished, and the film comes out the same.

import Glibc
import Testing

@Suite struct InterruptionTests {
  private static let shots = (1...16).map { "s\($0)" }

  private func makeWorkspace(seconds: Double) throws -> Workspace {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(seconds: seconds, shots: Self.shots))
    return workspace
  }

  /// Which of a running build's processes are killed.
  enum Victim: String, CaseIterable, Sendable { case host, workers, all }

  @Test(
    "a build killed again and again loses no finished action and changes no byte", arguments: Victim.allCases)
  func killed(victim: Victim) throws {
    let workspace = try makeWorkspace(seconds: 0.03)
    var finished: Set<String> = []
    var interruptions = 0
    while true {
      let build = try workspace.start(["build", "-j2"])
      // At least one shot is finished each time; how far the next ones are varies.
      while build.isRunning, !reported(try build.outputSoFar()).contains(where: { $0.hasPrefix("work#") }) {
        pause(milliseconds: 2)
      }
      pause(milliseconds: interruptions * 7 % 30)
      let family = [build.process] + descendants(of: build.process)
      switch victim {
      case .host: kill(build.process, SIGKILL)
      case .workers: for process in family.dropFirst() { kill(process, SIGKILL) }
      case .all: for process in family { kill(process, SIGKILL) }
      }
      let ended = try build.wait()
      let ran = reported(ended.output)
      #expect(finished.isDisjoint(with: ran), "run again: \(finished.intersection(ran))")
      finished.formUnion(ran)
      for process in family { expectGone(process) }
      if ended.status == 0 { break }
      interruptions += 1
    }
    #expect(interruptions > 2)
    #expect(try workspace.buildAndListRun() == [])
    #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots))
  }

  @Test("a build killed while it writes is finished by the next one as if nothing had been") func sameBytes()
    throws
  {
    let undisturbed = try makeWorkspace(seconds: 0)
    _ = try undisturbed.buildAndListRun()
    let workspace = try makeWorkspace(seconds: 0)
    for round in 0..<30 {
      let build = try workspace.start(["build", "-j2"])
      usleep(useconds_t(round * 5_000))
      for process in [build.process] + descendants(of: build.process) { kill(process, SIGKILL) }
      _ = try build.wait()
    }
    _ = try workspace.buildAndListRun()
    #expect(try workspace.bytes("renders/fast.txt") == undisturbed.bytes("renders/fast.txt"))
    #expect(try names(in: workspace.path + "/renders") == ["fast.txt"])
  }

  @Test(
    "a signal ends the build, its workers too, with the shell's exit code",
    arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func signal(number: Int32, status: Int32) throws {
    let workspace = try makeWorkspace(seconds: 30)
    let build = try workspace.start(["build"])
    defer { build.killGroup() }
    while descendants(of: build.process).isEmpty {
      try #require(build.isRunning)
      pause(milliseconds: 10)
    }
    let family = descendants(of: build.process)
    kill(build.process, number)
    #expect(try build.wait().status == status)
    for process in family { expectGone(process) }
  }

  /// How many rounds of a test that gains by more are done: from the environment, for a night's soak.
  private static let rounds = getenv("REEL_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 15

  @Test("killed with all its workers at a random instant, any number of times, a build loses nothing")
  func randomInstants() throws {
    let undisturbed = try makeWorkspace(seconds: 0)
    _ = try undisturbed.buildAndListRun()
    var generator = SystemRandomNumberGenerator()
    for round in 0..<Self.rounds {
      let workspace = try makeWorkspace(seconds: 0.005)
      var finished: Set<String> = []
      for _ in 0..<3 {
        let build = try workspace.start(["build", "-j2"])
        usleep(useconds_t.random(in: 0...250_000, using: &generator))
        for process in [build.process] + descendants(of: build.process) { kill(process, SIGKILL) }
        let ran = reported(try build.wait().output)
        #expect(finished.isDisjoint(with: ran), "round \(round) ran again: \(finished.intersection(ran))")
        finished.formUnion(ran)
      }
      let ran = Set(try workspace.buildAndListRun())
      #expect(finished.isDisjoint(with: ran), "round \(round) ran again: \(finished.intersection(ran))")
      #expect(try workspace.bytes("renders/fast.txt") == undisturbed.bytes("renders/fast.txt"))
      // A build with nothing to do does not look there; whatever else works in the store does.
      #expect(try workspace.reel("cache", "gc").status == 0)
      #expect(try names(in: workspace.path + "/.reel/tmp") == [])
      #expect(try workspace.reel("cache", "verify").status == 0)
    }
  }

  @Test("a signal leaves nothing half-made, and ends a wait for another try at once") func clean() throws {
    let workspace = try makeWorkspace(seconds: 0)
    try workspace.edit(
      "campaign.yaml", "in: {prompts: shots}", to: "in: {prompts: shots}\n    retries: 100")
    try workspace.edit("campaign.yaml", "text: hello", to: "fault: error")
    let build = try workspace.start(["build", "-j1"])
    // By the fifth try the wait is eight seconds long.
    while build.isRunning, !(try build.errorsSoFar()).contains("trying again in 4.00 s") {
      pause(milliseconds: 5)
    }
    let start = steadyClock()
    kill(build.process, SIGINT)
    #expect(try build.wait().status == 130)
    #expect(steadyClock() - start < 3.5)
    #expect(try names(in: workspace.path + "/.reel/tmp") == [])
    #expect(!workspace.exists("renders"))
  }

  @Test("what a killed run's stages started is ended by the next run, and its folder goes") func orphans()
    throws
  {
    let workspace = try makeWorkspace(seconds: 0)
    try workspace.edit("campaign.yaml", "text: hello", to: "fault: orphan")
    let build = try workspace.start(["build", "-j1"])
    defer { build.killGroup() }
    var orphan: pid_t?
    while orphan == nil, build.isRunning {
      pause(milliseconds: 5)
      orphan = descendants(of: build.process).first {
        $0 != build.process && children(of: $0).isEmpty && isSleep($0)
      }
    }
    let left = try #require(orphan)
    for process in [build.process] + descendants(of: build.process) where process != left {
      kill(process, SIGKILL)
    }
    _ = try build.wait()
    #expect(isAlive(left))
    #expect(try names(in: workspace.path + "/.reel/tmp").count == 1)
    _ = try workspace.buildAndListRun("shots")
    expectGone(left)
    #expect(try names(in: workspace.path + "/.reel/tmp") == [])
  }

  private func isSleep(_ process: pid_t) -> Bool {
    String(decoding: (try? contents(of: "/proc/\(process)/comm")) ?? [], as: UTF8.self) == "sleep\n"
  }

  /// The actions that a build's plain output says are done: `work#3`.
  private func reported(_ output: String) -> Set<String> {
    Set(
      output.split(separator: "\n").filter { $0.hasPrefix("ran ") }
        .map { String($0.split(separator: " ")[1]) })
  }

  /// Waits until a process has ended.
  private func expectGone(_ process: pid_t) {
    for _ in 0..<500 where isAlive(process) { pause(milliseconds: 10) }
    #expect(!isAlive(process), "process \(process) lives on")
  }
}
