// Tests of `when`: where nodes exist, and what that means for those who read them.

import ReelPlanning
import ReelStage
import Testing

@Suite struct ConditionTests {
  private let head = """
    reel: 1
    vars: {debug: false, tone: {name: warm}}
    matrix:
      format: [{id: wide, size: 8x4}, {id: tall, size: 4x8}, {id: square, size: 8x8}]
      market: [{id: us, locale: en, shots: 3}, {id: ae, locale: ar, shots: many}]
    stages:
      p: {stage: prompt-expansion, with: {brief: b}}
      f: {stage: patch-diffusion, in: {prompts: p}}

    """

  private func names(_ lines: String, overrides: [(String, String)] = []) throws -> [String] {
    var workspace = Workspace(head + lines)
    workspace.overrides = overrides.map { (name: $0.0, value: $0.1) }
    return try workspace.graph().nodes.dropFirst(2).map(\.name)
  }

  private func problems(_ lines: String) -> [String] {
    Workspace(head + lines).problems.map { String($0.dropFirst("campaign.yaml:".count)) }
  }

  @Test func aNodeExistsWhereAllItsConditionsHold() throws {
    let node = "  m: {stage: upscaling, in: {frames: f}, with: {size: 8x8}, when: "
    #expect(
      try names(node + "{matrix.format.id: [wide, tall], vars.debug: false}}") == [
        "m@format=wide", "m@format=tall",
      ])
    #expect(
      try names(node + "{matrix.format: wide, matrix.market.locale: ar}}") == ["m@format=wide,market=ae"])
    #expect(try names(node + "{vars.debug: true}}") == [])
    #expect(try names(node + "{vars.debug: true}}", overrides: [("debug", "true")]) == ["m"])
    #expect(try names(node + "{vars.tone.name: warm, name: campaign}}") == ["m"])
    #expect(try names(node + "{not: {matrix.format: wide}}}") == ["m@format=tall", "m@format=square"])
    #expect(
      try names(node + "{not: {matrix.format: [wide, tall], matrix.market: us}}}") == [
        "m@format=wide,market=ae", "m@format=tall,market=ae", "m@format=square,market=us",
        "m@format=square,market=ae",
      ])
    #expect(
      try names(
        "  m: {stage: upscaling, foreach: [{id: a, on: yes}, {id: b, on: no}], in: {frames: f}, with: {size: 8x8}, when: {each.on: yes}}"
      )
        == ["m-a"])
  }

  @Test func aNodeNeedsNothingRightWhereItIsLeftOut() throws {
    let node = "  m: {stage: prompt-expansion, with: {brief: b, shots: \"${matrix.market.shots}\"}"
    #expect(try names(node + ", when: {matrix.market: us}}") == ["m@market=us"])
    #expect(
      problems(node + "}") == [
        "9:56: parameter 'shots': wanted a whole number from 1 to 100, found 'many' (from campaign.yaml:5:72)"
      ])
  }

  @Test func readersOfANodeThatIsLeftOut() throws {
    let lines = """
        k: {stage: keyframe-generation, in: {prompts: p}, when: {matrix.format: wide}}
        open: {stage: patch-diffusion, in: {prompts: p, keyframes: k}}
        m: {stage: upscaling, in: {frames: f}, with: {size: 8x8}, when: {matrix.format: wide}}
        joined: {stage: ad-overlay, in: {frames: [f, m]}}

      """
    let graph = try Workspace(head + lines).graph()
    func ports(_ name: String) throws -> [String: Int] {
      try #require(graph.nodes.first { $0.name == name }).inputs.mapValues(\.count)
    }
    #expect(try ports("open@format=wide") == ["prompts": 1, "keyframes": 1])
    #expect(try ports("open@format=tall") == ["prompts": 1])
    #expect(try ports("joined@format=wide") == ["frames": 2])
    #expect(try ports("joined@format=tall") == ["frames": 1])
    #expect(
      problems(lines + "  o: {stage: ad-overlay, in: {frames: m}}\n") == [
        "13:39: 'o@format=tall' needs input 'frames', but the 'when' of 'm' leaves it out there; give both the same 'when'"
      ])
    #expect(
      problems(lines + "  o: {stage: ad-overlay, in: {frames: m}, when: {matrix.format: [wide]}}\n") == [])
    #expect(
      problems(
        lines + "  q: {stage: prompt-expansion, with: {brief: b}, when: {vars.debug: true}}\n"
          + "  o: {stage: ad-overlay, in: {frames: f}, foreach: {shots: q}}\n") == [
          "14:60: 'o' needs the shots of its 'foreach', but the 'when' of 'q' leaves it out there; give both the same 'when'"
        ])
  }

  @Test func outputsAreDeliveredWhereTheirConditionsHold() throws {
    let graph = try Workspace(
      head + """
          m: {stage: upscaling, in: {frames: f}, with: {size: 8x8}, when: {matrix.format: [wide, tall]}}
        outputs:
          ${matrix.format}.frames: m
          ${matrix.format}-${matrix.market}.frames: {from: m, when: {matrix.market.locale: ar, not: {matrix.format: tall}}}
          debug.json: {from: p, when: {vars.debug: true}}
        """
    ).graph()
    #expect(graph.outputs.map(\.path) == ["wide.frames", "tall.frames", "wide-ae.frames"])
    #expect(graph.everything.outputs.count == 3)
    #expect(
      graph.pipeline.json["outputs"]?.array?[1]["when"] == [
        "${matrix.market.locale}": ["ar"], "not": ["${matrix.format}": ["tall"]],
      ])
    let none = try Workspace(head + "outputs: {a.json: {from: p, when: {vars.debug: true}}}\n").graph()
    #expect(none.everything.nodes.isEmpty)
  }

  @Test func wrongConditions() {
    #expect(
      problems(
        """
          a: {stage: prompt-expansion, with: {brief: b}, when: {matrix.fromat: wide, vars.debgu: x, "a b": c}}
          b: {stage: prompt-expansion, with: {brief: b}, when: {matrix.format: tal, matrix.market.locale: [en, xx]}}
          c: {stage: prompt-expansion, with: {brief: b}, when: {vars.tone: warm, matrix.format.siz: x}}
          d: {stage: prompt-expansion, with: {brief: b}, when: [x]}
          e: {stage: prompt-expansion, with: {brief: b}, when: {vars.debug: {a: b}, not: 3}}
        outputs: {a.json: {from: p, wehn: {}}, b.json: {when: {}}}
        """) == [
          "9:57: unknown axis 'fromat'; did you mean 'format'?",
          "9:78: unknown variable 'debgu'; did you mean 'debug'?",
          "9:93: 'when': wanted a name such as 'matrix.format.id', found 'a b'",
          "10:72: 'when': no row has 'tal' as 'matrix.format'; did you mean 'tall'?",
          "10:99: 'when': no row has 'xx' as 'matrix.market.locale'; wanted one of 'en', 'ar'",
          "11:57: 'when': wanted the name of a text, found a mapping",
          "11:74: unknown field 'siz' of 'matrix.format'; did you mean 'size'?",
          "12:56: 'when' of node 'd': wanted a mapping, found a list",
          "13:69: 'vars.debug': wanted text or a list of texts, found a mapping",
          "13:82: 'not' of node 'e': wanted a mapping, found '3'",
          "14:29: unknown key 'wehn' of output 'a.json'; did you mean 'when'?",
          "14:48: output 'b.json': wanted a node, or a node and its port as in 'node.port', found nothing",
        ])
  }
}
