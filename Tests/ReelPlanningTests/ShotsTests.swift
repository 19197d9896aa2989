// Tests of nodes that are repeated for each shot that another node makes.

import ReelPlanning
import ReelStage
import Testing

@Suite struct ShotsTests {
  private let text = """
    reel: 1
    vars: {look: neon}
    matrix: {market: [us, jp]}
    stages:
      shots: {stage: prompt-expansion, with: {brief: b}}
      film: {stage: patch-diffusion, in: {prompts: shots}}
      captions:
        stage: ad-overlay
        foreach: {shots: shots}
        in: {frames: film}
        with: {layers: [{text: "${each.id}/${matrix.market}: ${each.prompt} ${vars.look}", at: top}, {text: "${each.choices.camera}", at: bottom, size: "${each.seconds}%"}]}
      spot: {stage: encoding, in: {frames: captions}}
    """

  private func shot(_ prompt: String, seconds: Double = 2.5) -> Shot {
    Shot(seconds: seconds, seed: 7, prompt: prompt, negativePrompt: "", choices: ["camera": "pan"])
  }

  private func node(_ name: String, of graph: Graph) throws -> GraphNode {
    try #require(graph.nodes.first { $0.name == name })
  }

  @Test func untilTheShotsAreKnownParametersAreAsWritten() throws {
    let graph = try Workspace(text).graph()
    let captions = try node("captions@market=us", of: graph)
    #expect(captions.sources == [0, 1])
    #expect(captions.shots == GraphSource(node: 0, port: "prompts"))
    #expect(
      captions.parameters["layers"]?.array?.map { $0["text"] } == [
        "${each.id}/${matrix.market}: ${each.prompt} ${vars.look}", "${each.choices.camera}",
      ])
    #expect(graph.nodes.map(\.name).last == "spot@market=jp")
    #expect(graph.json["nodes"]?.array?[2]["shots"] == ["node": "shots", "port": "prompts"])
    #expect(graph.drawing(.byVariant).dot.contains("  n0 -> n2 [label=\"each shot\"];\n"))
    #expect(graph.pipeline.json["nodes"]?.array?[2]["shots"] == "shots")
    let part = graph.restricted(to: try graph.selection(of: Targets(["captions@jp"])))
    #expect(part.nodes.map(\.name) == ["shots", "film", "captions@market=jp"])
    #expect(part.nodes[2].shots == GraphSource(node: 0, port: "prompts"))
  }

  @Test func eachShotHasParametersAndAnActionOfItsOwn() throws {
    let graph = try Workspace(text).graph()
    let captions = try node("captions@market=us", of: graph)
    let copies = try graph.repeated(captions, for: [("1", shot("a can")), ("x", shot("a peak"))])
    #expect(
      copies.map { $0.parameters["layers"]?.array?[0]["text"] } == ["1/us: a can neon", "x/us: a peak neon"])
    #expect(copies[0].parameters["layers"]?.array?[1] == ["text": "pan", "at": "bottom", "size": 2.5])
    #expect(copies.map(\.name) == ["captions@market=us", "captions@market=us"])
    let parts = [Part(shot: "1", digest: Digest(of: "1")), Part(shot: "x", digest: Digest(of: "x"))]
    func actions(_ parts: [Part], _ shots: [String] = ["1", "x"]) throws -> [Action] {
      let nodes = zip(shots, copies).map { (name: $0, node: $1) }
      return try graph.actions(for: captions, inputs: ["frames": parts], repeatedAs: nodes).map(\.action)
    }
    #expect(try actions(parts.reversed()).map(\.piece.shot) == ["1", "x"])
    #expect(try actions(parts.reversed()).map(\.inputs) == [["frames": [parts[0]]], ["frames": [parts[1]]]])
    let whole = [Part(shot: nil, digest: Digest(of: "1"))]
    #expect(try actions(whole).map(\.inputs) == [["frames": whole], ["frames": whole]])
    #expect(
      throws: CuttingProblem.otherShotsThanForeach(port: "frames", shots: ["1", "x"], foreach: ["1", "2"])
    ) {
      try actions(parts, ["1", "2"])
    }
    #expect(
      CuttingProblem.otherShotsThanForeach(port: "frames", shots: ["1"], foreach: ["2"]).description
        == "input 'frames': has the shots '1', but 'foreach' has '2'")
  }

  @Test func aShotThatMakesAParameterWrongIsNamed() throws {
    let graph = try Workspace(text).graph()
    let captions = try node("captions@market=us", of: graph)
    do {
      _ = try graph.repeated(
        captions,
        for: [
          ("1", shot("a")), ("2", shot("b", seconds: 101)),
          ("3", Shot(seconds: 1, seed: 1, prompt: "c", negativePrompt: "", choices: ["light": "low"])),
        ])
      Issue.record("the shots were accepted")
    } catch {
      #expect(
        error.list.map(\.description) == [
          "campaign.yaml:11:149: parameter 'layers[1].size': wanted a percentage from 0% to 100%, found '101%' (from campaign.yaml:9:22) in shot '2'",
          "campaign.yaml:11:105: unknown field 'camera' of 'each.choices' in shot '3'",
        ])
    }
  }

  @Test func whatCannotBeRightForAnyShotIsToldAtOnce() {
    #expect(
      Workspace(
        """
        reel: 1
        vars: {a: b}
        stages:
          shots: {stage: prompt-expansion, with: {brief: b}}
          film: {stage: patch-diffusion, in: {prompts: "${each.id}"}, foreach: {shots: shots}}
          a: {stage: ad-overlay, in: {frames: film}, foreach: {shots: film}, with: {layers: [{text: "${each.promt} ${vars.c}", at: tpo}]}}
          b: {stage: ad-overlay, in: {frames: film}, foreach: {shots: shtos}, when: {each.id: 1}}
          c: {stage: ad-overlay, in: {frames: film}, foreach: {shots: shots, from: x}, with: {layers: [{txt: "${each.id}"}]}}
        outputs:
          ${each.id}.mp4: film
        """
      ).problems == [
        "campaign.yaml:5:48: '${each}' is a shot here, which is known only while the pipeline runs; it can stand only in 'with'",
        "campaign.yaml:6:63: 'foreach' of node 'a' wants prompts, 'film' gives frames",
        "campaign.yaml:6:93: unknown field 'promt' of 'each'; did you mean 'prompt'?",
        "campaign.yaml:6:93: unknown variable 'c'",
        "campaign.yaml:6:124: parameter 'layers[0].at': wanted one of 'top', 'centre', 'bottom', found 'tpo'",
        "campaign.yaml:7:63: unknown node 'shtos'; did you mean 'shots'?",
        "campaign.yaml:7:78: '${each}' is a shot here, which is known only while the pipeline runs; it can stand only in 'with'",
        "campaign.yaml:8:56: unknown key 'shots' of 'foreach' of node 'c'; wanted one of 'from', 'columns', 'strict'",
        "campaign.yaml:8:76: 'x' does not exist",
        "campaign.yaml:10:3: '${each}' is a shot here, which is known only while the pipeline runs; it can stand only in 'with'",
      ])
  }
}
