// Tests of targets, and of the patterns of file names.

import ReelPlanning
import ReelStage
import Testing

@Suite struct SelectionTests {
  private let graph: Graph

  init() throws {
    graph = try Workspace(campaign + "  prompts.json: prompts\n", files: ["markets.csv": markets]).graph()
  }

  private func names(_ targets: String...) throws -> (nodes: [String], outputs: [String]) {
    let selection = try graph.selection(of: Targets(targets))
    return (selection.nodes.map { graph.nodes[$0].name }, selection.outputs.map { graph.outputs[$0].path })
  }

  @Test func everythingIsWhatTheOutputsNeed() throws {
    #expect(try names().nodes.count == 11)
    #expect(try names().outputs.count == 4)
    let unused = try Workspace(
      """
      reel: 1
      stages:
        a: {stage: prompt-expansion, with: {brief: b}}
        b: {stage: prompt-expansion, with: {brief: b}}
      outputs: {a.json: a}
      """
    ).graph()
    #expect(unused.everything.nodes == [0])
  }

  @Test func aTargetBringsWhatItNeeds() throws {
    let footage = try names("footage")
    #expect(footage.nodes == ["prompts", "keyframes", "footage"])
    #expect(footage.outputs == [])
    let spot = try names("spot@us,9x16")
    #expect(
      spot.nodes == [
        "prompts", "keyframes", "footage", "master@format=9x16", "branded@market=us,format=9x16",
        "spot@market=us,format=9x16",
      ])
    #expect(spot.outputs == ["renders/sparkling-water-us-9x16.mp4"])
    #expect(try names("spot@market=us").outputs.count == 2)
    #expect(
      try names("renders/*-us-*.mp4").outputs == [
        "renders/sparkling-water-us-16x9.mp4", "renders/sparkling-water-us-9x16.mp4",
      ])
    #expect(
      try names("./renders/sparkling-water-jp-9x16.mp4").outputs == ["renders/sparkling-water-jp-9x16.mp4"])
    #expect(
      try names("master@16x9", "prompts").nodes == ["prompts", "keyframes", "footage", "master@format=16x9"])
  }

  @Test func aTargetThatMeansNothingIsRefused() {
    do {
      _ = try graph.selection(
        of: Targets([
          "spto", "spot@sp", "footage@us", "spot@jp,16x9", "renders/*-fr-*", "spot@format=9x61",
        ]))
      Issue.record("the targets were accepted")
    } catch {
      #expect(
        error.list.map(\.description) == [
          "spto: no node or output is called 'spto'; did you mean 'spot'?",
          "spot@sp: no variant of node 'spot' has a row 'sp'; did you mean 'jp'?",
          "footage@us: node 'footage' is the same for all variants; leave out '@us'",
          "spot@jp,16x9: no variant of node 'spot' has all these rows",
          "renders/*-fr-*: no output matches; one that there is: 'renders/sparkling-water-us-16x9.mp4'",
          "spot@format=9x61: no variant of node 'spot' has a row 'format=9x61'; did you mean 'format=9x16'?",
        ])
    }
  }

  private func names(_ targets: Targets) throws -> [String] {
    let selection = try graph.selection(of: targets)
    return selection.nodes.map { graph.nodes[$0].name } + selection.outputs.map { graph.outputs[$0].path }
  }

  @Test func variantsNarrowWhatIsWanted() throws {
    let film = [
      "prompts", "keyframes", "footage", "master@format=9x16", "branded@market=us,format=9x16",
      "spot@market=us,format=9x16",
    ]
    // What no market can tell apart is of every market.
    let outputs = ["renders/sparkling-water-us-9x16.mp4", "prompts.json"]
    #expect(try names(Targets(variants: ["market=us,format=9x16"])) == film + outputs)
    #expect(try names(Targets(variants: ["us,9x16"])) == film + outputs)
    #expect(try names(Targets(["spot"], variants: ["us,9x16"])) == film + [outputs[0]])
    #expect(
      try names(Targets(["spot"], variants: ["us,16x9", "jp"])).filter { $0.hasPrefix("spot") } == [
        "spot@market=us,format=16x9", "spot@market=jp,format=9x16",
      ])
    #expect(try names(Targets(["footage"], variants: ["us"])) == ["prompts", "keyframes", "footage"])
  }

  @Test func buildingEndsWithANode() throws {
    #expect(
      try names(Targets(until: ["master"])) == [
        "prompts", "keyframes", "footage", "master@format=16x9", "master@format=9x16", "prompts.json",
      ])
    #expect(
      try names(Targets(["renders/*-jp-*"], until: ["master"])) == [
        "prompts", "keyframes", "footage", "master@format=9x16",
      ])
    #expect(try names(Targets(until: ["master@16x9", "keyframes"], variants: ["us"])).count == 5)
  }

  @Test func narrowingThatMeansNothingIsRefused() {
    func problems(_ targets: Targets) -> [String] {
      do {
        _ = try graph.selection(of: targets)
        return []
      } catch {
        return error.list.map(\.description)
      }
    }
    #expect(
      problems(Targets(until: ["mastre", "spot@fr"])) == [
        "--until mastre: unknown node 'mastre'; did you mean 'master'?",
        "--until spot@fr: no variant of node 'spot' has a row 'fr'",
      ])
    #expect(
      problems(Targets(["footage"], until: ["master"])) == [
        "--until master: nothing that is to be built needs this node"
      ])
    #expect(
      problems(Targets(variants: ["market=su", "us,9x61"])) == [
        "--only-variant market=su: no row is called 'market=su'; did you mean 'market=us'?",
        "--only-variant us,9x61: no row is called '9x61'; did you mean '9x16'?",
      ])
    #expect(
      problems(Targets(variants: ["us,jp"])) == [
        "--only-variant us,jp: 'us', 'jp' are rows of one axis, 'market', and nothing has both; repeat --only-variant for each"
      ])
    #expect(
      problems(Targets(["spot@jp"], variants: ["us"])) == [
        "--only-variant us: nothing that is to be built is in this variant"
      ])
  }

  @Test func aSelectionIsAGraphOfItsOwn() throws {
    let part = graph.restricted(to: try graph.selection(of: Targets(["spot@us,9x16"])))
    #expect(part.nodes.map(\.index) == Array(0..<6))
    #expect(part.nodes.map(\.name).last == "spot@market=us,format=9x16")
    #expect(part.nodes[5].inputs == ["frames": [GraphSource(node: 4, port: "frames")]])
    #expect(part.outputs.map(\.path) == ["renders/sparkling-water-us-9x16.mp4"])
    #expect(part.outputs[0].source.node == 5)
  }

  /// As fnmatch(3) with FNM_PATHNAME has it, and `**` as git has it.
  @Test(arguments: [
    ("*.json", "a.json", true), ("*.json", "a/b.json", false), ("**/*.json", "a/b/c.json", true),
    ("**/*.json", "c.json", true), ("a/**", "a/b/c", true), ("a/**", "b/a/c", false), ("a?c", "abc", true),
    ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[!a-c]x", "dx", true),
    ("[]x", "[]x", true), ("[]]x", "]x", true), ("a[", "a[", true), ("", "", true), ("*", "", true),
    ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("é*", "éa", true), ("x/**/y", "x/y", true),
    ("x/**/y", "xy", false), ("[a-]", "-", true),
  ])
  func globs(pattern: String, text: String, fits: Bool) {
    #expect(Glob(pattern).matches(text) == fits)
  }

  @Test func aHostilePatternTakesNoTimeToSpeakOf() {
    let pattern = String(repeating: "*a", count: 200) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 2_000)))
  }
}
