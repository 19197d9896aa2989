// How much work and memory each part of a model takes, from its configuration.

import ReelTensor

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

  /// Bytes at one time beside the weights and the context: what the greater half of a block needs, and gaps; and the two
  /// ends of the transformer.
  func memory(tokens: Int, precision: Precision) -> Double {
    let (n, d, f) = (Double(tokens), Double(width), Double(hiddenWidth))
    // Tokens, their norm, queries, keys and values before and after their norms, the last two once more in panels.
    let attention = 11 * d
    // The hidden numbers, and the rows of them that are gathered for the product.
    let gathered =
      switch precision {
      case .float32: 1.0
      case .bfloat16: 0.5
      case .int8: 0.25
      }
    let network = 4 * d + (1 + gathered) * f
    // What enters: noise and condition, both as one, and that as patches. What leaves: patches, and what they make up.
    let ends = Double(patch.positions * (3 * inputChannels + 2 * outputChannels))
    return 4 * n * (1.5 * max(attention, network) + (control == nil ? 0 : 4 * d) + ends)
  }

  /// Bytes of what ``BlockMemory`` keeps of the calls for one prompt.
  func keptMemory(tokens: Int) -> Double { 4 * 3 * Double(tokens * width) }

  /// Bytes of the keys and values of a prompt of so many tokens.
  func contextMemory(tokens: Int) -> Double {
    4 * Double(2 * (layers + (control?.layers.count ?? 0)) * tokens * width)
  }
}

extension AutoencoderConfiguration {
  /// Of a whole film of latents, `[frames, height, width]`.
  func decoding(_ frames: Int, _ height: Int, _ width: Int) -> WorkEstimate {
    let widths = multipliers.reversed().map { decoderWidth * $0 }
    var (t, positions, channels) = (Double(frames), Double(height * width), Double(widths[0]))
    var work = Self.middle(t, positions, channels)
    for (level, outputs) in widths.enumerated() {
      let outputs = Double(outputs)
      work.operations += Self.blocks(residualBlocks + 1, t, positions, channels, outputs)
      channels = outputs
      guard level < halvesTime.count else { break }
      if halvesTime[halvesTime.count - 1 - level] {
        work.operations += 2 * t * positions * 3 * channels * 2 * channels
        t = 1 + (t - 1) * 2
      }
      positions *= 4
      let next = hasShortcuts ? channels : channels / 2
      work.operations += 2 * t * positions * 9 * channels * next
      channels = next
    }
    work.operations += 2 * t * positions * 27 * channels * Double(patchChannels)
    work.memory += passageMemory(.decoder, chunks: frames, height: height, width: width)
    return work
  }

  /// Of a whole film of pixels.
  func encoding(_ frames: Int, _ height: Int, _ width: Int) -> WorkEstimate {
    var (t, positions) = (Double(frames), Double(height * width) / Double(patch * patch))
    var channels = Double(encoderWidth)
    var work = WorkEstimate(
      operations: 2 * t * positions * 27 * Double(patchChannels) * channels, memory: 0)
    for (level, multiplier) in multipliers.enumerated() {
      let outputs = Double(encoderWidth * multiplier)
      work.operations += Self.blocks(residualBlocks, t, positions, channels, outputs)
      channels = outputs
      guard level < halvesTime.count else { break }
      positions /= 4
      work.operations += 2 * t * positions * 9 * channels * channels
      if halvesTime[level] {
        t = 1 + (t - 1) / 2
        work.operations += 2 * t * positions * 3 * channels * channels
      }
    }
    let middle = Self.middle(t, positions, channels)
    work.operations += middle.operations + 2 * t * positions * 27 * channels * 2 * Double(latentChannels)
    work.memory =
      middle.memory
      + passageMemory(
        .encoder, chunks: latentFrames(frames), height: height / spatialFactor, width: width / spatialFactor)
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
  /// Of so many prompts. One layer at a time is in memory.
  ///
  /// - Parameter numberSize: bytes of a number of its weights.
  func work(texts: Int, tokens: Int, numberSize: Double = 4) -> WorkEstimate {
    let (n, w, h, f) = (Double(tokens), Double(width), Double(heads * headWidth), Double(hiddenWidth))
    let layer = 4 * w * h + 3 * w * f
    // Of the longest prompt the bias of every pair of tokens; of all of them the states.
    let numbers = Double(heads) * n * n + Double(texts) * n * w + n * (4 * h + 3 * f + 4 * w)
    return WorkEstimate(
      operations: 2 * Double(texts) * n * Double(layers) * layer, memory: numberSize * layer + 4 * numbers)
  }
}
