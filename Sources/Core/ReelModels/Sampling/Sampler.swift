// One run from noise to latents: at every step the model is asked, guided, and the scheduler goes on.

import ReelTensor

/// The state of a run.
struct Sampler {
  private let denoiser: Denoiser
  private let condition: Condition
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
    _ denoiser: Denoiser, noise: Tensor, condition: Condition, prompt: PromptEmbedding,
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

  /// The latents of the film, `[T, h, w, z]`: without what stands in front of it, and with what was given.
  var film: Tensor {
    let whole = condition.held?.replacing(latents) ?? latents
    return whole.sliced(condition.references..<whole.shape[0])
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
      let pictures = condition.pictures
      let negative = try negativePrompt.map { embedding throws(ModelError) in
        try transformer.context(for: embedding, pictures: pictures)
      }
      contexts = (expert, try transformer.context(for: prompt, pictures: pictures), negative)
    }
    let (input, times) = condition.input(
      latents, timestep: timestep, patch: transformer.configuration.patch)
    func answer(_ context: PromptContext) -> Tensor {
      transformer(input, times: times, context: context, control: condition.control)
    }
    let conditional = answer(contexts!.prompt)
    guard let negative = contexts!.negative else { return conditional }
    let unconditional = answer(negative)
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
