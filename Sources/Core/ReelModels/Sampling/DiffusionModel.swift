// A diffusion model read from a diffusers directory: the door through which the generating stages come.

import ReelMedia
import ReelTensor

/// A text-to-image and text-to-video model.
///
/// Opening one reads its configurations and maps its files; each part's weights are read when it is first used.
public final class DiffusionModel: Sendable {
  public let directory: String
  public let adaptations: [Adaptation]
  /// What the transformer's linear layers and attention round their operands to.
  public let precision: Precision
  /// Where packed weights and the vectors of prompts are kept; `nil` for memory.
  public let cache: ModelCache?
  public let declaration: ModelDeclaration
  let prompts: PromptEncoder
  let denoiser: Denoiser
  let autoencoder: Autoencoder
  let conditioning: Conditioning
  let schedulerConfiguration: SchedulerConfiguration
  let layerSizes: Lazy<LayerSizes>

  /// Reads the model in `directory`.
  ///
  /// - Parameters:
  ///   - adaptations: LoRAs that are merged into its transformer, in this order.
  ///   - precision: what the transformer's linear layers and attention round their operands to; `float32` is exact.
  ///   - cache: where packed weights and the vectors of prompts are kept; `nil` for memory.
  /// - Throws: ``ModelError`` naming the file, and in it the member or tensor, that is missing, wrong or unknown.
  public init(
    directory: String, adaptations: [Adaptation] = [], precision: Precision = .float32,
    cache: ModelCache? = nil
  ) throws(ModelError) {
    self.precision = precision
    self.cache = cache
    let index = try ModelIndex(directory: directory)
    self.directory = directory
    self.adaptations = adaptations
    declaration = try ModelDeclaration(directory: directory)
    prompts = try PromptEncoder(directory: directory, cache: cache)
    denoiser = try Denoiser(
      directories: index.transformers, boundary: index.boundary, adaptations: adaptations,
      precision: precision, cache: cache)
    autoencoder = try Autoencoder(directory: directory + "/vae")
    conditioning = try Conditioning(
      transformer: denoiser.configuration, autoencoder: autoencoder, index: index)
    schedulerConfiguration = try SchedulerConfiguration(file: directory + "/scheduler/scheduler_config.json")
    layerSizes = Lazy { () throws(ModelError) in
      try LayerSizes(
        directory: directory, transformers: index.transformers, imageEncoder: index.imageEncoder)
    }
  }

  /// What a frame's width and height must be multiples of.
  public var sizeMultiple: Size {
    let patch = denoiser.configuration.patch
    let factor = autoencoder.configuration.spatialFactor
    return Size(width: factor * patch.width, height: factor * patch.height)
  }

  /// A clip's frames are 1 more than a multiple of this.
  public var frameMultiple: Int { autoencoder.configuration.temporalFactor }

  /// Whether frames of a clip can be given.
  public var takesKnownFrames: Bool { conditioning.kind != .none }

  /// Whether it was trained to go on from any frames and parts of frames (VACE), where others know a first one or a
  /// first and a last.
  public var knowsAnyFrames: Bool { conditioning.kind == .control }

  /// Whether pictures of what is to be seen can be given.
  public var takesReferences: Bool { conditioning.kind == .control }

  /// Makes a still or a clip.
  ///
  /// The same request gives the same frames for any number of threads.
  ///
  /// - Parameters:
  ///   - threads: how many to use; at least 1.
  ///   - progress: called before the first and after every piece of work, with how many are done of how many.
  /// - Throws: ``ModelError/request(part:reason:)`` for a request that the model cannot fulfil.
  public func sample(
    _ request: SamplingRequest, threads: Int, progress: (Int, Int) -> Void
  ) throws(ModelError) -> [Frame] {
    try check(request)
    return try Threads.with(threads) { () throws(ModelError) in try sample(request, progress) }
  }

  private func sample(
    _ request: SamplingRequest, _ progress: (Int, Int) -> Void
  ) throws(ModelError) -> [Frame] {
    // Every step is one piece of work, and so is every latent frame that is decoded.
    let scheduler = schedulerConfiguration.scheduler(request.stepping, noise: request.noise)
    let total = scheduler.timesteps.count + autoencoder.configuration.latentFrames(request.frames)
    progress(0, total)
    var sampler = try sampler(for: request, scheduler)
    let steps = sampler.steps
    // The text encoder, and the encoding of what is known, are over.
    releaseFreedMemory()
    // What a step leaves, the next one gets.
    try Arena.reusing { _ throws(ModelError) in
      for step in 1...steps {
        try sampler.advance()
        progress(step, total)
      }
    }
    releaseFreedMemory()
    var frames: [Frame] = []
    var done = steps
    func take(_ chunk: Tensor) throws(ModelError) {
      guard chunk.withFloats({ $0.allSatisfy(\.isFinite) }) else {
        throw .malformed(
          file: directory, reason: "the model gave pixels that are not numbers; its weights are damaged")
      }
      frames += (0..<chunk.shape[0]).map { Frame(pixels: chunk[$0]) }
      done += 1
      progress(done, total)
    }
    if let decoder = request.decoder {
      try decoder.decode(sampler.film, emit: take)
    } else {
      try autoencoder.decode(autoencoder.denormalized(sampler.film), emit: take)
    }
    return frames
  }

