// The decoder half of the autoencoder.

import ReelTensor

/// From latents to frames.
struct FrameDecoder: Sendable {
  private struct Level: Sendable {
    let blocks: [ResidualBlock]
    let upsampling: Upsampling?
    let shortcut: RepeatedUpsampling?
  }

  private let quantization: Linear
  private let input: Convolution
  private let middle: MiddleBlock
  private let levels: [Level]
  private let outputNorm: Tensor
  private let output: Convolution
  private let patch: Int

  init(_ configuration: AutoencoderConfiguration, _ weights: Weights) throws(ModelError) {
    let decoder = weights.scoped("decoder")
    let z = configuration.latentChannels
    patch = configuration.patch
    quantization = try weights.pointwise("post_quant_conv", z, z, axes: 3)
    let widths = configuration.multipliers.reversed().map { configuration.decoderWidth * $0 }
    var width = widths[0]
    input = try decoder.causalConvolution("conv_in", z, width)
    middle = try MiddleBlock(width, decoder.scoped("mid_block"))
    var levels: [Level] = []
    for (index, outputs) in widths.enumerated() {
      let scope = decoder.scoped("up_blocks.\(index)")
      var blocks: [ResidualBlock] = []
      // One block more than the encoder has.
      for block in 0...configuration.residualBlocks {
        blocks.append(try ResidualBlock(width, outputs, scope.scoped("resnets.\(block)")))
        width = outputs
      }
      var upsampling: Upsampling?
      var shortcut: RepeatedUpsampling?
      if index < configuration.halvesTime.count {
        let doublesTime = configuration.halvesTime[configuration.halvesTime.count - 1 - index]
        // Wan 2.1 halves the channels on the way up; Wan 2.2 keeps them, and goes around the level as well.
        let isDirect = configuration.hasShortcuts
        let outputs = isDirect ? width : width / 2
        upsampling = try Upsampling(
          width, outputs, doublesTime: doublesTime,
          scope.scoped(isDirect ? "upsampler" : "upsamplers.0"))
        width = outputs
        if isDirect {
          shortcut = RepeatedUpsampling(outputs: outputs, time: doublesTime ? 2 : 1, space: 2)
        }
      }
      levels.append(Level(blocks: blocks, upsampling: upsampling, shortcut: shortcut))
    }
    self.levels = levels
    outputNorm = try decoder.values("norm_out.gamma", [width, 1, 1, 1]).reshaped(width)
    output = try decoder.causalConvolution("conv_out", width, configuration.patchChannels)
    decoder.noteIgnoredTensors()
  }

  /// `[1, h, w, z]` → `[1, h, w, C]`: what comes before the levels sees whole frames.
  func beforeLevels(_ latents: Tensor, history: inout FrameHistory) -> Tensor {
    middle(history.convolve(quantization(latents), input), history: &history)
  }

  /// Some rows of frames, and as many of the next finer level, or at the finest of `[T, H, W, 3]`, as they make.
  func level(_ index: Int, _ x: Tensor, history: inout FrameHistory) -> Tensor {
    let level = levels[index]
    var y = x
    for block in level.blocks { y = block(y, history: &history) }
    if let upsampling = level.upsampling { y = upsampling(y, history: &history) }
    if let shortcut = level.shortcut {
      let around = history.delayed(x, rows: y.shape[1] / shortcut.space)
      y += shortcut(around, isFirstChunk: history.isFirstChunk)
    }
    guard index == levels.count - 1 else { return y }
    return history.convolve(norm: outputNorm, of: y, output).pixels(ofPatches: patch)
  }
}
