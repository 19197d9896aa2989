// Pipelines that cannot be right: every error with its place, exit code 2, nothing run.

import Testing

@Suite struct WrongPipelineTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
  }

  /// A pipeline, and the starts of the lines that must be said about it.
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
        "reel: 1\nname: x\nstages:\n  a: {stage: shot-list, with: {shots: [a], short: 3}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:4:44: unknown parameter 'short' for stage 'shot-list'; did you mean 'shots'?"]),
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
      errors: ["campaign.yaml:5:30: unknown"]),
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
      errors: ["campaign.yaml:5:"]),
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
      errors: ["campaign.yaml:5:38: "]),
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
      errors: ["campaign.yaml:5:59: "]),
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
      errors: ["campaign.yaml:4:"]),
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
      errors: ["campaign.yaml:5:56: "]),
    Case(
      name: "duplicate key",
      text:
        "reel: 1\nname: x\nname: y\nstages:\n  a: {stage: shot-list, with: {shots: [a]}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:3:1: "]),
    Case(
      name: "tab indent", text: "reel: 1\nname: x\nstages:\n\ta: {stage: shot-list}\n",
      errors: ["campaign.yaml:4:1: "]),
    Case(
      name: "alias bomb",
      text: "reel: 1\nname: x\nvars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + (1...20).map { level in
          "  a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            + "]\n"
        }.joined()
        + "stages:\n  a: {stage: shot-list, with: {shots: *a20}}\noutputs: {x: a}\n",
      errors: ["campaign.yaml:"]),
    Case(
      name: "ten megabytes of brackets", text: String(repeating: "[", count: 10_000_000),
      errors: ["campaign.yaml:"]),
    Case(
      name: "every error at once",
      text: """
        reel: 1
        name: x
        stages:
          a: {stage: shot-lits}
          b: {stage: shot-list, with: {shots: [a], short: 3}}
          c: {stage: shot-work, in: {prompt: b}, with: {seconds: soon, text: "${vars.none}"}}
        outputs: {x: c}

        """,
      errors: [
        "campaign.yaml:4:14: ", "campaign.yaml:5:44: ", "campaign.yaml:6:30: ", "campaign.yaml:6:58: ",
        "campaign.yaml:6:",
      ]),
  ]

  @Test("is refused with every place, and nothing runs", arguments: cases)
  func refused(wrong: Case) throws {
    try workspace.write("campaign.yaml", wrong.text)
    let (finished, records) = try workspace.build()
    #expect(finished.status == 2)
    let lines = finished.errors.split(separator: "\n").map(String.init)
    for error in wrong.errors {
      #expect(lines.contains { $0.hasPrefix(error) }, "\(finished)")
    }
    #expect(lines.count <= 100 && lines.allSatisfy { $0.utf8.count < 1000 })
    #expect(records.isEmpty)
    #expect(!workspace.exists("renders") && !workspace.exists("x"))
    // Ten megabytes may be read; nothing may grow out of them.
    #expect(finished.memory < 300 << 20)
  }
}