  private func sampler(
    for request: SamplingRequest, _ scheduler: any Scheduler
  ) throws(ModelError) -> Sampler {
    let texts = [request.prompt] + (request.guidance > 1 ? [request.negativePrompt] : [])
    let embeddings = try prompts.encode(texts, length: prompts.length)
    let film = KnownFilm(
      frameCount: request.frames, height: request.size.height, width: request.size.width,
      pictures: Dictionary(uniqueKeysWithValues: request.known.map { ($0.index, $0.picture) }))
    let condition = try conditioning.condition(
      film, references: request.references,
      frames: Dictionary(uniqueKeysWithValues: request.known.map { ($0.index, $0.frame) }),
      strength: Float(request.controlStrength))
    return Sampler(
      denoiser, noise: noise(for: request), condition: condition, prompt: embeddings[0],
      negativePrompt: embeddings.count > 1 ? embeddings[1] : nil, guidance: request.guidance,
      scheduler: scheduler, source: try source(of: request), reuse: request.reuse)
  }

  /// The latents that a run begins with, and where they stay.
  private func source(of request: SamplingRequest) throws(ModelError) -> SourceLatents? {
    guard let source = request.source else { return nil }
    let latents = try autoencoder.encode(frameCount: request.frames) { range in
      Tensor.concatenated(
        range.map { Tensor(pixelsOf: source.frames[$0]).reshaped([1] + request.pixelShape) })
    }
    // Reference images stand in front, and are made anew.
    let front = Tensor.zeros(latents.shape.replacing(0, with: request.references.count))
    let normal = Tensor.concatenated([front, autoencoder.normalized(latents)])
    guard !source.open.isEmpty else { return SourceLatents(latents: normal, open: nil) }
    return SourceLatents(latents: normal, open: openPositions(source.open, request, like: normal.shape))
  }

  /// `[T, h, w, 1]`: how far each latent position is made anew, which is as far as any pixel in it is.
  private func openPositions(_ open: [[UInt8]], _ request: SamplingRequest, like shape: Shape) -> Tensor {
    let sizes = autoencoder.configuration
    let references = request.references.count
    let (height, width) = (shape[1], shape[2])
    return Tensor([shape[0], height, width, 1]) { output in
      output.update(repeating: 0)
      output[..<(references * height * width)].update(repeating: 1)
      for (frame, mask) in open.enumerated() {
        let latent = references + (frame + sizes.temporalFactor - 1) / sizes.temporalFactor
        for (pixel, value) in mask.enumerated() where value > 0 {
          let (row, column) = (pixel / request.size.width, pixel % request.size.width)
          let place = (latent * height + row / sizes.spatialFactor) * width + column / sizes.spatialFactor
          output[place] = max(output[place], Float(value) / 255)
        }
      }
    }
  }

  /// The noise that a run begins with, `[T, h, w, z]`.
  private func noise(for request: SamplingRequest) -> Tensor {
    let sizes = autoencoder.configuration
    let shape: Shape = [
      request.references.count + sizes.latentFrames(request.frames),
      request.size.height / sizes.spatialFactor,
      request.size.width / sizes.spatialFactor, sizes.latentChannels,
    ]
    let noise = request.noise.latentNoise(shape)
    guard let variation = request.variation else { return noise }
    let other = Philox(seed: request.seed, stream: variation.stream).latentNoise(shape)
    let kept = (1 - variation.share * variation.share).squareRoot()
    return noise * Float(kept) + other * Float(variation.share)
  }
}

extension DiffusionModel {
  /// The most frames of one clip.
  private static let mostFrames = 4097

  /// Refuses a size of frames that the model cannot make.
  func check(size: Size) throws(ModelError) {
    let multiple = sizeMultiple
    guard size.width > 0, size.height > 0, size.width <= 16384, size.height <= 16384,
      size.width % multiple.width == 0, size.height % multiple.height == 0
    else {
      throw .request(
        part: "size",
        reason: "'\(size)' must be multiples of \(multiple.width) across and \(multiple.height) down")
    }
  }

