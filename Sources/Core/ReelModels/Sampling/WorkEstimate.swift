// How much work and memory a request takes, from the sizes of the model alone.

import ReelMedia

/// An estimate of one request: floating-point operations, of which a multiplication and its addition are two, and the
/// most memory that is used at one time.
public struct WorkEstimate: Hashable, Sendable {
  public var operations: Double
  /// Bytes that the process has for itself, and the pages of weights that are read while it works.
  public var memory: Double

  public init(operations: Double, memory: Double) {
    self.operations = operations
    self.memory = memory
  }
}

extension DiffusionModel {
  /// The work of one request: text, every step, and the decoding of every frame.
  ///
  /// - Parameters:
  ///   - encodes: how often the autoencoder encodes a film of that length.
  public func estimate(
    size: Size, frames: Int, steps: Int, guidance: Double, encodes: Int = 0
  ) throws(ModelError) -> WorkEstimate {
    let inventory = try ModelInventory(directory: directory)
    func bytes(_ name: String) -> Double {
      Double(inventory.parts.first { $0.name == name }?.bytes ?? 0)
    }
    let sizes = autoencoder.configuration
    let latent = (
      frames: sizes.latentFrames(frames), height: size.height / sizes.spatialFactor,
      width: size.width / sizes.spatialFactor
    )
    let configuration = denoiser.configuration
    let patch = configuration.patch
    let tokens = latent.frames / patch.time * (latent.height / patch.height) * (latent.width / patch.width)
    let calls = Double(steps) * (guidance > 1 ? 2 : 1)
    let decode = sizes.decoding(latent.frames, latent.height, latent.width)
    let encode = sizes.encoding(frames, size.height, size.width)
    let text = try TextEncoderConfiguration(file: directory + "/text_encoder/config.json")
      .work(texts: guidance > 1 ? 2 : 1)
    let weights = max(bytes("transformer"), bytes("transformer_2"))
    return WorkEstimate(
      operations: calls * configuration.operations(tokens: tokens) + decode.operations
        + Double(encodes) * encode.operations + text.operations,
      memory: max(
        weights + configuration.memory(tokens: tokens), bytes("vae") + decode.memory,
        encodes > 0 ? bytes("vae") + encode.memory : 0, text.memory))
  }
}

extension TransformerConfiguration {
  /// The context of a prompt, whatever its length.
  private static let context = 512.0

  /// Of one call.
  func operations(tokens: Int) -> Double {
    let (n, d, f) = (Double(tokens), Double(width), Double(hiddenWidth))
    let projections = 12 * n * d * d  // four of self-attention, query and output of the other
    let attention = 4 * n * n * d + 4 * n * Self.context * d
    let block = projections + attention + 4 * n * d * f
    let control = Double(self.control?.layers.count ?? 0)
    return (Double(layers) + control) * block + control * 2 * n * d * d
  }

  /// The most numbers at one time beside the weights: the tokens, what a block makes of them, keys and values twice.
  func memory(tokens: Int) -> Double {
    let (n, d) = (Double(tokens), Double(width))
    let attention = 10 * n * d
    let network = n * Double(hiddenWidth) + 4 * n * d
    return 4 * (max(attention, network) + (control == nil ? 0 : 2 * n * d))
  }
}

extension AutoencoderConfiguration {
  /// Of a whole film of latents, `[frames, height, width]`.
  func decoding(_ frames: Int, _ height: Int, _ width: Int) -> WorkEstimate {
    let widths = multipliers.reversed().map { decoderWidth * $0 }
    var (t, positions, channels) = (Double(frames), Double(height * width), Double(widths[0]))
    var work = Self.middle(t, positions, channels)
    // A chunk is one latent frame, and what it becomes.
    var chunk = 1.0
    for (level, outputs) in widths.enumerated() {
      let outputs = Double(outputs)
      work.operations += Self.blocks(residualBlocks + 1, t, positions, channels, outputs)
      // Two of what a block works on, its two inputs, and for each convolution the two frames before.
      let histories = 4 * Double(residualBlocks + 1)
      work.memory = max(work.memory, 4 * positions * outputs * (4 * chunk + histories))
      channels = outputs
      guard level < halvesTime.count else { break }
      if halvesTime[halvesTime.count - 1 - level] {
        work.operations += 2 * t * positions * 3 * channels * 2 * channels
        (t, chunk) = (1 + (t - 1) * 2, chunk * 2)
      }
      positions *= 4
      let next = hasShortcuts ? channels : channels / 2
      work.operations += 2 * t * positions * 9 * channels * next
      work.memory = max(work.memory, 4 * positions * chunk * (channels + next))
      channels = next
    }
    work.operations += 2 * t * positions * 27 * channels * Double(patchChannels)
    return work
  }

  /// Of a whole film of pixels.
  func encoding(_ frames: Int, _ height: Int, _ width: Int) -> WorkEstimate {
    var (t, positions) = (Double(frames), Double(height * width) / Double(patch * patch))
    var channels = Double(encoderWidth)
    var work = WorkEstimate(
      operations: 2 * t * positions * 27 * Double(patchChannels) * channels, memory: 0)
    var chunk = Double(temporalFactor)
    for (level, multiplier) in multipliers.enumerated() {
      let outputs = Double(encoderWidth * multiplier)
      work.operations += Self.blocks(residualBlocks, t, positions, channels, outputs)
      let histories = 4 * Double(residualBlocks)
      work.memory = max(work.memory, 4 * positions * outputs * (4 * chunk + histories))
      channels = outputs
      guard level < halvesTime.count else { break }
      positions /= 4
      work.operations += 2 * t * positions * 9 * channels * channels
      if halvesTime[level] {
        (t, chunk) = (1 + (t - 1) / 2, max(1, chunk / 2))
        work.operations += 2 * t * positions * 3 * channels * channels
      }
    }
    let middle = Self.middle(t, positions, channels)
    work.operations += middle.operations + 2 * t * positions * 27 * channels * 2 * Double(latentChannels)
    return work
  }

  /// Residual blocks of which the first changes the channels.
  private static func blocks(
    _ count: Int, _ t: Double, _ positions: Double, _ inputs: Double, _ outputs: Double
  ) -> Double {
    let shortcut = inputs == outputs ? 0 : inputs * outputs
    let first = 27 * inputs * outputs + 27 * outputs * outputs + shortcut
    return 2 * t * positions * (first + Double(count - 1) * 54 * outputs * outputs)
  }

  /// Two residual blocks and the attention between them.
  private static func middle(_ t: Double, _ positions: Double, _ channels: Double) -> WorkEstimate {
    let attention = t * (4 * positions * positions * channels + 8 * positions * channels * channels)
    return WorkEstimate(
      operations: blocks(2, t, positions, channels, channels) + attention,
      memory: 4 * positions * channels * 12)
  }
}

extension TextEncoderConfiguration {
  /// Of so many prompts: about as long as people write them. One layer at a time is in memory.
  func work(texts: Int) -> WorkEstimate {
    let (tokens, w, h, f) = (64.0, Double(width), Double(heads * headWidth), Double(hiddenWidth))
    let layer = 4 * w * h + 3 * w * f
    return WorkEstimate(
      operations: 2 * Double(texts) * tokens * Double(layers) * layer, memory: 4 * layer)
  }
}
