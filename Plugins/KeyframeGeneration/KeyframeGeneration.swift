// The stage `keyframe-generation`: a prompt becomes the stills that a shot passes through.

import ReelModels
import ReelStage

/// Makes the keyframes of one shot, evenly spread from its first frame to its last.
///
/// The first is a still: the model at one frame. The others must show the same scene, which `consistency` sees to:
/// - `previous-still`: each following still is the last frame of a clip that the model grows from the still before, so
///   the camera moves as the prompt says. It needs a model that takes keyframes.
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
        "consistency", .choice(["previous-still", "shared-noise"]), default: "previous-still",
        help: "how the stills of a shot come to show the same scene"),
      .optional(
        "variation", .percent(0...100), default: 15.0,
        help: "with shared-noise, how far each still may differ from the first"),
    ])

  let sampling: Sampling
  let stills: Int
  let growsFromStill: Bool
  let variation: Double

  public init(_ parameters: Parameters) throws {
    sampling = try Sampling(parameters)
    stills = parameters.integer("stills")
    growsFromStill = parameters.text("consistency") == "previous-still"
    variation = parameters.number("variation") / 100
  }

  public func run(_ job: Job) throws {
    let shot = try job.shot("prompts")
    let model = try sampling.loadModel()
    if growsFromStill && stills > 1 && !model.takesKnownFrames {
      throw StageError.parameter(
        "consistency", "this model takes no keyframes, which 'previous-still' needs; use 'shared-noise'")
    }
    let size = sampling.size ?? model.declaration.size
    let writer = try FrameSequenceWriter(path: job.makeOutput("stills"), size: size, rate: FrameRate(1))
    var previous: Frame?
    for index in 0..<stills {
      var request = try sampling.request(shot, model: model, size: size, frames: 1, stream: 0)
      if let previous {
        if growsFromStill {
          request = try sampling.request(
            shot, model: model, size: size, frames: model.declaration.frames, stream: UInt64(index),
            known: [.init(index: 0, frame: previous)])
        } else {
          request.variation = .init(stream: sampling.stream(UInt64(index)), share: variation)
        }
      }
      let still = try sampling.sample(request, model: model, job: job, index: index, of: stills).last!
      try writer.append(still)
      previous = still
    }
    try writer.finish()
  }
}

/// The plugin's entry point.
@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: KeyframeGeneration.self) }
