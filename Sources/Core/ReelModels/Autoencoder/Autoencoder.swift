// Wan's video autoencoder: from pixels to latents and back, streamed in time.

import ReelTensor

/// `AutoencoderKLWan`, of Wan 2.1 and of Wan 2.2. Its encoder and decoder are read when first used.
struct Autoencoder: Sendable {
  let configuration: AutoencoderConfiguration
  private let encoder: Lazy<FrameEncoder>
  private let decoder: Lazy<FrameDecoder>
  private let weights: Weights

  init(directory: String) throws(ModelError) {
    let configuration = try AutoencoderConfiguration(file: directory + "/config.json")
    let weights = try Weights(directory: directory, stem: "diffusion_pytorch_model")
    self.configuration = configuration
    self.weights = weights
    encoder = Lazy { () throws(ModelError) in try FrameEncoder(configuration, weights) }
    decoder = Lazy { () throws(ModelError) in try FrameDecoder(configuration, weights) }
  }

  /// The mean of the posterior of a film, not yet normalized.
  ///
  /// The encoder sees one frame, then `temporalFactor` at a time, and keeps what its convolutions need of the
  /// past: the result is that of the whole film at once.
  ///
  /// - Parameters:
  ///   - frameCount: 1 + temporalFactor·k.
  ///   - frames: gives the frames of a range, `[count, H, W, 3]` in −1…1; H and W multiples of `spatialFactor`.
  /// - Returns: `[1 + k, H/spatialFactor, W/spatialFactor, z]`.
  func encode(frameCount: Int, frames: (Range<Int>) -> Tensor) throws(ModelError) -> Tensor {
    let encoder = try encoder.value
    return Arena.reusing { _ in encode(by: encoder, frameCount: frameCount, frames: frames) }
  }

  private func encode(
    by encoder: FrameEncoder, frameCount: Int, frames: (Range<Int>) -> Tensor
  ) -> Tensor {
    let chunks = configuration.latentFrames(frameCount)
    let first = frames(0..<1)
    let factor = configuration.spatialFactor
    let passage = configuration.encoding(
      chunks: chunks, height: first.shape[1] / factor, width: first.shape[2] / factor, encoder)
    var history = FrameHistory()
    var latents: [Tensor] = []
    passage(chunks: chunks) {
      $0 == 0 ? first : frames(configuration.frames($0))
    } output: { chunk, x in
      history.begin(chunk: chunk, isLastChunk: chunk == chunks - 1)
      latents.append(encoder.afterLevels(x, history: &history))
    }
    return Tensor.concatenated(latents)
  }

  /// The frames of a film, in −1…1, one latent frame at a time.
  ///
  /// - Parameters:
  ///   - latents: `[1 + k, h, w, z]`, not normalized.
  ///   - emit: takes the frames in order, `[count, H, W, 3]`: 1 first, then `temporalFactor` at a time.
  func decode(_ latents: Tensor, emit: (Tensor) throws(ModelError) -> Void) throws(ModelError) {
    let decoder = try decoder.value
    try Arena.reusing { _ throws(ModelError) in try decode(latents, by: decoder, emit: emit) }
  }

  private func decode(
    _ latents: Tensor, by decoder: FrameDecoder, emit: (Tensor) throws(ModelError) -> Void
  ) throws(ModelError) {
    let chunks = latents.shape[0]
    let passage = configuration.decoding(
      chunks: chunks, height: latents.shape[1], width: latents.shape[2], decoder)
    var history = FrameHistory()
    try passage(chunks: chunks) { chunk in
      history.begin(chunk: chunk, isLastChunk: chunk == chunks - 1)
      return decoder.beforeLevels(latents.sliced(chunk..<chunk + 1), history: &history)
    } output: { _, frames throws(ModelError) in
      try emit(frames.clamped(-1, 1))
    }
  }

  /// (latents − mean)/deviation, per channel.
  func normalized(_ latents: Tensor) -> Tensor {
    let z = configuration.latentChannels
    let scale = configuration.latentDeviation.map { 1 / $0 }
    return (latents - Tensor([z], configuration.latentMean)) * Tensor([z], scale)
  }

  /// Undoes ``normalized(_:)``.
  func denormalized(_ latents: Tensor) -> Tensor {
    let z = configuration.latentChannels
    let scale = configuration.latentDeviation.map { 1 / $0 }
    return latents / Tensor([z], scale) + Tensor([z], configuration.latentMean)
  }
}
