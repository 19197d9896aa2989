// `reel explain`: what exactly changed against the nearest earlier action, down to the words of a prompt.

import ReelJSON
import Testing

@Suite struct ExplainTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write(
      "campaign.yaml",
      shotCampaign(
        shots: """

              stage: prompt-expansion
              with: {brief: "a red can of sparkling water, snowy mountains", seed: 1, shot_list: [{id: a, prompt: push in, light: dusk}]}
          """))
    try #require(try workspace.reel("build").status == 0)
  }

  /// What follows the key.
  private func lines(_ target: String) throws -> [Substring] {
    let output = try workspace.reel("explain", target).output
    return Array(output.split(separator: "\n").drop { !$0.hasPrefix("  key ") }.dropFirst())
  }

  @Test("a long text is shown by its words") func text() throws {
    try workspace.edit("campaign.yaml", "snowy mountains", to: "green hills")
    #expect(
      try lines("shots") == [
        "  parameter 'brief' changed", "    - a red can of sparkling water, [snowy mountains]",
        "    + a red can of sparkling water, [green hills]",
      ])
  }

  @Test("an input of prompts is shown by what changed in its shot") func prompts() throws {
    try workspace.edit("campaign.yaml", "snowy mountains", to: "green hills")
    try #require(try workspace.reel("build", "--until", "shots").status == 0)
    let lines = try lines("work#a")
    #expect(lines.prefix(2) == ["  input 'prompts' changed (shot a)", "    shot a: prompt changed"])
    #expect(lines.count == 4)
    #expect(lines[2].hasPrefix("      - a red can of sparkling water, [snowy mountains], push in"))
    #expect(lines[3].hasPrefix("      + a red can of sparkling water, [green hills], push in"))
    let json = try #require(
      try JSON(parsing: try workspace.reel("explain", "work", "--json").output).array?.first)
    let change = try #require(json["difference"]?["changes"]?.array?.first)
    #expect(change["what"] == "input 'prompts' changed (shot a)")
    #expect(
      change["details"]?.array?.first?["words"]?.array?.compactMap { $0["removed"] ?? $0["added"] } == [
        "snowy mountains", "green hills",
      ])
  }

  @Test("a node by another name is compared with the nearest of its stage") func renamed() throws {
    try workspace.edit(
      "campaign.yaml", "work: {stage: shot-work, in", to: "labour: {stage: shot-work, with: {text: x}, in")
    try workspace.edit("campaign.yaml", "{frames: work}", to: "{frames: labour}")
    #expect(
      try lines("labour") == [
        "  never run by this name; compared with work#a, the nearest of its stage",
        "  parameter 'text' changed from '' to 'x'",
      ])
  }

  @Test("a stage that never ran has nothing to be compared with") func new() throws {
    try workspace.edit(
      "campaign.yaml", "film: {stage: shot-join", to: "spot: {stage: upscaling, with: {size: 8x8}")
    try workspace.edit("campaign.yaml", "film.txt: film", to: "film: spot")
    #expect(try workspace.reel("explain", "spot").output.hasSuffix("\n  never run before\n"))
  }
}
