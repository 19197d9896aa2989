// The encoder half of the autoencoder.

import ReelTensor

/// From frames to the mean of the posterior of their latents.
struct FrameEncoder: Sendable {
  private enum Layer: Sendable {
    case residual(ResidualBlock)
    case downsampling(Downsampling)
  }

  private let input: Convolution
  private let layers: [Layer]
  private let middle: MiddleBlock
  private let outputNorm: Tensor
  private let output: Convolution
  private let quantization: Linear
  private let latentChannels: Int

  init(_ configuration: AutoencoderConfiguration, _ weights: Weights) throws(ModelError) {
    let encoder = weights.scoped("encoder")
    latentChannels = configuration.latentChannels
    var width = configuration.encoderWidth
    input = try encoder.causalConvolution("conv_in", AutoencoderConfiguration.pixelChannels, width)
    var layers: [Layer] = []
    for (level, multiplier) in configuration.multipliers.enumerated() {
      let outputs = configuration.encoderWidth * multiplier
      for _ in 0..<configuration.residualBlocks {
        let scope = encoder.scoped("down_blocks.\(layers.count)")
        layers.append(.residual(try ResidualBlock(width, outputs, scope)))
        width = outputs
      }
      if level < configuration.halvesTime.count {
        let scope = encoder.scoped("down_blocks.\(layers.count)")
        layers.append(
          .downsampling(try Downsampling(width, halvesTime: configuration.halvesTime[level], scope)))
      }
    }
    self.layers = layers
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
    var x = history.convolve(frames, input)
    for layer in layers {
      switch layer {
      case .residual(let block): x = block(x, history: &history)
      case .downsampling(let step): x = step(x, history: &history)
      }
    }
    x = middle(x, history: &history)
    x = history.convolve(x.channelNorm(gamma: outputNorm, activation: .silu), output)
    return quantization(x).sliced(0..<latentChannels, along: -1)
  }
}
