// Pipelines that cannot be right: every error with its place, exit code 2, nothing run.

import Testing

@Suite struct WrongPipelineTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
  }

  /// A pipeline, and the lines that must be said about it.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let errors: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "unknown stage",
      text: "reel: 1\nname: x\nstages:\n  a: {stage: shot-lits, with: {shots: [a]}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:4:14: unknown stage 'shot-lits'; did you mean 'shot-list'?"]),
    Case(
      name: "unknown parameter",
      text:
        "reel: 1\nname: x\nstages:\n  a: {stage: shot-list, with: {shots: [a], shot: 3}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:4:44: unknown parameter 'shot' for stage 'shot-list'; did you mean 'shots'?"]),
    Case(
      name: "unknown port",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-list, with: {shots: [a]}}
          b: {stage: shot-work, in: {prompt: a}}
        outputs: {x: b}

        """,
      errors: [
        "campaign.yaml:5:3: node 'b': input 'prompts' is missing, which stage 'shot-work' requires",
        "campaign.yaml:5:30: unknown input 'prompt' for stage 'shot-work'; did you mean 'prompts'?",
      ]),
    Case(
      name: "unknown variable",
      text: """
        reel: 1
        name: x
        vars: {brief: a can}
        stages:
          a: {stage: shot-list, with: {shots: ["${vars.breif}"]}}
        outputs: {x: a}

        """,
      errors: ["campaign.yaml:5:40: unknown variable 'breif'; did you mean 'brief'?"]),
    Case(
      name: "ports of two types",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-list, with: {shots: [a]}}
          b: {stage: shot-join, in: {frames: a}}
        outputs: {x: b}

        """,
      errors: ["campaign.yaml:5:38: port 'frames' of 'b' wants frames, 'a' gives prompts"]),
    Case(
      name: "parameter of another type",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-list, with: {shots: [a]}}
          b: {stage: shot-work, in: {prompts: a}, with: {seconds: soon}}
        outputs: {x: b}

        """,
      errors: ["campaign.yaml:5:59: parameter 'seconds': wanted a number from 0 to 60 seconds, found 'soon'"]),
    Case(
      name: "cycle",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-work, in: {prompts: b}}
          b: {stage: shot-work, in: {prompts: a}}
        outputs: {x: b}

        """,
      errors: [
        "campaign.yaml:4:3: nodes feed each other: a → b → a",
        "campaign.yaml:4:39: port 'prompts' of 'a' wants prompts, 'b' gives frames",
        "campaign.yaml:5:39: port 'prompts' of 'b' wants prompts, 'a' gives frames",
      ]),
    Case(
      name: "missing file",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-list, with: {shots: [a]}}
          b: {stage: shot-work, in: {prompts: a}, with: {file: none.txt}}
        outputs: {x: b}

        """,
      errors: ["campaign.yaml:5:56: parameter 'file': file 'none.txt' does not exist"]),
    Case(
      name: "duplicate key",
      text:
        "reel: 1\nname: x\nname: y\nstages:\n  a: {stage: shot-list, with: {shots: [a]}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:3:1: key 'name' is given twice; first in line 2"]),
    Case(
      name: "tab indent", text: "reel: 1\nname: x\nstages:\n\ta: {stage: shot-list}\n",
      errors: ["campaign.yaml:4:1: indented with a tab; YAML wants spaces"]),
    Case(
      name: "alias bomb",
      text: "reel: 1\nname: x\nvars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + (1...20).map { level in
          "  a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            + "]\n"
        }.joined()
        + "stages:\n  a: {stage: shot-list, with: {shots: *a20}}\noutputs: {x: a}\n",
      errors: [
        "campaign.yaml:9:17: the file holds more than 250000 values, aliases counted as what they stand for"
      ]),
    Case(
      name: "ten megabytes of brackets", text: String(repeating: "[", count: 10_000_000),
      errors: ["campaign.yaml: the file has 10 MB; at most 4 MB are read"]),
    Case(
      name: "as many brackets as are read", text: String(repeating: "[", count: 3_000_000),
      errors: ["campaign.yaml:1:65: lists and mappings nest deeper than 64"]),
    Case(
      name: "every error at once",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-lits}
          b: {stage: shot-list, with: {shots: [a], shot: 3}}
          c: {stage: shot-work, in: {prompt: b}, with: {seconds: soon, text: "${vars.none}"}}
        outputs: {x: c}

        """,
      errors: [
        "campaign.yaml:4:14: unknown stage 'shot-lits'; did you mean 'shot-list'?",
        "campaign.yaml:5:44: unknown parameter 'shot' for stage 'shot-list'; did you mean 'shots'?",
        "campaign.yaml:6:3: node 'c': input 'prompts' is missing, which stage 'shot-work' requires",
        "campaign.yaml:6:30: unknown input 'prompt' for stage 'shot-work'; did you mean 'prompts'?",
        "campaign.yaml:6:58: parameter 'seconds': wanted a number from 0 to 60 seconds, found 'soon'",
        "campaign.yaml:6:70: unknown variable 'none'",
      ]),
  ]

  @Test("is refused with every place, and nothing runs", arguments: cases)
  func refused(wrong: Case) throws {
    try workspace.write("campaign.yaml", wrong.text)
    // Ten megabytes may be read; nothing may grow out of them beyond two gigabytes of addresses.
    let finished = try Running(
      "prlimit", ["--as=\(2 << 30)", Built.reel, "build", "--json", "actions.json"], in: workspace.path,
      environment: ["REEL_PLUGINS": try FastStages.folder()]
    ).wait()
    #expect(finished.status == 2)
    #expect(finished.errors == wrong.errors.map { $0 + "\n" }.joined())
    #expect(!workspace.exists("actions.json"))
    #expect(!workspace.exists("renders") && !workspace.exists("x"))
  }
}
