// The parts of a recorded run that the transformer and the sampler make.

import ReelMedia
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
      let pictures = try pictures(call + ".in.encoder_hidden_states_image")
      let context = try transformer.context(
        for: embedding(call + ".in.encoder_hidden_states"), pictures: pictures)
      result = transformer(
        input, times: try times(call + ".in.timestep", for: input), context: context,
        control: try control(call, like: input))
    } else {
      result = try guidedAnswer(of: transformer, input, step: step)
    }
    try compare(
      .transformer, call + ".out", model.precision == .float32 ? .model : .rounded, result, with: reference)
  }

  /// The time of a call: one, or one for each token.
  private mutating func times(_ name: String, for input: Tensor) throws(ModelError) -> [Float] {
    let tokens = PatchGrid(input.shape, model.denoiser.configuration.patch).count
    let isForTokens = recorded.file.entries[name]?.shape.rank == 2
    return try recorded.tensor(name, isForTokens ? [1, tokens] : [1]).elements
  }

  /// The vectors of pictures, where they are recorded: one picture a row.
  private mutating func pictures(_ name: String) throws(ModelError) -> Tensor? {
    guard recorded.has(name), let image = model.denoiser.configuration.image else { return nil }
    return try recorded.tensor(name, [-1, -1, image.width]).reshaped(-1, image.width)
  }

  private mutating func control(_ call: String, like input: Tensor) throws(ModelError) -> ControlSignal? {
    guard let sizes = model.denoiser.configuration.control else { return nil }
    let latents = try recorded.film(call + ".in.control_hidden_states", channels: sizes.channels)
    guard Array(latents.shape.dimensions.dropLast()) == Array(input.shape.dimensions.dropLast()) else {
      throw .wrongShape(
        file: recorded.file.path, name: call + ".in.control_hidden_states",
        wanted: [1, sizes.channels] + input.shape.dimensions.dropLast(),
        found: [1, sizes.channels] + latents.shape.dimensions.dropLast())
    }
    let scales = call + ".in.control_hidden_states_scale"
    return ControlSignal(
      latents: latents,
      scales: recorded.has(scales)
        ? try recorded.tensor(scales, [sizes.layers.count]).elements
        : [Float](repeating: 1, count: sizes.layers.count))
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
    let conditional = transformer(input, times: [timesteps[step]], context: prompt)
    guard isGuided else { return conditional }
    let negative = try transformer.context(for: embedding("negative_prompt_embeds"))
    let unconditional = transformer(input, times: [timesteps[step]], context: negative)
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
    let references = try recorded.references()
    let noise = try initialNoise(references: references.count)
    let condition = try compareConditioning(references)
    let texts = [recorded.prompt] + (isGuided ? [recorded.negativePrompt] : [])
    let embeddings = try model.prompts.encode(texts, length: recorded.promptLength)
    var sampler = Sampler(
      model.denoiser, noise: noise, condition: condition, prompt: embeddings[0],
      negativePrompt: embeddings.count > 1 ? embeddings[1] : nil, guidance: recorded.guidance,
      scheduler: model.schedulerConfiguration.scheduler(recorded.stepping, noise: recorded.noise),
      source: try compareSource(), reuse: recorded.reuse)
    for step in 0..<sampler.steps {
      try sampler.advance()
      let name = "step\(step).latents"
      guard recorded.has(name) else { continue }
      let reference = try recorded.film(name, channels: sizes.latentChannels)
      try compare(.latents, name, .pipeline, sampler.latents, with: reference)
    }
    let latents = model.autoencoder.denormalized(sampler.film)
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

  /// Counts what belongs to the whole run as used: with a model that rounds it is not compared.
  mutating func readRun() {
    let names: Set = ["initial_noise", "video", "vae.decode.in", "condition"]
    for name in recorded.file.names
    where names.contains(name) || name.hasPrefix("input.") || name.hasSuffix(".latents")
      || name.contains(".in.")
    { recorded.use(name) }
  }

  /// What the run began with beside noise, where it began with a film.
  private mutating func compareSource() throws(ModelError) -> SourceLatents? {
    guard let strength = recorded.strength, strength < 1 || recorded.has("input.video") else { return nil }
    let frames = try recorded.knownFrames()
    let latents = try model.autoencoder.encode(frameCount: recorded.frames) { range in
      Tensor.concatenated(
        range.map { index in
          let pixels = frames[index]!.picture.pixels
          return pixels.reshaped([1] + pixels.shape.dimensions)
        })
    }
    return SourceLatents(latents: model.autoencoder.normalized(latents), open: nil)
  }

  /// The recorded noise, which must be that of the size and length in the metadata.
  private mutating func initialNoise(references: Int) throws(ModelError) -> Tensor {
    let sizes = model.autoencoder.configuration
    let patch = model.denoiser.configuration.patch
    let noise = try recorded.film(
      "initial_noise", channels: sizes.latentChannels, multiple: (patch.time, patch.height, patch.width))
    let wanted = [
      references + sizes.latentFrames(recorded.frames), recorded.size.height / sizes.spatialFactor,
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

  /// What is known of the film as we make it, compared with what is recorded of it.
  private mutating func compareConditioning(_ references: [Frame]) throws(ModelError) -> Condition {
    let frames = recorded.strength == nil ? try recorded.knownFrames() : [:]
    guard frames.isEmpty && references.isEmpty || model.takesKnownFrames else {
      throw .malformed(
        file: recorded.file.path, reason: "records known frames, and this model takes a prompt alone")
    }
    let film = KnownFilm(
      frameCount: recorded.frames, height: recorded.size.height, width: recorded.size.width,
      pictures: frames.mapValues(\.picture))
    var condition = try model.conditioning.condition(
      film, references: references, frames: frames.mapValues(\.frame))
    if let channels = condition.channels { try compareChannels(channels) }
    if let held = condition.held { try compareHeld(held) }
    if let control = condition.control {
      try compareInput("control_hidden_states", control.latents, channels: control.latents.shape[3])
      let scales = "call0.transformer.in.control_hidden_states_scale"
      if recorded.has(scales) {
        condition.control?.scales = try recorded.tensor(scales, [control.scales.count]).elements
      }
    }
    let pictures = "call0.transformer.in.encoder_hidden_states_image"
    if let own = condition.pictures, let reference = try self.pictures(pictures) {
      try compare(.conditioning, pictures, .model, own, with: reference)
    }
    return condition
  }

  /// Mask and latents of the known frames, `[T, h, w, mask + z]`.
  private mutating func compareChannels(_ own: Tensor) throws(ModelError) {
    let z = model.autoencoder.configuration.latentChannels
    if recorded.has("condition") {
      let reference = try recorded.film("condition", channels: z)
      let latents = own.sliced(own.shape[3] - z..<own.shape[3], along: -1)
      try compare(.conditioning, "condition", .model, latents, with: reference)
    }
    try compareInput(
      "hidden_states", own, channels: model.denoiser.configuration.inputChannels, from: z)
  }

  /// The latent frames that the first call was given in place of noise, `[count, h, w, z]`.
  private mutating func compareHeld(_ own: HeldLatents) throws(ModelError) {
    let name = "call0.transformer.in.hidden_states"
    guard recorded.has(name) else { return }
    let reference = try recorded.film(name, channels: own.latents.shape[3])
    try compare(
      .conditioning, name, .model, own.latents, with: reference.sliced(0..<min(own.count, reference.shape[0]))
    )
  }

  /// An input of the first call, from one of its channels on.
  private mutating func compareInput(
    _ name: String, _ own: Tensor, channels: Int, from first: Int = 0
  ) throws(ModelError) {
    let name = "call0.transformer.in.\(name)"
    guard recorded.has(name) else { return }
    let reference = try recorded.film(name, channels: channels)
    try compare(.conditioning, name, .model, own, with: reference.sliced(first..<channels, along: -1))
  }
}
