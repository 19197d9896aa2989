// The encoder half of the autoencoder.

import ReelTensor

/// From frames to the mean of the posterior of their latents.
struct FrameEncoder: Sendable {
  private struct Level: Sendable {
    var blocks: [ResidualBlock] = []
    var downsampling: Downsampling?
    var shortcut: AveragedDownsampling?
  }

  private let input: Convolution
  private let levels: [Level]
  private let middle: MiddleBlock
  private let outputNorm: Tensor
  private let output: Convolution
  private let quantization: Linear
  private let latentChannels: Int
  private let patch: Int

  init(_ configuration: AutoencoderConfiguration, _ weights: Weights) throws(ModelError) {
    let encoder = weights.scoped("encoder")
    latentChannels = configuration.latentChannels
    patch = configuration.patch
    var width = configuration.encoderWidth
    input = try encoder.causalConvolution("conv_in", configuration.patchChannels, width)
    var levels: [Level] = []
    // Wan 2.1 counts blocks and steps through; Wan 2.2 has them in their level.
    var flat = 0
    func nextFlat() -> Weights {
      defer { flat += 1 }
      return encoder.scoped("down_blocks.\(flat)")
    }
    for (index, multiplier) in configuration.multipliers.enumerated() {
      let outputs = configuration.encoderWidth * multiplier
      let isHalved = index < configuration.halvesTime.count
      let halvesTime = isHalved && configuration.halvesTime[index]
      let scope = configuration.hasShortcuts ? encoder.scoped("down_blocks.\(index)") : nil
      var level = Level()
      if configuration.hasShortcuts {
        level.shortcut = AveragedDownsampling(
          outputs: outputs, time: halvesTime ? 2 : 1, space: isHalved ? 2 : 1)
      }
      for block in 0..<configuration.residualBlocks {
        let scope = scope?.scoped("resnets.\(block)") ?? nextFlat()
        level.blocks.append(try ResidualBlock(width, outputs, scope))
        width = outputs
      }
      if isHalved {
        level.downsampling = try Downsampling(
          width, halvesTime: halvesTime, scope?.scoped("downsampler") ?? nextFlat())
      }
      levels.append(level)
    }
    self.levels = levels
    middle = try MiddleBlock(width, encoder.scoped("mid_block"))
    outputNorm = try encoder.values("norm_out.gamma", [width, 1, 1, 1]).reshaped(width)
    // Mean and logarithm of the variance.
    output = try encoder.causalConvolution("conv_out", width, 2 * latentChannels)
    quantization = try weights.pointwise("quant_conv", 2 * latentChannels, 2 * latentChannels, axes: 3)
    encoder.noteIgnoredTensors()
  }

  /// `[T, H, W, 3]` → `[T or T/temporalFactor, h, w, z]`, the next chunk of a film.
  func callAsFunction(_ frames: Tensor, history: inout FrameHistory) -> Tensor {
    history.beginChunk()
    var x = history.convolve(frames.patches(of: patch), input)
    for level in levels {
      let around = level.shortcut?(x)
      for block in level.blocks { x = block(x, history: &history) }
      if let downsampling = level.downsampling { x = downsampling(x, history: &history) }
      if let around { x += around }
    }
    x = middle(x, history: &history)
    x = history.convolve(x.channelNorm(gamma: outputNorm, activation: .silu), output)
    return quantization(x).sliced(0..<latentChannels, along: -1)
  }
}
