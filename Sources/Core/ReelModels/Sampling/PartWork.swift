// The work of each part of a model, one piece at a time: what is measured where one wants to know how long a film takes.

import ReelMedia
import ReelTensor

/// A piece of work of one part of a model, as sampling does it again and again.
public struct PartWork {
  /// `text encoder`, `denoising step`, `decoder` or `encoder`.
  public let name: String
  /// How much is done at once, in words.
  public let amount: String
  /// Floating-point operations, of which a multiplication and its addition are two.
  public let operations: Double
  /// Bytes: the most that the process is estimated to have for itself meanwhile, if it does nothing else.
  public let memory: Double
  private let work: () throws(ModelError) -> Void

  init(
    _ name: String, _ amount: String, _ estimate: WorkEstimate,
    _ work: @escaping () throws(ModelError) -> Void
  ) {
    (self.name, self.amount, self.work) = (name, amount, work)
    (operations, memory) = (estimate.operations, estimate.memory)
  }

  /// Does it once, on as many threads as are set. The first time reads the part's weights.
  public func callAsFunction() throws(ModelError) { try work() }
}

extension DiffusionModel {
  /// The encoding of a prompt of so many tokens, one call of the transformer without guidance, and the decoding and
  /// encoding of a whole film, all of noise.
  ///
  /// - Parameters:
  ///   - size: a multiple of ``sizeMultiple``.
  ///   - frames: 1 more than a multiple of ``frameMultiple``.
  ///   - promptTokens: at least 1.
  public func partWork(size: Size, frames: Int, promptTokens: Int) throws(ModelError) -> [PartWork] {
    try check(
      SamplingRequest(prompt: "", size: size, frames: frames, steps: 1, guidance: 1, seed: 1))
    let sizes = autoencoder.configuration
    let shape: Shape = [
      sizes.latentFrames(frames), size.height / sizes.spatialFactor, size.width / sizes.spatialFactor,
      sizes.latentChannels,
    ]
    let random = Philox(seed: 1)
    let latents = random.normals(shape)
    let patch = denoiser.configuration.patch
    let tokens = shape[0] / patch.time * (shape[1] / patch.height) * (shape[2] / patch.width)
    let film = "\(size), \(frames) frames"
    let (denoiser, autoencoder, prompts) = (denoiser, autoencoder, prompts)
    let text = try TextEncoderConfiguration(file: directory + "/text_encoder/config.json")
    let words = (0..<promptTokens).map { Int32($0 % text.vocabularySize) }
    let prompt = PromptEmbedding(
      vectors: Philox(seed: 1, stream: 1).normals([promptTokens, denoiser.configuration.textWidth]),
      padding: max(0, prompts.length - promptTokens))
    let condition = try conditioning.condition(
      KnownFilm(frameCount: frames, height: size.height, width: size.width, pictures: [:]), references: [],
      frames: [:], strength: 1)
    let context = Lazy { () throws(ModelError) in try denoiser.expert(0).context(for: prompt) }
    let layers = try layerSizes.value
    func alone(_ work: WorkEstimate, layers: Double = 0) -> WorkEstimate {
      WorkEstimate(operations: work.operations, memory: work.memory + layers + Self.processMemory)
    }
    let step = WorkEstimate(
      operations: denoiser.configuration.operations(tokens: tokens),
      memory: denoiser.configuration.memory(tokens: tokens, precision: precision)
        + denoiser.configuration.contextMemory(tokens: promptTokens + 1))
    return [
      PartWork(
        "text encoder", "\(promptTokens) tokens",
        alone(text.work(texts: 1, tokens: promptTokens, numberSize: layers.textNumber))
      ) { () throws(ModelError) in
        _ = try prompts.textEncoder.value.encode([words])
      },
      PartWork(
        "denoising step", film, alone(step, layers: layers.transformer(precision))
      ) { () throws(ModelError) in
        let transformer = try denoiser.expert(0)
        let (input, times) = condition.input(latents, timestep: 500, patch: patch)
        _ = transformer(input, times: times, context: try context.value, control: condition.control)
      },
      PartWork(
        "decoder", film, alone(sizes.decoding(shape[0], shape[1], shape[2]), layers: layers.decoder)
      ) { () throws(ModelError) in
        try autoencoder.decode(autoencoder.denormalized(latents)) { _ in }
      },
      PartWork(
        "encoder", film,
        alone(sizes.encoding(frames, size.height, size.width), layers: layers.encoder)
      ) { () throws(ModelError) in
        _ = try autoencoder.encode(frameCount: frames) {
          random.normals([$0.count, size.height, size.width, AutoencoderConfiguration.pixelChannels])
        }
      },
    ]
  }
}