  /// Refuses what the model cannot make, before any work is done.
  func check(_ request: SamplingRequest) throws(ModelError) {
    try check(size: request.size)
    let latentFrames = autoencoder.configuration.latentFrames(request.frames)
    guard (1...Self.mostFrames).contains(request.frames), (request.frames - 1) % frameMultiple == 0,
      latentFrames % denoiser.configuration.patch.time == 0
    else {
      throw .request(
        part: "frames",
        reason:
          "'\(request.frames)' must be 1 more than a multiple of \(frameMultiple), at most \(Self.mostFrames)"
      )
    }
    guard (1...1000).contains(request.steps) else {
      throw .request(part: "steps", reason: "'\(request.steps)' must be from 1 to 1000")
    }
    if let sigmas = request.sigmas {
      guard (1...1000).contains(sigmas.count), sigmas.allSatisfy({ $0 > 0 && $0 <= 1 }),
        zip(sigmas, sigmas.dropFirst()).allSatisfy({ $0 > $1 })
      else {
        throw .request(
          part: "sigmas",
          reason: "'\(sigmas.map { "\($0)" }.joined(separator: ", "))' must fall, from at most 1 to above 0")
      }
    }
    if let source = request.source { try check(source, of: request) }
    if let decoder = request.decoder {
      let sizes = autoencoder.configuration
      let (own, wanted) = (
        [decoder.latentChannels, decoder.spatialFactor, decoder.temporalFactor],
        [sizes.latentChannels, sizes.spatialFactor, sizes.temporalFactor]
      )
      guard own == wanted else {
        throw .request(
          part: "decoder",
          reason:
            "'\(decoder.path)' decodes \(own[0]) channels to \(own[1])×\(own[1]) pixels of \(own[2]) frames,"
            + " and the model's latents have \(wanted[0]), for \(wanted[1])×\(wanted[1]) of \(wanted[2])")
      }
    }
    guard request.guidance.isFinite else {
      throw .request(part: "guidance", reason: "'\(request.guidance)' must be a number")
    }
    if let variation = request.variation, !(0...1).contains(variation.share) {
      throw .request(part: "variation", reason: "'\(variation.share)' must be from 0 to 1")
    }
    if let shift = request.shift, !(shift > 0 && shift.isFinite) {
      throw .request(part: "shift", reason: "'\(shift)' must be above 0")
    }
    try checkKnownFrames(request)
  }

  private func checkKnownFrames(_ request: SamplingRequest) throws(ModelError) {
    guard request.known.isEmpty || takesKnownFrames else {
      throw .request(
        part: "known frames", reason: "this model takes a prompt alone; use an image-to-video model")
    }
    var seen: Set<Int> = []
    for known in request.known {
      guard (0..<request.frames).contains(known.index), seen.insert(known.index).inserted else {
        throw .request(
          part: "known frames",
          reason: "frame '\(known.index)' must be given once, from 0 to \(request.frames - 1)")
      }
      guard known.frame.size == request.size else {
        throw .request(
          part: "known frames",
          reason: "frame '\(known.index)' must have the size \(request.size), found \(known.frame.size)")
      }
      if let open = known.open { try checkMask(open, of: known, takesParts: conditioning.kind == .control) }
    }
    if conditioning.kind == .held, let index = seen.sorted().enumerated().first(where: { $0 != $1 })?.element
    {
      throw .request(
        part: "known frames",
        reason: "this model takes frames from the first on, and '\(index)' is given without those before it")
    }
    guard request.references.isEmpty || takesReferences else {
      throw .request(part: "references", reason: "this model takes no reference images; use a VACE model")
    }
  }

  private func check(_ source: SamplingRequest.Source, of request: SamplingRequest) throws(ModelError) {
    guard source.strength > 0 && source.strength <= 1 else {
      throw .request(part: "strength", reason: "'\(source.strength)' must be above 0 and at most 1")
    }
    guard source.frames.count == request.frames, source.frames.allSatisfy({ $0.size == request.size }) else {
      throw .request(
        part: "source",
        reason: "wanted \(request.frames) frames of \(request.size), found \(source.frames.count)"
          + (source.frames.first.map { " of \($0.size)" } ?? ""))
    }
    guard source.open.isEmpty || source.open.map(\.count) == source.frames.map(\.size.pixels) else {
      throw .request(
        part: "mask", reason: "wanted one for each of \(request.frames) frames of \(request.size)")
    }
  }

  private func checkMask(
    _ open: [UInt8], of known: SamplingRequest.KnownFrame, takesParts: Bool
  ) throws(ModelError) {
    guard open.count == known.frame.size.pixels else {
      throw .request(
        part: "known frames",
        reason:
          "the mask of frame '\(known.index)' must have \(known.frame.size.pixels) pixels, found \(open.count)"
      )
    }
    guard takesParts else {
      throw .request(
        part: "known frames", reason: "frame '\(known.index)' is given in part, which only a VACE model takes"
      )
    }
  }
}

extension Frame {
  /// A frame from finite pixels in −1…1, `[H, W, 3]`.
  init(pixels: Tensor) {
    let bytes = pixels.withFloats { values in
      values.map { UInt8(max(0, min(255, (($0 / 2 + 0.5) * 255).rounded()))) }
    }
    self.init(size: Size(width: pixels.shape[1], height: pixels.shape[0]), pixels: bytes)
  }
}
