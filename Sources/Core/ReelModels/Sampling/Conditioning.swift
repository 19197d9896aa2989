// Known frames as channels beside the noise: which frames are given, and their latents.

import ReelTensor

/// How a transformer's input channels are made up: noise, then a mask, then the latents of the known frames.
///
/// The mask has a channel for every frame of a latent frame, so input = 2·z + temporalFactor; a model that is not
/// conditioned on frames has input = z.
struct Conditioning: Sendable {
  private let autoencoder: Autoencoder
  /// Whether the transformer takes known frames.
  let isPossible: Bool

  /// - Throws: where the channels of transformer and autoencoder fit neither way.
  init(
    transformer: TransformerConfiguration, autoencoder: Autoencoder, file: String
  ) throws(ModelError) {
    let z = autoencoder.configuration.latentChannels
    let conditioned = 2 * z + autoencoder.configuration.temporalFactor
    guard transformer.outputChannels == z else {
      throw .wrongValue(
        file: file, place: "out_channels", wanted: "the autoencoder's \(z)",
        found: "'\(transformer.outputChannels)'")
    }
    guard [z, conditioned].contains(transformer.inputChannels) else {
      throw .wrongValue(
        file: file, place: "in_channels",
        wanted: "\(z) (noise) or \(conditioned) (noise, mask, known frames)",
        found: "'\(transformer.inputChannels)'")
    }
    self.autoencoder = autoencoder
    isPossible = transformer.inputChannels == conditioned
  }

  /// The channels beside the noise, `[T, h, w, mask + z]`; `nil` for a model without them.
  ///
  /// - Parameters:
  ///   - frameCount: 1 + temporalFactor·k.
  ///   - known: the pixels of known frames by index, `[H, W, 3]` in −1…1. The others are zero: grey.
  func channels(
    frameCount: Int, height: Int, width: Int, known: [Int: Tensor]
  ) throws(ModelError) -> Tensor? {
    guard isPossible else { return nil }
    let latents = try autoencoder.encode(frameCount: frameCount) { range in
      Tensor.concatenated(
        range.map { (known[$0] ?? .zeros([height, width, 3])).reshaped(1, height, width, 3) })
    }
    let mask = mask(knownFrames: Set(known.keys), frameCount: frameCount, like: latents.shape)
    return Tensor.concatenated([mask, autoencoder.normalized(latents)], along: -1)
  }

  /// `[T, h, w, temporalFactor]`: 1 where a frame is known.
  ///
  /// Frame 0 sets all channels of latent frame 0, and frame f ≥ 1 sets channel (f − 1) mod temporalFactor of latent
  /// frame 1 + ⌊(f − 1)/temporalFactor⌋.
  func mask(knownFrames: Set<Int>, frameCount: Int, like latents: Shape) -> Tensor {
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
}
