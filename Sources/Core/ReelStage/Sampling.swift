// What the generating stages have in common: which model, and how it is sampled.

import ReelModels
import ReelTensor
import Synchronization

/// The parameters of sampling from a diffusion model. A value that the pipeline leaves out is the model's own.
public struct Sampling: Hashable, Sendable {
  /// The model's directory.
  public let model: String
  public let steps: Int?
  public let guidance: Double?
  public let shift: Double?
  public let solver: Solver?
  /// The noise levels, in place of ``steps`` and ``shift``.
  public let sigmas: [Double]?
  private let exactSize: Size?
  /// What the film looks like that the footage is for.
  private let aspect: AspectRatio?
  /// Added to each shot's seed: another number gives another take.
  public let take: Int
  public let adaptations: [Adaptation]
  /// The files of pictures of what is to be seen.
  public let references: [String]
  public let controlStrength: Double
  public let reuse: BlockReuse?
  public let precision: Precision
  /// The file of a decoder for previews.
  public let decoder: String?

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
    .optional(
      "sampler", .choice(Solver.allCases.map(\.rawValue)),
      help: "unipc, euler, or renoise for distilled models; the model's own if absent"),
    .optional(
      "sigmas", .list(.number(0.0001...1), count: 1...200),
      help:
        "falling noise levels in place of steps and shift, as [1, 0.757, 0.522] for a model distilled to 3 steps"
    ),
    .optional("size", .size, help: "size the model works at; the model's own if absent"),
    .optional(
      "aspect", .aspectRatio,
      help: "in place of size: of the model's own sizes, the one nearest to this shape"),
    .optional("take", .integer(0...1_000_000), default: 0, help: "another number gives another take"),
    .optional("loras", .list(.record(lora), count: 0...16), default: [], help: "LoRAs merged into the model"),
    .optional(
      "references", .list(.file, count: 0...8), default: [],
      help: "PNG pictures of what is to be seen; for VACE models"),
    .optional(
      "control", .number(0...2), default: 1,
      help: "how strongly keyframes and references steer a VACE model"),
    .optional(
      "first_block_cache", .number(0...1), default: 0,
      help: "skip the blocks after the first while it changes by less than this share; 0 is exact"),
    .optional(
      "teacache", .number(0...1), default: 0,
      help: "skip all blocks until the times passed differ by this share in sum; 0 is exact"),
    .optional(
      "precision", .choice(Precision.allCases.map(\.rawValue)), default: "fp32",
      help: "what the transformer's products are rounded to: fp32 not at all, bf16 and int8 for speed"),
    .optional(
      "decoder", .file, help: "a TAEHV file that decodes previews in place of the model's autoencoder"),
  ]

  /// One LoRA.
  private static let lora: [Parameter] = [
    .required(
      "file", .file, help: "a safetensors file, with the names of diffusers, kohya or Wan's own code"),
    .optional("strength", .number(-4...4), default: 1, help: "1 adds it as it was trained"),
    .optional(
      "experts", .choice(Adaptation.Experts.allCases.map(\.rawValue)), default: "both",
      help: "of a model with two experts, which are adapted"),
    .optional("alpha", .number(0...65536), help: "in place of the file's own"),
  ]

  public init(_ parameters: Parameters) throws {
    model = parameters.text("model")
    steps = parameters.ifGiven("steps", parameters.integer)
    guidance = parameters.ifGiven("guidance", parameters.number)
    shift = parameters.ifGiven("shift", parameters.number)
    exactSize = parameters.ifGiven("size", parameters.size)
    aspect = parameters.ifGiven("aspect", parameters.aspectRatio)
    if exactSize != nil && aspect != nil {
      throw parameters.problem("aspect", "'size' is given, which says it already")
    }
    take = parameters.integer("take")
    solver = parameters.ifGiven("sampler", parameters.text).flatMap { Solver(rawValue: $0) }
    sigmas = parameters.ifGiven("sigmas", parameters.list)?.compactMap(\.number)
    if sigmas != nil, let other = ["steps", "shift"].first(where: parameters.has) {
      throw parameters.problem(other, "'sigmas' are given, which say it already")
    }
    adaptations = parameters.records("loras").map { lora in
      Adaptation(
        file: lora.text("file"), strength: lora.number("strength"),
        experts: Adaptation.Experts(rawValue: lora.text("experts")) ?? .both,
        alpha: lora.ifGiven("alpha", lora.number))
    }
    references = parameters.list("references").compactMap(\.string)
    controlStrength = parameters.number("control")
    reuse = try Self.reuse(parameters)
    precision = Precision(rawValue: parameters.text("precision")) ?? .float32
    decoder = parameters.ifGiven("decoder", parameters.text)
  }

  private static func reuse(_ parameters: Parameters) throws -> BlockReuse? {
    let (first, time) = (parameters.number("first_block_cache"), parameters.number("teacache"))
    if first > 0 && time > 0 {
      throw parameters.problem("teacache", "'first_block_cache' is given as well; use one of the two")
    }
    if first > 0 { return .firstBlock(first) }
    return time > 0 ? .timeEmbedding(time) : nil
  }
}

extension Sampling {
  /// The size that was asked for; `nil` where it is the input's, or else the model's own.
  public func size(for model: DiffusionModel) -> Size? {
    exactSize ?? aspect.map { model.declaration.size(nearest: $0) }
  }

  /// The model, open and its files mapped; opened once for as long as a worker lives.
  public func loadModel(for job: Job) throws -> DiffusionModel {
    try openModels.model(
      directory: model, adaptations: adaptations, precision: precision, cache: job.cache)
  }

  /// The request for a still or a clip of `shot`.
  ///
  /// - Parameters:
  ///   - stream: the noise's place within the shot: another number gives other noise.
  ///   - known: frames of the result that are given.
  public func request(
    _ shot: Shot, model: DiffusionModel, size: Size, frames: Int, stream: UInt64,
    known: [SamplingRequest.KnownFrame] = []
  ) throws -> SamplingRequest {
    var request = SamplingRequest(
      prompt: shot.prompt, negativePrompt: shot.negativePrompt, size: size, frames: frames,
      steps: steps ?? model.declaration.steps, guidance: guidance ?? model.declaration.guidance, shift: shift,
      seed: shot.seed, noiseStream: self.stream(stream), known: known,
      references: try references.map { try Self.picture($0) }, controlStrength: controlStrength)
    (request.solver, request.sigmas, request.reuse) = (solver, sigmas, reuse)
    request.decoder = try decoder.map { try TinyDecoder(path: $0) }
    return request
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

  func model(
    directory: String, adaptations: [Adaptation], precision: Precision, cache: ModelCache?
  ) throws -> DiffusionModel {
    try last.withLock { last in
      if let model = last, model.directory == directory, model.adaptations == adaptations,
        model.precision == precision, model.cache == cache
      {
        return model
      }
      // The one before goes first: two models need the memory of two.
      last = nil
      let model = try DiffusionModel(
        directory: directory, adaptations: adaptations, precision: precision, cache: cache)
      last = model
      return model
    }
  }
}
