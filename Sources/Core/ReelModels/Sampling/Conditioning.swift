// How a model is told what is known of a film: as channels, as held latent frames, or as control.

import ReelMedia
import ReelTensor

/// The way in which a model takes known frames, from the shapes of its parts.
struct Conditioning: Sendable {
  enum Kind: Hashable, Sendable {
    /// A prompt alone.
    case none
    /// Mask and latents beside the noise: Wan's image-to-video models.
    case channels
    /// Leading latent frames as they are, at time 0: Wan 2.2 TI2V.
    case held
    /// Any pixels of any frame, and reference images: VACE.
    case control
  }

  let kind: Kind
  private let autoencoder: Autoencoder
  private let images: Lazy<ImageEncoder>?
  /// Whether pictures are shown in pairs: the first frame and the last one.
  private let wantsTwoPictures: Bool
  private let controlledLayers: Int

  /// - Throws: where the channels of transformer and autoencoder fit neither way.
  init(
    transformer: TransformerConfiguration, autoencoder: Autoencoder, index: ModelIndex
  ) throws(ModelError) {
    let file = index.transformers[0] + "/config.json"
    let sizes = autoencoder.configuration
    let z = sizes.latentChannels
    let conditioned = 2 * z + sizes.temporalFactor
    func wrong(_ place: String, _ wanted: String, _ found: Int) -> ModelError {
      .wrongValue(file: file, place: place, wanted: wanted, found: "'\(found)'")
    }
    guard transformer.outputChannels == z else {
      throw wrong("out_channels", "the autoencoder's \(z)", transformer.outputChannels)
    }
    if let control = transformer.control {
      let wanted = 2 * z + sizes.spatialFactor * sizes.spatialFactor
      guard control.channels == wanted else {
        throw wrong("vace_in_channels", "\(wanted) (known and replaced latents, mask)", control.channels)
      }
      guard transformer.inputChannels == z else {
        throw wrong("in_channels", "\(z) (noise)", transformer.inputChannels)
      }
      kind = .control
    } else if index.expandsTimesteps {
      guard transformer.inputChannels == z else {
        throw wrong("in_channels", "\(z) (noise)", transformer.inputChannels)
      }
      kind = .held
    } else {
      guard [z, conditioned].contains(transformer.inputChannels) else {
        throw wrong(
          "in_channels", "\(z) (noise) or \(conditioned) (noise, mask, known frames)",
          transformer.inputChannels)
      }
      kind = transformer.inputChannels == conditioned ? .channels : .none
    }
    self.autoencoder = autoencoder
    controlledLayers = transformer.control?.layers.count ?? 0
    wantsTwoPictures = transformer.image?.positions != nil
    guard let image = transformer.image else {
      images = nil
      return
    }
    guard let directory = index.imageEncoder else {
      throw .wrongValue(
        file: file, place: "image_dim", wanted: "nothing, as the model has no 'image_encoder'",
        found: "'\(image.width)'")
    }
    images = Lazy { () throws(ModelError) in try ImageEncoder(directory: directory, width: image.width) }
  }

  /// What the model is told of a film.
  ///
  /// - Parameters:
  ///   - references: pictures of what is to be seen; only for models with control.
  ///   - frames: the known frames as pictures of bytes, for the image encoder.
  ///   - strength: how strongly control steers; 1 as the model was trained.
  func condition(
    _ film: KnownFilm, references: [Frame] = [], frames: [Int: Frame] = [:], strength: Float = 1
  ) throws(ModelError) -> Condition {
    var condition = Condition()
    switch kind {
    case .none: break
    case .channels: condition.channels = try channels(film)
    case .held: condition.held = try held(film)
    case .control:
      condition.control = ControlSignal(
        latents: try control(film, references: references),
        scales: [Float](repeating: strength, count: controlledLayers))
      condition.references = references.count
    }
    if let images, !frames.isEmpty {
      let ordered = frames.sorted { $0.key < $1.key }.map(\.value)
      let shown = wantsTwoPictures && ordered.count > 1 ? [ordered.first!, ordered.last!] : [ordered[0]]
      condition.pictures = Tensor.concatenated(try images.value.encode(shown))
    }
    return condition
  }

