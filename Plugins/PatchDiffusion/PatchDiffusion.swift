// The stage `patch-diffusion`: keyframes and a prompt become footage, and footage becomes other footage.

import ReelModels
import ReelStage

/// Makes the footage of one shot: the diffusion transformer denoises spacetime patches of the video's latents,
/// held to the keyframes at their frames. A shot that is longer than the model's clip is made of clips that share
/// their boundary frames (``Segments``). Given footage is extended, restyled or mended instead.
public struct PatchDiffusion: Stage {
  public static let manifest = Manifest(
    name: "patch-diffusion", version: 1, summary: "turns a prompt and keyframes into footage",
    inputs: [
      Port("prompts", .prompts, help: "what each shot shows and how long it is"),
      Port("keyframes", .stills, isOptional: true, help: "stills that the footage passes through"),
      Port("source", .frames, isOptional: true, help: "footage to extend, restyle or mend"),
    ],
    outputs: [Port("frames", .frames, help: "the footage, at the model's size and about its speed")],
    cut: .shot,
    parameters: Sampling.parameters + [
      .optional(
        "seconds", .number(0.1...600, unit: "seconds"),
        help: "length of each shot, where it is not the prompt's own"),
      .optional(
        "keyframe_times", .list(.number(0...600, unit: "seconds"), count: 1...64),
        help: "when each keyframe stands, rising; evenly from the first frame to the last if absent"),
      .optional(
        "overlap", .integer(1...64, unit: "frames"),
        help:
          "frames that clips of a long shot share; if absent 5 for clips above 32 frames of a VACE model, else 1"
      ),
      .optional(
        "loop", .boolean, default: false, help: "end where the shot begins, to go on for ever"),
      .optional(
        "extend", .choice(Direction.allCases.map(\.rawValue)),
        help: "with source: make new footage after its end, or before its beginning"),
      .optional(
        "strength", .number(0.01...1),
        help: "with source: how far it is made anew; 0.6 if absent, 1 with a mask"),
      .optional(
        "mask", .list(.file, count: 0...4096), default: [],
        help: "with source: PNG pictures, white where it is made anew; one for all frames, or one a frame"),
    ], isEstimated: true)

  let sampling: Sampling
  let seconds: Double?
  let keyframeTimes: [Double]?
  let overlap: Int?
  let isLoop: Bool
  let direction: Direction?
  let strength: Double?
  let mask: [String]

  public init(_ parameters: Parameters) throws {
    sampling = try Sampling(parameters)
    seconds = parameters.ifGiven("seconds", parameters.number)
    keyframeTimes = parameters.ifGiven("keyframe_times", parameters.list)?.compactMap(\.number)
    overlap = parameters.ifGiven("overlap", parameters.integer)
    isLoop = parameters.boolean("loop")
    direction = parameters.ifGiven("extend", parameters.text).flatMap { Direction(rawValue: $0) }
    strength = parameters.ifGiven("strength", parameters.number)
    mask = parameters.list("mask").compactMap(\.string)
    if let times = keyframeTimes, !zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) {
      throw parameters.problem("keyframe_times", "the times must rise")
    }
    let others = [("strength", strength != nil), ("mask", !mask.isEmpty), ("loop", isLoop)]
    if direction != nil, let (name, _) = others.first(where: \.1) {
      throw parameters.problem(name, "'extend' makes new footage, and leaves the given one as it is")
    }
  }

  public func estimate(_ job: Job) throws -> ActionEstimate? {
    let model = try sampling.loadModel(for: job)
    let shot = try job.shotIfKnown("prompts")
    let requests =
      try job.parts("source").isEmpty
      ? shotOutlines(shot, model: model, job: job) : footageOutlines(shot, model: model, job: job)
    return try sampling.estimate(requests, model: model)
  }

  public func run(_ job: Job) throws {
    let shot = try job.shot("prompts")
    let model = try sampling.loadModel(for: job)
    guard !job.parts("source").isEmpty else {
      let needs = [("extend", direction != nil), ("strength", strength != nil), ("mask", !mask.isEmpty)]
      if let (name, _) = needs.first(where: \.1) {
        throw StageError.parameter(
          name, "nothing stands at the input 'source'; connect the footage there")
      }
      return try shoot(shot, model: model, job: job)
    }
    guard job.parts("keyframes").isEmpty, !isLoop else {
      throw StageError.input(
        "source", "'loop' and keyframes are for new footage; leave out one of them")
    }
    let source = try job.timeline("source")
    let size = sampling.size(for: model) ?? source.size
    if let direction {
      try extend(source, direction, shot: shot, model: model, size: size, job: job)
    } else {
      try redraw(source, shot: shot, model: model, size: size, job: job)
    }
  }
}

/// The plugin's entry point.
@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: PatchDiffusion.self) }
