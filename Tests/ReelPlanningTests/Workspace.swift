// A pretended folder of files, and stages like the real ones, for the tests of planning.

import ReelPlanning
import ReelStage

/// Files by path; the pipeline is `campaign.yaml`.
struct Workspace: Sendable {
  var files: [String: [UInt8]]
  var environment: [String: String] = [:]
  var overrides: [(name: String, value: String)] = []
  /// Files that parameters may name.
  var assets: Set<String> = []
  /// Models that are found by name.
  var models: Set<String> = ["embedded"]
  /// What stands where outputs are to be.
  var kinds: [String: FileKind] = [:]
  /// By path, where that leads.
  var links: [String: [String]] = [:]
  /// What the stages say against their parameters.
  var refusal: @Sendable (String, JSON, [FileReference]) -> ParameterRefusal? = { _, _, _ in nil }

  init(_ pipeline: String, files: [String: String] = [:]) {
    self.files = files.mapValues { Array($0.utf8) }
    self.files["campaign.yaml"] = Array(pipeline.utf8)
  }

  var pipeline: Pipeline {
    Pipeline(file: "campaign.yaml", overrides: overrides, environment: environment) { path in
      files[path].map { .success($0) } ?? .failure(.missing(nearby: files.keys.sorted()))
    }
  }

  func graph(_ stages: StageCatalogue = .tests) throws(Diagnostics) -> Graph {
    var surroundings = Surroundings()
    surroundings.kind = { kinds[$0] }
    surroundings.locations = { links[$0] ?? [$0] }
    surroundings.refusal = refusal
    surroundings.problem = { file in
      if case .model = file.kind, models.contains(file.path) { return nil }
      return assets.contains(file.path)
        ? nil : .missing(nearby: assets.map { String($0.split(separator: "/").last!) })
    }
    return try Graph(pipeline, stages: stages, surroundings: surroundings)
  }

  /// What is wrong, one line each.
  var problems: [String] {
    do {
      _ = try graph()
      return []
    } catch {
      return error.list.map(\.description)
    }
  }
}

extension StageCatalogue {
  /// Six stages with the ports of the real ones, and fewer parameters.
  static var tests: StageCatalogue {
    let manifests = [prompts, keyframes, footage, upscaling, overlay, encoding]
    return StageCatalogue(
      Dictionary(uniqueKeysWithValues: manifests.map { ($0.name, .success($0)) }),
      otherNames: ["colour-grading"])
  }

  static let prompts = Manifest(
    name: "prompt-expansion", version: 1, summary: "one prompt a shot",
    outputs: [Port("prompts", .prompts, help: "the shots")],
    parameters: [
      .required("brief", .text, help: "what the film shows"),
      .optional("shots", .integer(1...100), default: 3, help: "how many shots"),
      .optional("seed", .integer(0...Int.max), default: 0, help: "the seed"),
    ])
  static let keyframes = Manifest(
    name: "keyframe-generation", version: 1, summary: "stills",
    inputs: [Port("prompts", .prompts, help: "the shots")],
    outputs: [Port("stills", .stills, help: "the stills")],
    cut: .shot,
    parameters: [
      .optional(
        "model", .model(reading: ["*.json", "**/*.safetensors"]), default: "embedded", help: "the model"),
      .optional("steps", .integer(1...200), default: 20, help: "how many steps"),
    ])
  static let footage = Manifest(
    name: "patch-diffusion", version: 1, summary: "footage",
    inputs: [
      Port("prompts", .prompts, help: "the shots"),
      Port("keyframes", .stills, isOptional: true, help: "the stills"),
    ], outputs: [Port("frames", .frames, help: "the footage")], cut: .shot,
    parameters: [.optional("seconds", .number(0.1...600, unit: "seconds"), default: 6, help: "how long")])
  static let upscaling = Manifest(
    name: "upscaling", version: 1, summary: "bigger", inputs: [Port("frames", .frames, help: "the footage")],
    outputs: [Port("frames", .frames, help: "the film")], cut: .shot,
    parameters: [
      .required("size", .size, help: "the size"),
      .optional("fps", .frameRate, default: "25", help: "the frame rate"),
      .model("model", reading: ["*.pth"], orFile: true, ifFound: "upscaling", help: "the weights"),
    ])
  static let overlay = Manifest(
    name: "ad-overlay", version: 1, summary: "text and logo",
    inputs: [Port("frames", .frames, help: "the film")],
    outputs: [Port("frames", .frames, help: "the film")],
    parameters: [
      .optional(
        "layers",
        .list(
          .record([
            .optional("text", .text, help: "the text"), .optional("image", .file, help: "a PNG"),
            .optional("size", .percent(0...100), default: 8, help: "the height"),
            .required("at", .choice(["top", "centre", "bottom"]), help: "where"),
          ]), count: 0...20), default: [], help: "the layers")
    ])
  static let encoding = Manifest(
    name: "encoding", version: 1, summary: "a file", inputs: [Port("frames", .frames, help: "the film")],
    outputs: [Port("film", .film, help: "the file"), Port("poster", .stills, help: "a still")],
    parameters: [.optional("for", .choice(["youtube", "reels"]), default: "youtube", help: "the preset")])
}

/// A campaign like the one in the design.
let campaign = """
  reel: 1
  name: sparkling-water
  vars:
    brief: a red can of sparkling water in snowy mountains
    seed: 7
  matrix:
    market: {from: markets.csv}
    format: [{id: 16x9, size: 1920x1080}, {id: 9x16, size: 1080x1920}]
    exclude: [{market: jp, format: 16x9}]
  stages:
    prompts:   {stage: prompt-expansion,    with: {brief: "${vars.brief}", shots: 3, seed: "${vars.seed}"}}
    keyframes: {stage: keyframe-generation, in: {prompts: prompts}, with: {model: embedded, steps: 20}}
    footage:   {stage: patch-diffusion,     in: {prompts: prompts, keyframes: keyframes}, with: {seconds: 6}}
    master:    {stage: upscaling,           in: {frames: footage}, with: {size: "${matrix.format.size}", fps: 25}}
    branded:   {stage: ad-overlay,          in: {frames: master}, with: {layers: [{text: "${matrix.market.headline}", at: top}]}}
    spot:      {stage: encoding,            in: {frames: branded}, with: {for: youtube}}
  outputs:
    renders/${name}-${matrix.market.id}-${matrix.format.id}.mp4: spot

  """

let markets = "id,headline\r\nus,\"Cool, clear\"\r\njp,涼しい\r\n"
