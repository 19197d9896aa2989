// `reel models` and `reel models verify`, as they are typed.

import ReelJSON
import ReelTensor
import Testing

@Suite struct ModelsTests {
  private static let model = Built.project + "/Tests/Fixtures/parity/t2v-euler/model"
  private static let recorded = Built.project + "/Tests/Fixtures/parity/t2v-euler/case.safetensors"
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("verify prints the error of every part and ends with 0") func passes() throws {
    let run = try workspace.reel("models", "verify", Self.model, "--case", Self.recorded)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "part                    error    tolerance")
    for part in ["prompt_embeds ", "call3.transformer.out ", "step4.latents ", "vae.decode.out ", "video "] {
      #expect(lines.count { $0.hasPrefix(part) } == 1, "\(part) in \(run.output)")
    }
    #expect(lines.contains("20 parts, all within their tolerance"))
    #expect(lines.last == "not recorded, not verified: VAE encode, conditioning")
  }

  @Test("verify ends with 1 where a part is beyond its tolerance, and names it") func fails() throws {
    let file = try SafetensorsFile(path: Self.recorded)
    var changed = SafetensorsWriter(metadata: file.metadata)
    for name in file.names { changed[name] = try file.tensor(named: name) }
    changed["call1.transformer.out"]! *= 1.01
    try changed.write(to: workspace.path + "/case.safetensors")

    let run = try workspace.reel("models", "verify", Self.model, "--case", "case.safetensors")
    #expect(run.status == 1)
    #expect(run.output.split(separator: "\n").filter { $0.hasSuffix("FAILED") }.count == 1)
    #expect(run.output.contains("20 parts, 1 beyond their tolerance\n"))

    let json = try workspace.reel("models", "verify", Self.model, "--case", "case.safetensors", "--json")
    #expect(json.status == 1)
    let report = try JSON(parsing: json.output)
    #expect(report["passed"]?.bool == false)
    let failed = try #require(report["parts"]?.array).filter { $0["passed"]?.bool == false }
    #expect(failed.map { $0["part"]?.string } == ["call1.transformer.out"])
    #expect(failed.first?["tolerance"]?.number == 1e-4)
  }

  @Test("a wrong command line, model or case ends with 2 and says why") func unusable() throws {
    try workspace.write("case.safetensors", "not one")
    let runs = [
      (["models", "verify", Self.model], "reel models verify: wants --case FILE\n"),
      (
        ["models", "verify", "nowhere", "--case", Self.recorded],
        "nowhere/model_index.json: no such file or directory\n"
      ),
      (
        ["models", "verify", Self.model, "--case", "none"],
        "none: cannot be read: no such file or directory\n"
      ),
      (
        ["models", "verify", Self.model, "--case", "case.safetensors"],
        "case.safetensors: is truncated: a safetensors file starts with 8 bytes of header length, and this one has 7\n"
      ),
    ]
    for (words, message) in runs {
      let run = try workspace.start(words).wait()
      #expect(run.status == 2 && run.output.isEmpty && run.errors == message, "\(run)")
    }
  }

  @Test("models lists what REEL_MODELS and the project hold") func list() throws {
    try workspace.write("models/broken/model_index.json", "{}")
    let environment = ["REEL_MODELS": workspace.path + "/models"]
    let run = try workspace.reel("models", environment: environment)
    #expect(run.status == 0)
    #expect(run.output.contains("broken: cannot be used\n"))
    #expect(run.output.contains("embedded: 192x112 or 112x192 or 144x144, 17 frames at 8 a second, "))
    #expect(run.output.contains("stills and footage\n"))
    #expect(run.output.contains("\n  vae: "))
    #expect(run.output.contains(" so much memory: fp32 "))
    let models = try JSON(parsing: workspace.reel("models", "--json", environment: environment).output)
    let embedded = try #require(models.array?.first { $0["name"]?.string == "embedded" })
    #expect(embedded["kind"]?.string == "diffusion")
    #expect(embedded["takes_known_frames"]?.bool == true)
    #expect(embedded["parts"]?.array?.map { $0["name"]?.string } == ["text_encoder", "transformer", "vae"])
    #expect(["fp32", "bf16", "int8"].allSatisfy { (embedded["memory"]?[$0]?.integer ?? 0) > 1_000_000 })
  }

  @Test("models lists a folder with the weights of an upscaler") func upscaler() throws {
    try workspace.write(
      "models/tiny/half.pth", try contents(of: Built.project + "/Tests/Fixtures/upscaling/half.pth"))
    try workspace.write("models/spoilt/x2.pth", "no weights")
    let environment = ["REEL_MODELS": workspace.path + "/models"]
    let output = try workspace.reel("models", environment: environment).output
    #expect(
      output.contains(
        "tiny: upscaler ×4, 3 convolutions of 19 features, 12094 parameters\n  \(workspace.path)/models/tiny/half.pth\n"
      ),
      "\(output)")
    #expect(
      output.contains("spoilt: cannot be used\n  \(workspace.path)/models/spoilt/x2.pth: is no zip archive"))
    let models = try JSON(parsing: workspace.reel("models", "--json", environment: environment).output)
    let tiny = try #require(models.array?.first { $0["name"]?.string == "tiny" })
    #expect(tiny["kind"]?.string == "upscaler" && tiny["scale"]?.integer == 4)
  }

  @Test("measure times every part, or one of them") func measures() throws {
    let all = try workspace.reel(
      "models", "measure", Self.model, "--size", "32x32", "--frames", "5", "--tokens", "4", "--runs", "1")
    #expect(all.status == 0 && all.errors.isEmpty, "\(all)")
    for line in [
      "text encoder (4 tokens): ", "denoising step (32x32, 5 frames): ", "decoder (32x32, 5 frames): ",
    ] {
      #expect(
        all.output.split(separator: "\n").count { $0.hasPrefix(line) && $0.contains(" GFLOP/s; ") } == 1)
    }
    let one = try workspace.reel(
      "models", "measure", Self.model, "--size=32x32", "--frames=5", "--part=decoder", "--precision=bf16",
      "--json")
    let parts = try #require(try JSON(parsing: one.output).array)
    #expect(parts.count == 1 && parts[0]["part"]?.string == "decoder")
    #expect(parts[0]["seconds"]?.number ?? 0 > 0 && parts[0]["peak_bytes"]?.number ?? 0 > 1e6)
  }

  @Test(
    "measure says what it wants",
    arguments: [
      (
        ["--size", "32"],
        "reel models measure: option '--size' wants WIDTHxHEIGHT, as in 832x480, found '32'\n"
      ),
      (
        ["--precision", "fp16"],
        "reel models measure: option '--precision' wants fp32, bf16 or int8, found 'fp16'\n"
      ),
    ])
  func measuresWrongly(options: [String], message: String) throws {
    let run = try workspace.start(["models", "measure", Self.model] + options).wait()
    #expect(run.status == 2)
    #expect(run.errors == message)
  }
}
