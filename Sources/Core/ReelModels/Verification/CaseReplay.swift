// The replay of a recorded run: every part on its recorded input, then the whole run from prompt and noise.

import ReelTensor

/// A replay under way; the parts are collected as they are compared.
struct CaseReplay {
  let model: DiffusionModel
  var recorded: RecordedCase
  private var parts: [CaseVerification.Part] = []
  private var groups: Set<CaseVerification.Group> = []

  init(model: DiffusionModel, recorded: RecordedCase) {
    self.model = model
    self.recorded = recorded
  }

  var isGuided: Bool { recorded.guidance > 1 }

  mutating func run() throws(ModelError) {
    try compareTokens()
    try compareTextEncoder()
    try compareSchedule()
    try compareEncoder()
    try compareTransformer()
    if model.precision == .float32 { try compareRun() } else { readRun() }
    try compareDecoder()
  }

  func verification() throws(ModelError) -> CaseVerification {
    guard !parts.isEmpty else {
      throw .malformed(
        file: recorded.file.path, reason: "records no part of a run; there is nothing to verify")
    }
    return CaseVerification(
      parts: parts, skipped: CaseVerification.Group.allCases.filter { !groups.contains($0) },
      unused: recorded.file.names.filter { !recorded.read.contains($0) })
  }

  mutating func add(
    _ group: CaseVerification.Group, _ name: String, _ tolerance: CaseVerification.Tolerance, error: Double
  ) {
    groups.insert(group)
    parts.append(CaseVerification.Part(name: name, tolerance: tolerance, error: error))
  }

  /// Compares a result with the reference's, of the same layout.
  mutating func compare(
    _ group: CaseVerification.Group, _ name: String, _ tolerance: CaseVerification.Tolerance,
    _ result: Tensor,
    with reference: Tensor
  ) throws(ModelError) {
    guard result.shape == reference.shape else {
      throw .wrongShape(
        file: recorded.file.path, name: name, wanted: result.shape.dimensions,
        found: reference.shape.dimensions)
    }
    add(
      group, name, tolerance,
      error: tolerance == .rounded
        ? Self.angle(between: result, and: reference) : Self.relativeError(of: result, from: reference))
  }

  /// 1 − a·b/(|a|·|b|).
  static func angle(between result: Tensor, and reference: Tensor) -> Double {
    var (product, one, other) = (0.0, 0.0, 0.0)
    for (a, b) in zip(result.elements, reference.elements) {
      guard a.isFinite && b.isFinite else { return .infinity }
      product += Double(a) * Double(b)
      one += Double(a) * Double(a)
      other += Double(b) * Double(b)
    }
    let scale = (one * other).squareRoot()
    return scale > 0 ? max(0, 1 - product / scale) : one == other ? 0 : 1
  }

  /// max|a − b|/max|b|: the largest error on the reference's own scale.
  static func relativeError(of result: Tensor, from reference: Tensor) -> Double {
    var (error, scale) = (0.0, 0.0)
    for (a, b) in zip(result.elements, reference.elements) {
      guard a.isFinite && b.isFinite else { return .infinity }
      error = max(error, abs(Double(a) - Double(b)))
      scale = max(scale, abs(Double(b)))
    }
    return scale > 0 ? error / scale : error
  }
}

extension CaseReplay {
  /// The first text that the reference encodes is the prompt. In which order the others follow is not recorded:
  /// each must be the prompt or the negative prompt.
  private mutating func compareTokens() throws(ModelError) {
    for number in recorded.numbers("text", ".ids") {
      let name = "text\(number).ids"
      let reference = try recorded.tensor(name, [1, -1]).elements
      var different = try differentTokens(of: recorded.prompt, from: reference)
      if number > 0 {
        different = min(different, try differentTokens(of: recorded.negativePrompt, from: reference))
      }
      add(.tokens, name, .exact, error: Double(different))
    }
  }

  /// How many tokens of a text, padded to the reference's number, differ from the reference's.
  private func differentTokens(of text: String, from reference: [Float]) throws(ModelError) -> Int {
    var tokens = try model.prompts.tokens(text, length: reference.count)
    tokens += [Int32](repeating: model.prompts.padToken, count: max(0, reference.count - tokens.count))
    return zip(tokens, reference).count { Float($0) != $1 } + tokens.count - reference.count
  }

  private mutating func compareTextEncoder() throws(ModelError) {
    for (name, text) in [
      ("prompt_embeds", recorded.prompt), ("negative_prompt_embeds", recorded.negativePrompt),
    ]
    where recorded.has(name) {
      let reference = try recorded.tensor(name, [1, recorded.promptLength, -1])
      let result = try model.prompts.encode([text], length: recorded.promptLength)[0].padded
      try compare(.textEncoder, name, .model, result, with: reference.reshaped(recorded.promptLength, -1))
    }
  }

  private mutating func compareSchedule() throws(ModelError) {
    let scheduler = model.schedulerConfiguration.scheduler(recorded.stepping, noise: recorded.noise)
    for (name, values) in [("timesteps", scheduler.timesteps), ("sigmas", scheduler.sigmas)]
    where recorded.has(name) {
      let reference = try recorded.tensor(name, [values.count])
      try compare(.schedule, name, .module, Tensor([values.count], values), with: reference)
    }
  }

  private mutating func compareEncoder() throws(ModelError) {
    let sizes = model.autoencoder.configuration
    let multiple = (time: sizes.temporalFactor, height: sizes.spatialFactor, width: sizes.spatialFactor)
    for number in recorded.numbers("vae.encode", ".out.mode") {
      let name = "vae.encode\(number)"
      let film = try recorded.film(name + ".in", channels: 3, multiple: multiple, first: 1)
      let reference = try recorded.film(name + ".out.mode", channels: sizes.latentChannels)
      let result = try model.autoencoder.encode(frameCount: film.shape[0]) { film.sliced($0) }
      try compare(.encode, name + ".out.mode", .model, result, with: reference)
    }
  }

  private mutating func compareDecoder() throws(ModelError) {
    guard recorded.has("vae.decode.out") else { return }
    let latents = try recorded.film("vae.decode.in", channels: model.autoencoder.configuration.latentChannels)
    let reference = try recorded.film("vae.decode.out", channels: 3)
    try compare(.decode, "vae.decode.out", .model, try decoded(latents), with: reference)
  }

  /// All frames at once; the cases are small.
  func decoded(_ latents: Tensor) throws(ModelError) -> Tensor {
    var chunks: [Tensor] = []
    try model.autoencoder.decode(latents) { chunks.append($0) }
    return Tensor.concatenated(chunks)
  }
}
