// What the generating stages have in common: which model, and how it is sampled.

import ReelModels
import Synchronization

/// The parameters of sampling from a diffusion model. A value that the pipeline leaves out is the model's own.
public struct Sampling: Hashable, Sendable {
  /// The model's directory.
  public let model: String
  public let steps: Int?
  public let guidance: Double?
  public let shift: Double?
  public let size: Size?
  /// Added to each shot's seed: another number gives another take.
  public let take: Int

  /// The parameters as both stages declare them.
  public static let parameters: [Parameter] = [
    .optional(
      "model", .model(reading: ["*.json", "*/*.json", "*/*.safetensors"]), default: "embedded",
      help: "a diffusers directory, or the name of one"),
    .optional("steps", .integer(1...200, unit: "steps"), help: "denoising steps; the model's own if absent"),
    .optional(
      "guidance", .number(0...30),
      help: "how closely to follow the prompt, 1 for no guidance; the model's own if absent"),
    .optional("shift", .number(0.1...20), help: "shift of the noise schedule; the model's own if absent"),
    .optional("size", .size, help: "size the model works at; the model's own if absent"),
    .optional("take", .integer(0...1_000_000), default: 0, help: "another number gives another take"),
  ]

  public init(_ parameters: Parameters) {
    model = parameters.text("model")
    steps = parameters.ifGiven("steps", parameters.integer)
    guidance = parameters.ifGiven("guidance", parameters.number)
    shift = parameters.ifGiven("shift", parameters.number)
    size = parameters.ifGiven("size", parameters.size)
    take = parameters.integer("take")
  }
}

extension Sampling {
  /// The model, open and its files mapped; opened once for as long as a worker lives.
  public func loadModel() throws -> DiffusionModel { try openModels.model(directory: model) }

  /// The request for a still or a clip of `shot`.
  ///
  /// - Parameters:
  ///   - stream: the noise's place within the shot: another number gives other noise.
  ///   - known: frames of the result that are given.
  public func request(
    _ shot: Shot, model: DiffusionModel, size: Size, frames: Int, stream: UInt64,
    known: [SamplingRequest.KnownFrame] = []
  ) -> SamplingRequest {
    SamplingRequest(
      prompt: shot.prompt, negativePrompt: shot.negativePrompt, size: size, frames: frames,
      steps: steps ?? model.declaration.steps, guidance: guidance ?? model.declaration.guidance, shift: shift,
      seed: shot.seed, noiseStream: self.stream(stream), known: known)
  }

  /// The number of a stream of noise: a shot has few, and takes stand above them.
  public func stream(_ index: UInt64) -> UInt64 { UInt64(take) << 32 | index }

  /// Samples one of the `count` requests that make up a job, and says how the whole job is getting on.
  public func sample(
    _ request: SamplingRequest, model: DiffusionModel, job: Job, index: Int, of count: Int
  ) throws -> [Frame] {
    try model.sample(request, threads: job.threads) { done, total in
      job.progress(done: index * total + done, total: count * total, unit: "steps")
    }
  }
}

/// The models that this process has opened. A worker runs one action after another with the same one.
private let openModels = OpenModels()

private final class OpenModels: Sendable {
  private let last = Mutex<DiffusionModel?>(nil)

  func model(directory: String) throws -> DiffusionModel {
    try last.withLock { last in
      if let model = last, model.directory == directory { return model }
      let model = try DiffusionModel(directory: directory)
      last = model
      return model
    }
  }
}
