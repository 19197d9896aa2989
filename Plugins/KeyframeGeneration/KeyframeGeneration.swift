// The stage `keyframe-generation`: a prompt, or a picture, becomes the stills that a shot passes through.

import ReelModels
import ReelStage

/// Makes the keyframes of one shot, evenly spread from its first frame to its last.
///
/// The first is a still: the model at one frame, or a picture that is given. The others must show the same scene,
/// which `consistency` sees to:
/// - `previous-still`: each following still is the last frame of a clip that the model grows from the still before, so
///   the camera moves as the prompt says. It needs a model that takes keyframes.
/// - `first-still`: the same from the first still, so that each is another view of one scene; with `cameras` each has
///   a view of its own.
/// - `shared-noise`: each still is sampled at one frame, from noise that is mostly the first one's; `variation` is
///   the share that is its own.
public struct KeyframeGeneration: Stage {
  public static let manifest = Manifest(
    name: "keyframe-generation", version: 1, summary: "turns a prompt into the stills a shot passes through",
    inputs: [Port("prompts", .prompts, help: "what each shot shows")],
    outputs: [Port("stills", .stills, help: "the keyframes of each shot")],
    cut: .shot,
    parameters: Sampling.parameters + [
      .optional(
        "stills", .integer(1...64, unit: "stills"), default: 2,
        help: "keyframes a shot, from its first frame to its last"),
      .optional(
        "consistency", .choice(Consistency.allCases.map(\.rawValue)), default: "previous-still",
        help: "how the stills of a shot come to show the same scene"),
      .optional(
        "variation", .percent(0...100), default: 15.0,
        help: "with shared-noise, how far each still may differ from the first"),
      .optional(
        "cameras", .list(.text, count: 1...63),
        help: "for each still after the first, words of the camera in place of the prompt's own"),
      .optional("first", .file, help: "a PNG picture that the first still is made of, filling the size"),
      .optional(
        "strength", .number(0...1), help: "with first: how far it is made anew; 0 if absent, 1 with a mask"),
      .optional("mask", .file, help: "with first: a PNG picture, white where it is made anew"),
    ], isEstimated: true)

  /// How the stills of a shot come to show the same scene.
  enum Consistency: String, CaseIterable {
    case previousStill = "previous-still"
    case firstStill = "first-still"
    case sharedNoise = "shared-noise"
  }

  let sampling: Sampling
  let stills: Int
  let consistency: Consistency
  let variation: Double
  let cameras: [String]
  let first: String?
  let strength: Double?
  let mask: String?

  public init(_ parameters: Parameters) throws {
    sampling = try Sampling(parameters)
    stills = parameters.integer("stills")
    consistency = Consistency(rawValue: parameters.text("consistency"))!
    variation = parameters.number("variation") / 100
    cameras = parameters.ifGiven("cameras", parameters.list)?.compactMap(\.string) ?? []
    first = parameters.ifGiven("first", parameters.text)
    strength = parameters.ifGiven("strength", parameters.number)
    mask = parameters.ifGiven("mask", parameters.text)
    if !cameras.isEmpty && cameras.count != stills - 1 {
      throw parameters.problem(
        "cameras", "wanted one for each of the \(stills - 1) stills after the first, found \(cameras.count)")
    }
    if first == nil, let name = ["strength", "mask"].first(where: parameters.has) {
      throw parameters.problem(name, "it is about a given picture; name one as 'first'")
    }
  }

  public func estimate(_ job: Job) throws -> ActionEstimate? {
    let model = try sampling.loadModel(for: job)
    return try sampling.estimate(outlines(try job.shotIfKnown("prompts"), model: model), model: model)
  }

  public func run(_ job: Job) throws {
    let shot = try job.shot("prompts")
    let model = try sampling.loadModel(for: job)
    if consistency != .sharedNoise && stills > 1 && !model.takesKnownFrames {
      throw StageError.parameter(
        "consistency",
        "this model takes no keyframes, which '\(consistency.rawValue)' needs; use 'shared-noise'")
    }
    let size = sampling.size(for: model) ?? model.declaration.size
    let writer = try FrameSequenceWriter(path: job.makeOutput("stills"), size: size, rate: FrameRate(1))
    var made: [Frame] = []
    for index in 0..<stills {
      let still = try still(index, after: made, shot: shot, model: model, size: size, job: job)
      try writer.append(still)
      made.append(still)
    }
    try writer.finish()
  }
}

/// The plugin's entry point.
@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: KeyframeGeneration.self) }
