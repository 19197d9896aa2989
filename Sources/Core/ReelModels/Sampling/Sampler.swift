// One run from noise to latents: at every step the model is asked, guided, and the scheduler goes on.

import ReelTensor

/// The state of a run.
struct Sampler {
  private let denoiser: Denoiser
  private let condition: Condition
  private let source: SourceLatents?
  private let noise: Tensor
  private let reuse: BlockReuse?
  /// What is kept of the calls for the prompt, and of those for the negative one.
  private var memories: (prompt: BlockMemory?, negative: BlockMemory?)
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
  ///   - source: what the run begins with beside noise.
  ///   - reuse: when blocks of the model are not run; `nil` for never.
  init(
    _ denoiser: Denoiser, noise: Tensor, condition: Condition, prompt: PromptEmbedding,
    negativePrompt: PromptEmbedding?, guidance: Double, scheduler: any Scheduler,
    source: SourceLatents? = nil, reuse: BlockReuse? = nil
  ) {
    self.denoiser = denoiser
    self.condition = condition
    self.prompt = prompt
    self.negativePrompt = guidance > 1 ? negativePrompt : nil
    self.guidance = Float(guidance)
    self.scheduler = scheduler
    self.source = source
    self.noise = noise
    self.reuse = reuse
    latents = source?.noised(noise, to: scheduler.sigmas[0]) ?? noise
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
    if let source { latents = source.keeping(latents, noise: noise, at: scheduler.sigmas[index]) }
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
      let calls = scheduler.timesteps[index...].count { denoiser.expertIndex(at: $0) == expert }
      let memory = reuse.map { BlockMemory($0, calls: calls, configuration: transformer.configuration) }
      memories = (memory, memory)
    }
    let (input, times) = condition.input(
      latents, timestep: timestep, patch: transformer.configuration.patch)
    let control = condition.control
    func answer(_ context: PromptContext, _ memory: inout BlockMemory?) -> Tensor {
      transformer(input, times: times, context: context, control: control, memory: &memory)
    }
    // One after the other: both at once would take twice the memory, and spare nothing, since a product reads its weight
    // anew for every 336 rows. Where there are fewer, as in the embedded model, it would spare a tenth of the time.
    let conditional = answer(contexts!.prompt, &memories.prompt)
    guard let negative = contexts!.negative else { return conditional }
    let unconditional = answer(negative, &memories.negative)
    return unconditional + (conditional - unconditional) * guidance
  }
}

extension Philox {
  /// Noise for latents of `shape`, `[T, h, w, z]`. Every latent frame has its own place in the sequence, so its
  /// noise does not depend on how many there are.
  ///
  /// - Parameter draw: 0 for the noise that a run begins with; others are as many more of the same shape.
  func latentNoise(_ shape: Shape, draw: Int = 0) -> Tensor {
    let frame = Shape(Array(shape.dimensions.dropFirst()))
    return Tensor.concatenated(
      (0..<shape[0]).map { index in
        normals(frame, offset: UInt64(draw) << 48 | UInt64(index) << 32).reshaped([1] + frame.dimensions)
      })
  }
}
