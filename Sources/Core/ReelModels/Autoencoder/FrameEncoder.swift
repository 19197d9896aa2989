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

  /// Some rows of frames, at the finest level of `[T, H, W, 3]`, and as many of the next coarser one as they make.
  func level(_ index: Int, _ frames: Tensor, history: inout FrameHistory) -> Tensor {
    let level = levels[index]
    let x = index == 0 ? history.convolve(frames.patches(of: patch), input) : frames
    var y = x
    for block in level.blocks { y = block(y, history: &history) }
    if let downsampling = level.downsampling { y = downsampling(y, history: &history) }
    if let shortcut = level.shortcut { y += history.delayed(shortcut(x), rows: y.shape[1]) }
    return y
  }

  /// `[T, h, w, C]` → `[T, h, w, z]`: what comes after the levels sees whole frames.
  func afterLevels(_ x: Tensor, history: inout FrameHistory) -> Tensor {
    let y = history.convolve(norm: outputNorm, of: middle(x, history: &history), output)
    return quantization(y).sliced(0..<latentChannels, along: -1)
  }
}
