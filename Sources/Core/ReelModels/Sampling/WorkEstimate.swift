// How much work and memory a request takes, from the sizes of the model alone.

import ReelMedia
import ReelTensor

/// An estimate: floating-point operations, of which a multiplication and its addition are two, and the most bytes that
/// the process has for itself at one time. Pages of weights that are read from their files do not count.
public struct WorkEstimate: Hashable, Sendable {
  public var operations: Double
  public var memory: Double
  /// Bytes of packed weights that are mapped from files.
  public var mapped = 0.0

  public init(operations: Double, memory: Double) {
    self.operations = operations
    self.memory = memory
  }
}

/// What of a request decides how much work it is.
public struct RequestOutline: Hashable, Sendable {
  public var size: Size
  public var frames: Int
  public var steps: Int
  public var guidance: Double
  /// Of the longer of both prompts, in bytes of UTF-8.
  public var promptLength = 0
  /// Whether frames are given.
  public var hasKnownFrames = false
  public var references = 0
  /// Whether the run begins with a film.
  public var hasSource = false
  /// Whether a decoder for previews stands in for the model's own.
  public var isPreview = false
  /// Whether what blocks add is kept from step to step.
  public var reusesBlocks = false

  public init(size: Size, frames: Int, steps: Int, guidance: Double) {
    (self.size, self.frames, self.steps, self.guidance) = (size, frames, steps, guidance)
  }

  fileprivate var prompts: Int { guidance > 1 ? 2 : 1 }
}

extension DiffusionModel {
  /// The work of requests that are fulfilled one after the other, and what they need beside what stays in memory.
  ///
  /// - Parameter precision: in place of the model's own.
  public func estimate(
    _ requests: [RequestOutline], precision: Precision? = nil
  ) throws(ModelError) -> WorkEstimate {
    for request in requests { try check(size: request.size) }
    let layers = try layerSizes.value
    let precision = precision ?? self.precision
    var estimate = WorkEstimate(operations: 0, memory: 0)
    // What stays: every part from its first use on.
    let transformer = layers.transformer(precision)
    let isKept = adaptations.isEmpty && cache?.files.isWritable ?? false
    estimate.mapped = isKept ? transformer.keepable : 0
    var resident = transformer.rest + (isKept ? 0 : transformer.keepable) + Self.processMemory
    if requests.contains(where: { conditioning.encodes($0) }) { resident += layers.encoder }
    if requests.contains(where: { !$0.isPreview }) { resident += layers.decoder }
    if requests.contains(where: \.hasKnownFrames) { resident += layers.imageEncoder }
    estimate.memory = resident + layers.loading(precision)
    for request in requests {
      let work = try work(of: request, precision, layers)
      estimate.operations += work.operations
      estimate.memory = max(estimate.memory, resident + work.memory)
    }
    return estimate
  }

  /// What a worker has before any model, and what its threads work in.
  static var processMemory: Double { 12e6 + 4e6 * Double(Threads.available) }

  private func work(
    of request: RequestOutline, _ precision: Precision, _ layers: LayerSizes
  ) throws(ModelError) -> WorkEstimate {
    let sizes = autoencoder.configuration
    let configuration = denoiser.configuration
    let patch = configuration.patch
    let (height, width) = (
      request.size.height / sizes.spatialFactor, request.size.width / sizes.spatialFactor
    )
    let frames = sizes.latentFrames(request.frames)
    let tokens =
      (frames + request.references) / patch.time * (height / patch.height) * (width / patch.width)
    let decode =
      request.isPreview ? WorkEstimate(operations: 0, memory: 0) : sizes.decoding(frames, height, width)
    let encode = sizes.encoding(request.frames, request.size.height, request.size.width)
    let encodes = Double(conditioning.encodings(of: request))
    // A token is more than one letter on average; two bytes are less than most have.
    let promptTokens = min(prompts.length, request.promptLength / 2 + 2)
    let text = try TextEncoderConfiguration(file: directory + "/text_encoder/config.json")
      .work(texts: request.prompts, tokens: promptTokens, numberSize: layers.textNumber)
    let prompts = Double(request.prompts)
    let context = prompts * configuration.contextMemory(tokens: promptTokens + 1)
    let kept = request.reusesBlocks ? prompts * configuration.keptMemory(tokens: tokens) : 0
    // The frames that come out, and as many that go in.
    let pixels = Double(request.frames * request.size.pixels) * (encodes > 0 ? 6 : 3)
    return WorkEstimate(
      operations: Double(request.steps) * prompts * configuration.operations(tokens: tokens)
        + decode.operations + encodes * encode.operations + text.operations,
      memory: pixels
        + max(
          context + kept + configuration.memory(tokens: tokens, precision: precision), decode.memory,
          encodes > 0 ? encode.memory : 0, text.memory))
  }
}

extension Conditioning {
  /// How often a film of the request's length is encoded.
  fileprivate func encodings(of request: RequestOutline) -> Int {
    let known =
      switch kind {
      case .none: 0
      case .channels: 1
      case .held: request.hasKnownFrames ? 1 : 0
      case .control: 2
      }
    return known + (request.hasSource ? 1 : 0)
  }

  fileprivate func encodes(_ request: RequestOutline) -> Bool { encodings(of: request) > 0 }
}
