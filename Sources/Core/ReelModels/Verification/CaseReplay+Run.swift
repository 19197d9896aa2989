// The parts of a recorded run that the transformer and the sampler make.

import ReelTensor

extension CaseReplay {
  /// Every recorded call of a transformer, on its recorded input.
  mutating func compareTransformer() throws(ModelError) {
    for (expert, part) in ["transformer", "transformer_2"].enumerated() {
      for number in recorded.numbers("call", ".\(part).out") {
        guard expert < model.denoiser.expertCount else {
          throw .malformed(
            file: recorded.file.path, reason: "records calls of '\(part)', and the model has no such part")
        }
        try compareCall("call\(number).\(part)", step: number, expert: expert)
      }
    }
  }

  private mutating func compareCall(_ call: String, step: Int, expert: Int) throws(ModelError) {
    let sizes = model.denoiser.configuration
    let patch = sizes.patch
    let input = try recorded.film(
      call + ".in.hidden_states", channels: sizes.inputChannels,
      multiple: (patch.time, patch.height, patch.width))
    let reference = try recorded.film(call + ".out", channels: sizes.outputChannels)
    let transformer = try model.denoiser.expert(expert)
    let result: Tensor
    if recorded.has(call + ".in.encoder_hidden_states") {
      let timestep = try recorded.tensor(call + ".in.timestep", [1]).scalar
      let context = try transformer.context(for: embedding(call + ".in.encoder_hidden_states"))
      result = transformer(input, timestep: timestep, context: context)
    } else {
      result = try guidedAnswer(of: transformer, input, step: step)
    }
    try compare(.transformer, call + ".out", .model, result, with: reference)
  }

  /// A call that is recorded without its prompt and time is that of a whole step: it has the step's time, and what
  /// came out is recorded after guidance.
  private mutating func guidedAnswer(
    of transformer: WanTransformer, _ input: Tensor, step: Int
  ) throws(ModelError) -> Tensor {
    let timesteps = try recorded.tensor("timesteps", [recorded.steps]).elements
    guard step < timesteps.count else {
      throw .malformed(
        file: recorded.file.path, reason: "records call \(step) of \(timesteps.count) steps without its time")
    }
    let prompt = try transformer.context(for: embedding("prompt_embeds"))
    let conditional = transformer(input, timestep: timesteps[step], context: prompt)
    guard isGuided else { return conditional }
    let negative = try transformer.context(for: embedding("negative_prompt_embeds"))
    let unconditional = transformer(input, timestep: timesteps[step], context: negative)
    return unconditional + (conditional - unconditional) * Float(recorded.guidance)
  }

  private mutating func embedding(_ name: String) throws(ModelError) -> PromptEmbedding {
    let rows = try recorded.tensor(name, [1, -1, model.denoiser.configuration.textWidth])
    return PromptEmbedding(padded: rows.reshaped(rows.shape[1], rows.shape[2]))
  }

  /// The whole run from the prompt, the pictures and the recorded noise, with our own result of every part.
  mutating func compareRun() throws(ModelError) {
    guard recorded.has("initial_noise") else { return }
    let sizes = model.autoencoder.configuration
    let noise = try initialNoise()
    let condition = try compareConditioning()
    let texts = [recorded.prompt] + (isGuided ? [recorded.negativePrompt] : [])
    let embeddings = try model.prompts.encode(texts, length: recorded.promptLength)
    var sampler = Sampler(
      model.denoiser, noise: noise, condition: condition, prompt: embeddings[0],
      negativePrompt: embeddings.count > 1 ? embeddings[1] : nil, guidance: recorded.guidance,
      scheduler: model.schedulerConfiguration.scheduler(steps: recorded.steps))
    for step in 0..<sampler.steps {
      try sampler.advance()
      let name = "step\(step).latents"
      guard recorded.has(name) else { continue }
      let reference = try recorded.film(name, channels: sizes.latentChannels)
      try compare(.latents, name, .pipeline, sampler.latents, with: reference)
    }
    let latents = model.autoencoder.denormalized(sampler.latents)
    if recorded.has("vae.decode.in") {
      let reference = try recorded.film("vae.decode.in", channels: sizes.latentChannels)
      try compare(.latents, "vae.decode.in", .pipeline, latents, with: reference)
    }
    guard recorded.has("video") else { return }
    let reference = try recorded.tensor(
      "video", [recorded.frames, recorded.size.height, recorded.size.width, 3])
    let video = (try decoded(latents) * 0.5 + 0.5).clamped(0, 1)
    try compare(.video, "video", .pipeline, video, with: reference)
  }

  /// The recorded noise, which must be that of the size and length in the metadata.
  private mutating func initialNoise() throws(ModelError) -> Tensor {
    let sizes = model.autoencoder.configuration
    let patch = model.denoiser.configuration.patch
    let noise = try recorded.film(
      "initial_noise", channels: sizes.latentChannels, multiple: (patch.time, patch.height, patch.width))
    let wanted = [
      sizes.latentFrames(recorded.frames), recorded.size.height / sizes.spatialFactor,
      recorded.size.width / sizes.spatialFactor, sizes.latentChannels,
    ]
    guard noise.shape.dimensions == wanted, (recorded.frames - 1) % sizes.temporalFactor == 0,
      recorded.size.height % sizes.spatialFactor == 0, recorded.size.width % sizes.spatialFactor == 0
    else {
      throw .malformed(
        file: recorded.file.path,
        reason: "noise of \(noise.shape) does not fit \(recorded.frames) frames of \(recorded.size)")
    }
    return noise
  }

  /// The channels of the known frames as we make them, compared with those that are recorded.
  private mutating func compareConditioning() throws(ModelError) -> Tensor? {
    var known: [Int: Tensor] = [:]
    if recorded.has("input.image") { known[0] = try recorded.picture("input.image") }
    if recorded.has("input.last_image") {
      known[recorded.frames - 1] = try recorded.picture("input.last_image")
    }
    guard known.isEmpty || model.takesKnownFrames else {
      throw .malformed(
        file: recorded.file.path, reason: "records known frames, and this model takes a prompt alone")
    }
    let condition = try model.conditioning.channels(
      frameCount: recorded.frames, height: recorded.size.height, width: recorded.size.width, known: known)
    guard let condition else { return nil }
    let z = model.autoencoder.configuration.latentChannels
    if recorded.has("condition") {
      let reference = try recorded.film("condition", channels: z)
      let own = condition.sliced(condition.shape[3] - z..<condition.shape[3], along: -1)
      try compare(.conditioning, "condition", .model, own, with: reference)
    }
    let call = "call0.transformer.in.hidden_states"
    if recorded.has(call) {
      let reference = try recorded.film(call, channels: model.denoiser.configuration.inputChannels)
      try compare(
        .conditioning, call, .model, condition, with: reference.sliced(z..<reference.shape[3], along: -1))
    }
    return condition
  }
}
