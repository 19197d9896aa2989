// Runs of frames, made, cached and made again on their own.

import Glibc
import Testing

@Suite struct SpanTests {
  private static let plugins = Result {
    let folder = Built.folder + "/span-stages"
    mkdir(folder, 0o755)
    for (name, flag) in [("SpanSource", "SPAN_SOURCE"), ("SpanMean", "SPAN_MEAN"), ("SpanText", "SPAN_TEXT")]
    {
      try compilePlugin(name, from: Fixtures.plugin("Spans"), flags: ["-D", flag], to: folder)
    }
    return folder
  }

  private func workspace(_ parts: [String], join: String = "[a, b, c]") throws -> Workspace {
    let workspace = try Workspace()
    workspace.plugins = [try Self.plugins.get()]
    let sources = ["a", "b", "c"].enumerated().map { index, name in
      "  \(name): {stage: span-source, with: {parts: [\(parts[index])], shade: \(40 * index)}}\n"
    }
    try workspace.write(
      "campaign.yaml",
      """
      reel: 1
      name: spans
      stages:
      \(sources.joined())  soft: {stage: span-mean, in: {frames: \(join)}}
        text: {stage: span-text, in: {frames: soft}}
      outputs: {out.txt: text}

      """)
    return workspace
  }

  /// What the stages make of all the frames at once.
  private func film(_ parts: [[Int]], order: [Int] = [0, 1, 2]) -> String {
    let shades = order.flatMap { source in
      (0..<parts[source].reduce(0, +)).map { (40 * source + 7 * $0) % 256 }
    }
    let soft = shades.indices.map { index in
      let near = shades[max(0, index - 2)..<min(shades.count, index + 3)]
      return near.reduce(0, +) / near.count
    }
    return soft.map(String.init).joined(separator: " ")
  }

  private func text(_ workspace: Workspace) throws -> String {
    try workspace.text("out.txt").split(separator: "\n").joined(separator: " ")
  }

  @Test(
    "runs of frames give what the whole film gives, however its parts lie",
    arguments: [
      [[7, 9], [3], [11, 1]], [[30], [1], [1]], [[1, 1, 1], [2, 2], [4]], [[10], [10], [10]],
    ])
  func whole(parts: [[Int]]) throws {
    let workspace = try workspace(parts.map { $0.map(String.init).joined(separator: ", ") })
    try #require(try workspace.reel("build").status == 0)
    #expect(try text(workspace) == film(parts))
  }

  @Test("a changed part makes again the runs that read it, and joins them") func change() throws {
    let workspace = try workspace(["20", "10", "10"])
    #expect(
      try workspace.buildAndListRun() == [
        "a", "b", "c", "soft#0-9", "soft#10-19", "soft#20-29", "soft#30-39", "text", "text#0-9", "text#10-19",
        "text#20-29", "text#30-39",
      ])
    try workspace.edit("campaign.yaml", "[10], shade: 80", to: "[10], shade: 90")
    // The run before reaches into the changed part with its halo.
    #expect(
      try workspace.buildAndListRun() == [
        "c", "soft#20-29", "soft#30-39", "text", "text#20-29", "text#30-39",
      ])
    try workspace.edit("campaign.yaml", "[10], shade: 90", to: "[10], shade: 80")
    #expect(try workspace.buildAndListRun() == [])
    #expect(try text(workspace) == film([[20], [10], [10]]))
  }

  @Test("a run that only moves is found") func move() throws {
    let workspace = try workspace(["30", "10", "10"], join: "[a, b]")
    try #require(try workspace.reel("build").status == 0)
    try workspace.edit("campaign.yaml", "{frames: [a, b]}", to: "{frames: [b, a]}")
    // In the middle of 'a' nothing changes; its first run has other neighbours now, as has its last.
    #expect(
      try workspace.buildAndListRun() == [
        "soft#0-9", "soft#10-19", "soft#30-39", "text", "text#0-9", "text#10-19", "text#30-39",
      ])
    #expect(try text(workspace) == film([[30], [10], [10]], order: [1, 0]))
  }

  @Test("the plan shows the runs") func plan() throws {
    let workspace = try workspace(["20", "10", "10"])
    _ = try workspace.reel("build", "c", "soft")
    let plan = try workspace.reel("plan", "text").output.split(separator: "\n").map(String.init)
    #expect(
      plan.suffix(7) == [
        "would run   text#0-9: new", "would run   text#10-19: new", "would run   text#20-29: new",
        "would run   text#30-39: new", "waits       text: for its runs of frames",
        "waits       out.txt: for text",
        "4 would run, 1 wait, 7 cached",
      ])
  }
}