  /// `[T, h, w, mask + z]`: the mask has a channel for every frame of a latent frame, so input = 2·z +
  /// temporalFactor.
  private func channels(_ film: KnownFilm) throws(ModelError) -> Tensor {
    let latents = try autoencoder.encode(frameCount: film.frameCount) { film.known($0) }
    let mask = mask(knownFrames: Set(film.pictures.keys), like: latents.shape)
    return Tensor.concatenated([mask, autoencoder.normalized(latents)], along: -1)
  }

  /// `[T, h, w, temporalFactor]`: 1 where a frame is known.
  ///
  /// Frame 0 sets all channels of latent frame 0, and frame f ≥ 1 sets channel (f − 1) mod temporalFactor of latent
  /// frame 1 + ⌊(f − 1)/temporalFactor⌋.
  private func mask(knownFrames: Set<Int>, like latents: Shape) -> Tensor {
    let factor = autoencoder.configuration.temporalFactor
    let positions = latents[1] * latents[2]
    return Tensor([latents[0], latents[1], latents[2], factor]) { mask in
      for frame in 0..<latents[0] {
        let row = (0..<factor).map { channel in
          knownFrames.contains(frame == 0 ? 0 : 1 + (frame - 1) * factor + channel) ? Float(1) : 0
        }
        for position in 0..<positions {
          for channel in 0..<factor { mask[(frame * positions + position) * factor + channel] = row[channel] }
        }
      }
    }
  }

  /// The latent frames that the known frames fill, from the first on.
  private func held(_ film: KnownFilm) throws(ModelError) -> HeldLatents? {
    let leading = film.leadingFrames
    guard leading > 0 else { return nil }
    let factor = autoencoder.configuration.temporalFactor
    let frameCount = 1 + (leading - 1) / factor * factor
    let latents = try autoencoder.encode(frameCount: frameCount) { film.known($0) }
    return HeldLatents(latents: autoencoder.normalized(latents))
  }

  /// `[R + T, h, w, 2·z + spatialFactor²]`: the latents of the known pixels and of those that are replaced, and which
  /// pixels are to be made. The R references stand in front, the last one first, as the reference has it.
  private func control(_ film: KnownFilm, references: [Frame]) throws(ModelError) -> Tensor {
    let known = try autoencoder.encode(frameCount: film.frameCount) { film.known($0) }
    let replaced = try autoencoder.encode(frameCount: film.frameCount) { film.replaced($0) }
    let (t, h, w) = (known.shape[0], known.shape[1], known.shape[2])
    let factor = autoencoder.configuration.spatialFactor
    // Of each latent frame one frame is asked which of its pixels are open: nearest-exact sampling in time.
    let asked = (0..<t).map { frame in
      min(film.frameCount - 1, Int((Float(frame) + 0.5) * (Float(film.frameCount) / Float(t))))
    }
    let open = Tensor.concatenated(asked.map { film.openness($0..<$0 + 1) })
    let mask = open.reshaped(t, film.height, film.width, 1).pixelUnshuffled(factor)  // [T, h, w, factor²]
    let body = Tensor.concatenated(
      [autoencoder.normalized(known), autoencoder.normalized(replaced), mask], along: -1)
    var parts = [body]
    for reference in references {
      let pixels = Tensor(fitting: reference, height: film.height, width: film.width, factor: factor)
      let latent = autoencoder.normalized(
        try autoencoder.encode(frameCount: 1) { _ in pixels.reshaped(1, film.height, film.width, 3) })
      let rest = Tensor.zeros([1, h, w, body.shape[3] - latent.shape[3]])
      parts.insert(Tensor.concatenated([latent, rest], along: -1), at: 0)
    }
    return Tensor.concatenated(parts)
  }
}
