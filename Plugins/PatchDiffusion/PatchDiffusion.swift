// The stage `patch-diffusion`: keyframes and a prompt become footage.

import ReelModels
import ReelStage

/// Makes the footage of one shot: the diffusion transformer denoises spacetime patches of the video's latents,
/// held to the keyframes at their frames. A shot that is longer than the model's clip is made of clips that share
/// their boundary frames (``Segments``).
public struct PatchDiffusion: Stage {
  public static let manifest = Manifest(
    name: "patch-diffusion", version: 1, summary: "turns a prompt and keyframes into footage",
    inputs: [
      Port("prompts", .prompts, help: "what each shot shows and how long it is"),
      Port("keyframes", .stills, isOptional: true, help: "stills that the footage passes through"),
    ],
    outputs: [Port("frames", .frames, help: "the footage, at the model's size and about its speed")],
    cut: .shot,
    parameters: Sampling.parameters + [
      .optional(
        "seconds", .number(0.1...600, unit: "seconds"),
        help: "length of each shot, where it is not the prompt's own")
    ])

  let sampling: Sampling
  let seconds: Double?

  public init(_ parameters: Parameters) throws {
    sampling = try Sampling(parameters)
    seconds = parameters.ifGiven("seconds", parameters.number)
  }

  public func run(_ job: Job) throws {
    let shot = try job.shot("prompts")
    let model = try sampling.loadModel()
    let stills = try job.parts("keyframes").isEmpty ? [] : job.stills("keyframes")
    let size = stills.first?.size ?? sampling.size ?? model.declaration.size
    let seconds = seconds ?? shot.seconds
    let segments = Segments(
      seconds: seconds, clipFrames: model.declaration.frames,
      framesPerSecond: model.declaration.frameRate.framesPerSecond)
    var known = Dictionary(
      zip(segments.positions(ofStills: stills.count), stills), uniquingKeysWith: { first, _ in first })

    // As many frames a second as make the footage last exactly as long as the shot.
    let rate = FrameRate(segments.frameCount * 1000, max(1, Int((seconds * 1000).rounded())))
    let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: size, rate: rate)
    for index in 0..<segments.count {
      let range = segments.frames(of: index)
      let request = try sampling.request(
        shot, model: model, size: size, frames: range.count, stream: UInt64(index + 1),
        known: range.compactMap { position in
          known[position].map { .init(index: position - range.lowerBound, frame: $0) }
        })
      let clip = try sampling.sample(request, model: model, job: job, index: index, of: segments.count)
      for frame in clip.dropFirst(index == 0 ? 0 : 1) { try writer.append(frame) }
      known[range.upperBound] = clip.last
    }
    try writer.finish()
  }
}

/// The plugin's entry point.
@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: PatchDiffusion.self) }
