// One run from noise to latents: at every step the model is asked, guided, and the scheduler goes on.

import ReelTensor

/// The state of a run.
struct Sampler {
  private let denoiser: Denoiser
  /// The channels beside the noise, `[T, h, w, mask + z]`.
  private let condition: Tensor?
  private let prompt: PromptEmbedding
  /// `nil` where there is no guidance.
  private let negativePrompt: PromptEmbedding?
  private let guidance: Float
  private var scheduler: any Scheduler
  private var index = 0
  /// What the expert in use needs of the prompts.
  private var contexts: (expert: Int, prompt: PromptContext, negative: PromptContext?)?
  /// `[T, h, w, z]`, normalized.
  private(set) var latents: Tensor

  /// - Parameters:
  ///   - noise: `[T, h, w, z]`.
  ///   - guidance: u + g·(c − u), where c is the answer to the prompt and u that to the negative one; at 1 or less
  ///     the model is asked for c alone.
  init(
    _ denoiser: Denoiser, noise: Tensor, condition: Tensor?, prompt: PromptEmbedding,
    negativePrompt: PromptEmbedding?, guidance: Double, scheduler: any Scheduler
  ) {
    self.denoiser = denoiser
    self.condition = condition
    self.prompt = prompt
    self.negativePrompt = guidance > 1 ? negativePrompt : nil
    self.guidance = Float(guidance)
    self.scheduler = scheduler
    latents = noise
  }

  /// How many steps there are in all.
  var steps: Int { scheduler.timesteps.count }

  /// Takes the next step; to be called `steps` times.
  mutating func advance() throws(ModelError) {
    let velocity = try velocity(of: latents, timestep: scheduler.timesteps[index])
    latents = scheduler.step(velocity: velocity, sample: latents)
    index += 1
  }

  /// The guided answer of the model.
  private mutating func velocity(of latents: Tensor, timestep: Float) throws(ModelError) -> Tensor {
    let expert = denoiser.expertIndex(at: timestep)
    let transformer = try denoiser.expert(expert)
    if contexts?.expert != expert {
      let negative = try negativePrompt.map { embedding throws(ModelError) in
        try transformer.context(for: embedding)
      }
      contexts = (expert, try transformer.context(for: prompt), negative)
    }
    let input = condition.map { Tensor.concatenated([latents, $0], along: -1) } ?? latents
    let conditional = transformer(input, timestep: timestep, context: contexts!.prompt)
    guard let negative = contexts!.negative else { return conditional }
    let unconditional = transformer(input, timestep: timestep, context: negative)
    return unconditional + (conditional - unconditional) * guidance
  }
}

extension Philox {
  /// Noise for latents of `shape`, `[T, h, w, z]`. Every latent frame has its own place in the sequence, so its
  /// noise does not depend on how many there are.
  func latentNoise(_ shape: Shape) -> Tensor {
    let frame = Shape(Array(shape.dimensions.dropFirst()))
    return Tensor.concatenated(
      (0..<shape[0]).map { normals(frame, offset: UInt64($0) << 32).reshaped([1] + frame.dimensions) })
  }
}
