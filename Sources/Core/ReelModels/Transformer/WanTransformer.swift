// The Wan diffusion transformer: from noisy latents, a time and a prompt to the velocity of the latents.

import Glibc
import ReelTensor

/// `WanTransformer3DModel`. Numbers enter and leave as latents, `[T, H, W, C]`; within, as tokens, `[N, d]`.
struct WanTransformer: Sendable {
  let configuration: TransformerConfiguration
  private let patchEmbedding: Linear
  private let conditionEmbedder: ConditionEmbedder
  private let blocks: [TransformerBlock]
  private let outputTable: Tensor
  private let outputProjection: Linear

  init(directory: String) throws(ModelError) {
    configuration = try TransformerConfiguration(file: directory + "/config.json")
    let weights = try Weights(directory: directory, stem: "diffusion_pytorch_model")
    let (width, patch) = (configuration.width, configuration.patch)
    let patchWeight = try weights.tensor(
      "patch_embedding.weight", [width, configuration.inputChannels, patch.time, patch.height, patch.width])
    patchEmbedding = Linear(
      weight: patchWeight.reshaped(width, configuration.inputChannels * patch.positions),
      bias: try weights.tensor("patch_embedding.bias", [width]))
    conditionEmbedder = try ConditionEmbedder(configuration, weights.scoped("condition_embedder"))
    var blocks: [TransformerBlock] = []
    for index in 0..<configuration.layers {
      blocks.append(try TransformerBlock(configuration, weights.scoped("blocks.\(index)")))
    }
    self.blocks = blocks
    outputTable = try weights.values("scale_shift_table", [1, 2, width]).reshaped(2, width)
    outputProjection = try weights.linear("proj_out", width, configuration.outputChannels * patch.positions)
    weights.noteIgnoredTensors()
  }

  /// What every step needs of a prompt: computed once, used at all of them.
  func context(for prompt: PromptEmbedding) throws(ModelError) -> PromptContext {
    guard prompt.vectors.shape[1] == configuration.textWidth else {
      throw .request(
        part: "prompt",
        reason: "its vectors have \(prompt.vectors.shape[1]) numbers, and the transformer takes "
          + "\(configuration.textWidth)")
    }
    let (tokens, keyBias) = conditionEmbedder.text(prompt)  // [L + 1, d]
    return PromptContext(keysAndValues: blocks.map { $0.keysAndValues(tokens) }, keyBias: keyBias)
  }

  /// The velocity of `latents` at a time.
  ///
  /// - Parameters:
  ///   - latents: `[T, H, W, in]`; the patch must divide T, H and W.
  ///   - timestep: 0…1000.
  /// - Returns: `[T, H, W, out]`.
  func callAsFunction(_ latents: Tensor, timestep: Float, context: PromptContext) -> Tensor {
    let grid = PatchGrid(latents.shape, configuration.patch)
    let time = conditionEmbedder.time(timestep)
    let rotation = RotaryEmbedding(grid: grid, headWidth: configuration.headWidth)
    var x = patchEmbedding(grid.tokens(latents))  // [N, d]
    for (block, keysAndValues) in zip(blocks, context.keysAndValues) {
      x = block(
        x, modulation: time.modulation, rotation: rotation, prompt: keysAndValues, keyBias: context.keyBias)
    }
    let table = outputTable + time.embedding  // [2, d]: shift, scale
    let normal = x.layerNorm(scale: table[1], shift: table[0], epsilon: configuration.epsilon)
    return grid.latents(outputProjection(normal), channels: configuration.outputChannels)
  }
}

/// A prompt as the cross-attention of every block sees it: it does not depend on the step.
struct PromptContext: Sendable {
  /// For each block the keys and the values, `[L + 1, d]` each.
  let keysAndValues: [(key: Tensor, value: Tensor)]
  /// `[L + 1]`: the last key stands for all the padding.
  let keyBias: Tensor?
}

/// How latents are cut into patches: the order of tokens, and of the numbers in one.
struct PatchGrid {
  let time: Int
  let height: Int
  let width: Int
  private let patch: TransformerConfiguration.Patch

  init(_ shape: Shape, _ patch: TransformerConfiguration.Patch) {
    precondition(
      shape[0] % patch.time == 0 && shape[1] % patch.height == 0 && shape[2] % patch.width == 0,
      "latents of \(shape) in patches of \(patch)")
    (time, height, width) = (shape[0] / patch.time, shape[1] / patch.height, shape[2] / patch.width)
    self.patch = patch
  }

  /// `[T, H, W, C]` → `[N, C·patch]`: a token's numbers are channel-major (c, time, row, column).
  func tokens(_ latents: Tensor) -> Tensor {
    let channels = latents.shape[3]
    return latents.reshaped(time, patch.time, height, patch.height, width, patch.width, channels)
      .permuted(0, 2, 4, 6, 1, 3, 5)  // [t, h, w, C, pt, ph, pw]
      .reshaped(time * height * width, channels * patch.positions)
  }

  /// `[N, patch·C]` → `[T, H, W, C]`: on the way out they are channel-minor (time, row, column, c).
  func latents(_ tokens: Tensor, channels: Int) -> Tensor {
    tokens.reshaped(time, height, width, patch.time, patch.height, patch.width, channels)
      .permuted(0, 3, 1, 4, 2, 5, 6)  // [t, pt, h, ph, w, pw, C]
      .reshaped(time * patch.time, height * patch.height, width * patch.width, channels)
  }
}

extension RotaryEmbedding {
  /// The angles of tokens on a grid: a head's pairs are shared out to time, row and column, in this order.
  ///
  /// Rows and columns get 2⌊D/6⌋ channels each, time the rest. Pair j of an axis with n channels turns by
  /// position·10000^(−2j/n).
  init(grid: PatchGrid, headWidth: Int) {
    let side = 2 * (headWidth / 6)
    let frequencies = [headWidth - 2 * side, side, side].map { channels in
      (0..<channels / 2).map { pow(1e4, -2 * Double($0) / Double(channels)) }
    }
    var angles: [Double] = []
    angles.reserveCapacity(grid.time * grid.height * grid.width * headWidth / 2)
    for time in 0..<grid.time {
      for row in 0..<grid.height {
        for column in 0..<grid.width {
          for (position, axis) in zip([time, row, column], frequencies) {
            for frequency in axis { angles.append(Double(position) * frequency) }
          }
        }
      }
    }
    self.init(positions: grid.time * grid.height * grid.width, pairs: headWidth / 2, angles: angles)
  }
}
