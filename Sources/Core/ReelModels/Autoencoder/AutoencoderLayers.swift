// The layers that the autoencoder's encoder and decoder are made of. All work on frames, `[T, H, W, C]`.

import ReelTensor

extension Weights {
  /// A convolution over three frames and 3×3 positions that sees no later frame.
  func causalConvolution(_ name: String, _ inputs: Int, _ outputs: Int) throws(ModelError) -> Convolution {
    try convolution(name, inputs, outputs, window: [3, 3, 3], padding: .init(1))
  }
}

/// norm1, SiLU, conv1, norm2, SiLU, conv2, and the input added, through a 1×1×1 convolution where widths differ.
struct ResidualBlock: Sendable {
  private let norm1: Tensor
  private let conv1: Convolution
  private let norm2: Tensor
  private let conv2: Convolution
  private let shortcut: Linear?

  init(_ inputs: Int, _ outputs: Int, _ weights: Weights) throws(ModelError) {
    norm1 = try weights.values("norm1.gamma", [inputs, 1, 1, 1]).reshaped(inputs)
    conv1 = try weights.causalConvolution("conv1", inputs, outputs)
    norm2 = try weights.values("norm2.gamma", [outputs, 1, 1, 1]).reshaped(outputs)
    conv2 = try weights.causalConvolution("conv2", outputs, outputs)
    shortcut = inputs == outputs ? nil : try weights.pointwise("conv_shortcut", inputs, outputs, axes: 3)
  }

  /// `[T, H, W, inputs]` → `[T, H, W, outputs]`.
  func callAsFunction(_ x: Tensor, history: inout FrameHistory) -> Tensor {
    var y = history.convolve(norm: norm1, of: x, conv1)
    y = history.convolve(norm: norm2, of: y, conv2)
    let around = history.delayed(x, rows: y.shape[1])
    return y + (shortcut?(around) ?? around)
  }
}

/// Self-attention with one head among the positions of each frame.
struct FrameAttention: Sendable {
  private let norm: Tensor
  private let queryKeyValue: Linear
  private let projection: Linear

  init(_ channels: Int, _ weights: Weights) throws(ModelError) {
    norm = try weights.values("norm.gamma", [channels, 1, 1]).reshaped(channels)
    queryKeyValue = try weights.pointwise("to_qkv", channels, 3 * channels, axes: 2)
    projection = try weights.pointwise("proj", channels, channels, axes: 2)
  }

  /// `[T, H, W, C]` → the same.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (frames, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let normal = x.channelNorm(gamma: norm).reshaped(frames, height * width, channels)
    let parts = queryKeyValue(normal).split(into: 3)  // 3 × [T, H·W, C]
    let attended = Tensor.attention(
      query: parts[0], key: parts[1], value: parts[2], heads: 1, scale: 1 / Float(channels).squareRoot())
    return x + projection(attended).reshaped(to: x.shape)
  }
}

/// A residual block, attention, a residual block: the coarsest level.
struct MiddleBlock: Sendable {
  private let first: ResidualBlock
  private let attention: FrameAttention
  private let second: ResidualBlock

  init(_ channels: Int, _ weights: Weights) throws(ModelError) {
    first = try ResidualBlock(channels, channels, weights.scoped("resnets.0"))
    attention = try FrameAttention(channels, weights.scoped("attentions.0"))
    second = try ResidualBlock(channels, channels, weights.scoped("resnets.1"))
  }

  /// `[T, H, W, C]` → the same.
  func callAsFunction(_ x: Tensor, history: inout FrameHistory) -> Tensor {
    let y = attention(first(x, history: &history))
    return second(y, history: &history)
  }
}

/// Half the width and height, and half the frames where the level says so.
struct Downsampling: Sendable {
  private let spatial: Convolution
  private let temporal: Convolution?

  init(_ channels: Int, halvesTime: Bool, _ weights: Weights) throws(ModelError) {
    spatial = try weights.convolution(
      "resample.1", channels, channels, window: [3, 3], stride: .init(height: 2, width: 2),
      padding: .init(bottom: 1, right: 1))
    temporal =
      halvesTime
      ? try weights.convolution(
        "time_conv", channels, channels, window: [3, 1, 1], stride: .init(time: 2), historyFrames: 1) : nil
  }

  /// `[T, H, W, C]` → `[T or T/2, H/2, W/2, C]`. The first frame of the film passes the convolution in time by.
  func callAsFunction(_ x: Tensor, history: inout FrameHistory) -> Tensor {
    let y = history.convolve(x, spatial)
    guard let temporal else { return y }
    guard history.isFirstChunk else { return history.convolve(y, temporal) }
    history.pass(y, by: temporal)
    return y
  }
}

/// Twice the width and height, with other channels, and twice the frames where the level says so.
struct Upsampling: Sendable {
  private let temporal: Convolution?
  private let spatial: Convolution

  init(_ channels: Int, _ outputs: Int, doublesTime: Bool, _ weights: Weights) throws(ModelError) {
    temporal =
      doublesTime
      ? try weights.convolution("time_conv", channels, 2 * channels, window: [3, 1, 1]) : nil
    spatial = try weights.convolution(
      "resample.1", channels, outputs, window: [3, 3], padding: .init(1))
  }

  /// `[T, H, W, C]` → `[T or 2T, 2H, 2W, outputs]`. The first frame of the film stays one, and is not a past of the
  /// frames after it.
  func callAsFunction(_ x: Tensor, history: inout FrameHistory) -> Tensor {
    var y = x
    if let temporal {
      if history.isFirstChunk { history.skip() } else { y = interleaved(history.convolve(x, temporal)) }
    }
    return history.convolve(y.nearestUpsampled(), spatial)
  }

  /// `[T, H, W, 2C]` → `[2T, H, W, C]`: the first half of the channels is the earlier frame of two.
  private func interleaved(_ x: Tensor) -> Tensor {
    let (frames, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / 2)
    return x.reshaped(frames, height * width, 2, channels).permuted(0, 2, 1, 3)
      .reshaped(2 * frames, height, width, channels)
  }
}

extension Tensor {
  /// Blocks of `size`×`size` pixels become channels, in the order (colour, column, row):
  /// `[T, H, W, C]` → `[T, H/size, W/size, C·size²]`.
  func patches(of size: Int) -> Tensor {
    guard size > 1 else { return self }
    let (t, h, w, c) = (shape[0], shape[1] / size, shape[2] / size, shape[3])
    return reshaped(t, h, size, w, size, c).permuted(0, 1, 3, 5, 4, 2)  // [T, h, w, C, column, row]
      .reshaped(t, h, w, c * size * size)
  }

  /// Undoes ``patches(of:)``.
  func pixels(ofPatches size: Int) -> Tensor {
    guard size > 1 else { return self }
    let (t, h, w, c) = (shape[0], shape[1], shape[2], shape[3] / (size * size))
    return reshaped(t, h, w, c, size, size).permuted(0, 1, 5, 2, 4, 3)  // [T, h, row, w, column, C]
      .reshaped(t, h * size, w * size, c)
  }
}
