// What a stage says against its parameters, at the value that it speaks of; and small errors of the top level.

import ReelPlanning
import ReelStage
import Testing

@Suite struct RefusalTests {
  private func problems(_ refusal: ParameterRefusal) -> [String] {
    var workspace = Workspace(
      """
      reel: 1
      vars: {logo: [{text: hello, at: top}]}
      stages:
        f: {stage: patch-diffusion, in: {prompts: p}}
        p: {stage: prompt-expansion, with: {brief: b, seed: x}}
        o: {stage: ad-overlay, in: {frames: f}, with: {layers: "${vars.logo}"}}
      """)
    workspace.refusal = { stage, _, _ in stage == "ad-overlay" ? refusal : nil }
    return workspace.problems
  }

  @Test("it is told with the place of the value, beside all that is wrong otherwise") func places() {
    let seed =
      "campaign.yaml:5:55: parameter 'seed': wanted a whole number from 0 to 9223372036854775807, found 'x'"
    func path(_ text: String) -> ParameterPath { ParameterPath(text)! }
    #expect(
      problems(ParameterRefusal(parameter: path("layers[0].text"), reason: "is empty")) == [
        "campaign.yaml:2:22: parameter 'layers[0].text': is empty", seed,
      ])
    #expect(
      problems(ParameterRefusal(parameter: path("layers[0].font"), reason: "is none")) == [
        "campaign.yaml:2:15: parameter 'layers[0].font': is none", seed,
      ])
    #expect(
      problems(ParameterRefusal(parameter: path("direction"), reason: "is missing")) == [
        seed, "campaign.yaml:6:3: node 'o': parameter 'direction': is missing",
      ])
    #expect(
      problems(ParameterRefusal(reason: "no good")) == [seed, "campaign.yaml:6:3: node 'o': no good"])
  }

  @Test("a parameter's path reads back what it writes") func paths() {
    for text in ["a", "a.b", "a[0]", "a[10].b[2][3].c"] { #expect(ParameterPath(text)?.description == text) }
    for text in ["", "a.", ".a", "a[", "a[x]", "a[-1]", "a[1]b"] { #expect(ParameterPath(text) == nil) }
  }

  @Test("a byte order mark is no part of the first word") func byteOrderMark() {
    let text = "reel: 1\nstages: {p: {stage: prompt-expansion, with: {brief: b, seeed: 1}}}"
    for mark in ["", "\u{feff}"] {
      #expect(
        Workspace(mark + text).problems == [
          "campaign.yaml:2:56: unknown parameter 'seeed' for stage 'prompt-expansion'; did you mean 'seed'?"
        ])
    }
  }

  @Test("a value from the command line is told by it") func overrides() {
    var workspace = Workspace(
      "reel: 1\nvars: {shots: 1}\nstages: {p: {stage: prompt-expansion, with: {brief: b, shots: \"${vars.shots}\"}}}"
    )
    workspace.overrides = [(name: "shots", value: "many")]
    #expect(
      workspace.problems == [
        "campaign.yaml:3:63: parameter 'shots': wanted a whole number from 1 to 100, found 'many' (from -D shots=many)"
      ])
  }

  @Test("no nodes, tags, long cycles, lacking columns") func wording() {
    #expect(
      Workspace("reel: 1\nstages: []\n").problems == [
        "campaign.yaml:2:9: 'stages': wanted a mapping, found an empty list"
      ])
    #expect(
      Workspace("reel: 1\nstages: {}\n").problems == [
        "campaign.yaml:2:9: the pipeline has no nodes; add some under 'stages'"
      ])
    let stages = "stages: {p: {stage: prompt-expansion, with: {brief: \"${matrix.m.brief}\"}}}"
    #expect(
      Workspace("reel: 1\nmatrix: {m: {from: m.csv}}\n\(stages)", files: ["m.csv": "id,headline\nus,x\n"])
        .problems
        == ["campaign.yaml:3:53: unknown field 'brief' of 'matrix.m'; wanted one of 'id', 'headline'"])
    #expect(
      Workspace("reel: 1\nname: !!python/object x\nstages: {p: {stage: prompt-expansion, with: {brief: b}}}")
        .problems
        == ["campaign.yaml:2:7: tag '!!python/object' has no meaning here; remove it"])
    let ring = (0..<20).map {
      "  n\($0): {stage: upscaling, in: {frames: n\(($0 + 19) % 20)}, with: {size: 8x8}}\n"
    }
    #expect(
      Workspace("reel: 1\nstages:\n" + ring.joined()).problems == [
        "campaign.yaml:3:3: nodes feed each other: "
          + (0..<10).map { "n\($0)" }.joined(separator: " → ") + " → … (10 more) → n0"
      ])
  }

  @Test("words that command a terminal are spelt out, and a line break makes no second line") func escapes() {
    let diagnostic = Diagnostic(Place(file: "a\u{1b}[2J.yaml", line: 1, column: 2), "x\u{202e}\ny\u{9b}")
    #expect(diagnostic.description == "a\\u{1b}[2J.yaml:1:2: x\\u{202e}\\ny\\u{9b}")
    #expect(escaped("é\tשלום\n") == "é\tשלום\n")
  }
}
