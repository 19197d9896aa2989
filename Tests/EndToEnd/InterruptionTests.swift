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

  @Test("a second build waits for the first, or leaves with --no-wait") func lock() throws {
    let workspace = try makeWorkspace(seconds: 0.2)
    let first = try workspace.start(["build", "-j1"])
    while descendants(of: first.process).isEmpty {
      try #require(first.isRunning)
      pause(milliseconds: 10)
    }
    #expect(try workspace.reel("build", "--no-wait").status == 4)
    #expect(try workspace.buildAndListRun() == [])
    #expect(try first.wait().status == 0)
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
