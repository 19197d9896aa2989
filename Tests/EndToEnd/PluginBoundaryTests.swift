// One core library in a process: what the binaries ask the dynamic linker for, and what a running worker has mapped.

import Glibc
import Testing

@Suite struct PluginBoundaryTests {
  static let plugins = [
    "PromptExpansion", "KeyframeGeneration", "PatchDiffusion", "Upscaling", "AdOverlay", "Encoding",
  ]

  /// Runs a program of the binutils on a file of the build.
  private func inspect(_ tool: String, _ flags: String, _ file: String) throws -> [String] {
    let finished = try Running(tool, flags.split(separator: " ").map(String.init) + [file], in: Built.folder)
      .wait()
    try #require(finished.status == 0, "\(finished)")
    return finished.output.split(separator: "\n").map(String.init)
  }

  private func needed(_ file: String) throws -> [String] {
    try inspect("readelf", "--dynamic --wide", file).filter { $0.contains("(NEEDED)") }
      .compactMap { $0.split(separator: "[").last?.dropLast() }.map(String.init)
  }

  @Test(
    "every plugin and program asks for the core library",
    arguments: plugins.map { "lib\($0).so" } + ["reel", "reel-worker"])
  func coreIsNeeded(file: String) throws {
    #expect(try needed(file).filter { $0 == "libReelCore.so" }.count == 1)
  }

  @Test(
    "the host and the worker are linked to no plugin, and no plugin to another",
    arguments: plugins.map { "lib\($0).so" } + ["reel", "reel-worker"])
  func pluginsStandAlone(file: String) throws {
    let plugins = Set(Self.plugins.map { "lib\($0).so" })
    #expect(try needed(file).filter(plugins.contains).isEmpty)
  }

  @Test(
    "the core's types are defined in the core alone",
    arguments: plugins.map { "lib\($0).so" } + ["reel", "reel-worker"])
  func typesAreDefinedOnce(file: String) throws {
    // Nominal type descriptors end in Mn: a second one would be a second type of the same name.
    func types(_ file: String) throws -> Set<String> {
      Set(
        try inspect("nm", "--dynamic --defined-only --format=just-symbols", file)
          .filter { $0.hasPrefix("$s") && $0.hasSuffix("Mn") })
    }
    let core = try types("libReelCore.so")
    #expect(core.contains { $0.contains("ReelStage") })
    #expect(try types(file).isDisjoint(with: core))
  }

  @Test("a working worker has one core and its one plugin mapped, the host no plugin") func processMap()
    throws
  {
    let workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(seconds: 30))
    let host = try workspace.start(["build"])
    defer { host.killGroup() }
    var mapped: Set<String> = []
    while mapped.isEmpty {
      try #require(host.isRunning, "the build ended before its worker was seen")
      pause(milliseconds: 20)
      for worker in children(of: host.process) {
        let libraries = try mappedReelLibraries(worker)
        if libraries.contains("libShotWork.so") { mapped = libraries }
      }
    }
    #expect(mapped == ["libReelCore.so", "libShotWork.so"])
    #expect(try mappedReelLibraries(host.process) == ["libReelCore.so"])
  }

  /// The names of the mapped libraries that are not the system's; one that is mapped from two files stands here
  /// with both paths.
  private func mappedReelLibraries(_ process: pid_t) throws -> Set<String> {
    let map = String(decoding: (try? contents(of: "/proc/\(process)/maps")) ?? [], as: UTF8.self)
    let paths = Set(
      map.split(separator: "\n").compactMap { line in line.firstIndex(of: "/").map { line[$0...] } }
        .filter { $0.hasPrefix(Built.folder) && $0.hasSuffix(".so") }.map(String.init))
    let byName = Dictionary(grouping: paths) { String($0.split(separator: "/").last ?? "") }
    return Set(byName.flatMap { name, paths in paths.count == 1 ? [name] : paths })
  }
}
