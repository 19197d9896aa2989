// Plugins that crash, hang, lie or are none: each fails its own action with one line, and the rest is built.

import Glibc
import Testing

@Suite struct FaultyPluginTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
  }

  /// Two films, of which the first one's node fails.
  private func campaign(stage: String = "shot-work", with parameters: String = "", more: String = "")
    -> String
  {
    """
    reel: 1
    name: faulty
    stages:
      shots: {stage: shot-list, with: {shots: [a]}}
      bad: {stage: \(stage), in: {prompts: shots}, with: {\(parameters)}\(more)}
      good: {stage: shot-work, in: {prompts: shots}, with: {text: good}}
      bad-film: {stage: shot-join, in: {frames: bad}}
      good-film: {stage: shot-join, in: {frames: good}}
    outputs:
      bad.txt: bad-film
      good.txt: good-film

    """
  }

  /// Builds with `-k`: the good film is there, the bad one is not, and one line tells why.
  private func expectFailure(_ words: [String]) throws {
    let (finished, records) = try workspace.build("-k")
    #expect(finished.status == 1)
    #expect(try workspace.text("good.txt") == "\ngood a\n")
    #expect(!workspace.exists("bad.txt"))
    #expect(records.filter { $0.status == "failed" }.map(\.node) == ["bad"])
    #expect(records.filter { $0.status == "skipped" }.map(\.node) == ["bad-film"])
    let lines = finished.errors.split(separator: "\n").filter {
      $0.contains("bad") && !$0.contains("bad-film")
    }
    #expect(lines.count == 1, "\(finished)")
    for word in words { #expect(lines.first?.contains(word) == true, "'\(word)' in \(finished)") }
  }

  @Test(
    "a stage that fails is told by its node and its reason",
    arguments: [
      ("abort", ["shot-work", "SIGABRT", "the last words"]), ("trap", ["shot-work", "the last words"]),
      ("error", ["this went wrong on purpose"]), ("exit", ["shot-work"]),
      ("nothing", ["shot-work", "frames"]),
    ])
  func fault(kind: String, words: [String]) throws {
    try workspace.write("campaign.yaml", campaign(with: "fault: \(kind)"))
    try expectFailure(words)
  }

  @Test("a stage that loops for ever ends at its timeout") func hang() throws {
    try workspace.write("campaign.yaml", campaign(with: "fault: hang", more: ", timeout: 0.5"))
    try expectFailure(["shot-work", "0.5"])
  }

  @Test(
    "a stage that takes more memory than its node or the command line allows is stopped",
    arguments: [", memory: 100MB", ""])
  func memory(limit: String) throws {
    try workspace.write("campaign.yaml", campaign(with: "fault: memory", more: limit))
    let finished = try workspace.reel("build", "-k", "--memory", limit.isEmpty ? "100MB" : "100GB")
    #expect(finished.status == 1)
    #expect(
      finished.errors
        == "bad#1: plugin 'shot-work' used more than 100 MB of memory and was stopped; "
        + "raise the node's 'memory' (or --memory) if it needs more\n")
    #expect(try workspace.text("good.txt") == "\ngood a\n")
  }

  @Test("after a crash the stage's next action gets a new worker") func restart() throws {
    try workspace.write(
      "campaign.yaml",
      campaign(with: "fault: abort, shot: b").replacing("shots: [a]", with: "shots: [a, b, c]"))
    let (finished, records) = try workspace.build("-k", "-j1")
    #expect(finished.status == 1)
    #expect(
      records.filter { $0.node == "bad" }.map { "\($0) \($0.status)" }.sorted() == [
        "bad#1 ran", "bad#2 failed", "bad#3 ran",
      ])
  }

  @Test("without -k nothing starts after a failure") func stopsAtOnce() throws {
    try workspace.write("campaign.yaml", campaign(with: "fault: error"))
    let (finished, _) = try workspace.build("-j1")
    #expect(finished.status == 1)
    #expect(!workspace.exists("bad.txt"))
  }

  /// How a file that is called a plugin can be none.
  enum Forgery: String, CaseIterable, Sendable {
    case truncated, empty, text, garbage, machine, library, name

    /// What the error line says besides the plugin's path.
    var word: String {
      switch self {
      case .truncated: "truncated"
      case .empty, .text, .garbage: "ELF"
      case .machine: "machine"
      case .library: "reel_plugin_manifest"
      case .name: "shot-work"
      }
    }
  }

  @Test("a file that is no plugin is told by its path", arguments: Forgery.allCases)
  func forgery(kind: Forgery) throws {
    var bytes = try contents(of: try FastStages.folder() + "/libShotWork.so")
    switch kind {
    case .truncated: bytes = Array(bytes.prefix(bytes.count / 2))
    case .empty: bytes = []
    case .text: bytes = Array("echo this is no library\n".utf8)
    case .garbage: bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
    // e_machine, at byte 18 of the ELF header; 0xf3 is RISC-V.
    case .machine: bytes[18] = 0xf3
    case .library: bytes = try contents(of: Built.folder + "/libReelCore.so")
    // A good plugin of another stage, under this one's name.
    case .name: break
    }
    try workspace.write("plugins/libNotThis.so", bytes)
    workspace.plugins.append(workspace.path + "/plugins")
    try workspace.write("campaign.yaml", campaign(stage: "not-this"))
    try expectFailure(["libNotThis.so", kind.word])
  }

  @Test("a plugin for another SDK is told by both versions") func otherSDK() throws {
    let header = try String(
      decoding: contents(of: "\(Built.project)/Sources/Core/CReelABI/include/reel_abi.h"), as: UTF8.self)
    try #require(header.contains("#define REEL_SDK_VERSION \"2\""))
    try workspace.write(
      "abi/reel_abi.h",
      header.replacing("#define REEL_SDK_VERSION \"2\"", with: "#define REEL_SDK_VERSION \"99\""))
    try workspace.write("abi/module.modulemap", "module CReelABI { header \"reel_abi.h\" export * }\n")
    try workspace.write("plugins/readme", "")
    try compilePlugin(
      "ShotWork", from: Fixtures.plugin("Fast"), flags: ["-D", "SHOT_WORK"], abi: workspace.path + "/abi",
      to: workspace.path + "/plugins")
    try #require(
      rename("\(workspace.path)/plugins/libShotWork.so", "\(workspace.path)/plugins/libNotThis.so") == 0)
    workspace.plugins.append(workspace.path + "/plugins")
    try workspace.write("campaign.yaml", campaign(stage: "not-this"))
    try expectFailure(["libNotThis.so", "99"])
  }
}
