// What actions are estimated to take: told by the plan, near to what they do take, and held against what there is.

import ReelJSON
import Testing

@Suite struct EstimateTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func write(size: String = "64x64", more: String = "") throws {
    try workspace.write(
      "campaign.yaml",
      """
      reel: 1
      stages:
        prompts: {stage: prompt-expansion, with: {brief: a red can, shots: 1}}
        stills: {stage: keyframe-generation, in: {prompts: prompts}, with: {size: \(size), steps: 1}\(more)}
        footage: {stage: patch-diffusion, in: {prompts: prompts, keyframes: stills}, with: {seconds: 2, steps: 1}}
      outputs: {frames: footage}

      """)
  }

  /// What the plan says of the actions of a node.
  private func planned(_ node: String) throws -> JSON {
    let plan = try JSON(parsing: workspace.reel("plan", "--json").output)
    return try #require(plan.array?.first { $0["node"]?.string == node })
  }

  @Test("a plan tells memory and operations of what would run and of what waits") func plan() throws {
    try write()
    let lines = try workspace.reel("plan").output.split(separator: "\n")
    #expect(
      lines.count { $0.hasPrefix("waits       stills, from ") && $0.hasSuffix(" GFLOP each: for prompts") }
        == 1)
    #expect(try planned("footage")["state"] == "waits")
    try #require(workspace.reel("build", "prompts").status == 0)
    let plan = try workspace.reel("plan").output
    let line = try #require(plan.split(separator: "\n").first { $0.hasPrefix("would run   stills#1, ") })
    #expect(line.contains(" MB and ") && line.hasSuffix(" GFLOP: new"))
    let stills = try planned("stills")
    #expect(stills["memory"]?.integer ?? 0 > 10_000_000 && stills["operations"]?.number ?? 0 > 1e9)
    // The second time nobody is asked.
    #expect(try workspace.reel("plan").output == plan)
    let larger = stills["memory"]?.integer ?? 0
    try write(size: "128x128")
    #expect(try planned("stills")["memory"]?.integer ?? 0 > larger)
    // What is cached takes nothing.
    #expect(try planned("prompts")["memory"] == nil)
  }

  @Test("what does not fit is not begun, and told with the cure") func refused() throws {
    try write(more: ", memory: 20MB")
    try #require(workspace.reel("build", "prompts").status == 0)
    let message =
      "and the node's 'memory' (or --memory) allows 20 MB; raise it, or take less with a smaller 'size'\n"
    let plan = try workspace.reel("plan").output
    #expect(plan.contains("\nimpossible  stills#1: takes about ") && plan.contains(message), "\(plan)")
    let build = try workspace.reel("build")
    #expect(build.status == 1)
    #expect(build.errors.hasPrefix("stills#1: takes about ") && build.errors.hasSuffix(message), "\(build)")
    try write(size: "16384x16384")
    let large = try workspace.reel("build")
    #expect(large.status == 1)
    #expect(
      large.errors.contains(" of memory, and this machine has ")
        && large.errors.hasSuffix(" free; take less with a smaller 'size'\n"), "\(large)")
  }

  @Test(
    "a size that the model cannot make is told with those that it can",
    arguments: ["1x1", "3x64", "7x7", "64x2"])
  func smallSize(size: String) throws {
    try write(size: size)
    let build = try workspace.reel("build")
    #expect(build.status == 1)
    #expect(
      build.errors == "stills#1: size: '\(size)' must be multiples of 16 across and 16 down\n", "\(build)")
  }

  @Test("an action stays below its estimate") func below() throws {
    for size in ["64x64", "256x256"] {
      try write(size: size)
      try #require(workspace.reel("build", "prompts").status == 0)
      let memory = try #require(try planned("stills")["memory"]?.integer)
      let build = try workspace.reel("build", "stills", "--memory", "\(memory + 1)B")
      #expect(build.status == 0, "\(size), \(memory) bytes: \(build)")
    }
  }

  @Test("no part of a model takes more than its estimate, nor much less") func parts() throws {
    let random = workspace.path + "/miniature"
    try #require(workspace.reel("models", "random", random, "--shape", "miniature").status == 0)
    let embedded = Built.project + "/Sources/Models/embedded"
    // What is measured has the program's own memory in it: the parts must be large beside that.
    for (model, size, precisions) in [
      (embedded, "512x512", ["fp32"]), (random, "256x256", ["fp32", "bf16", "int8"]),
    ] {
      for part in ["denoising-step", "decoder", "encoder"] {
        for precision in part == "denoising-step" ? precisions : ["fp32"] {
          let run = try workspace.reel(
            "models", "measure", model, "--size", size, "--frames", "9", "--part", part, "--precision",
            precision,
            "--runs", "1", "--json")
          let measured = try #require(try JSON(parsing: run.output).array?.first)
          let peak = try #require(measured["private_bytes"]?.number)
          let estimate = try #require(measured["estimated_bytes"]?.number)
          #expect(
            estimate >= peak && estimate <= 1.5 * peak,
            "\(model) \(part) \(precision): \(estimate), \(peak) used")
        }
      }
    }
  }
}
