// The Wan diffusion transformer: from noisy latents, a time and a prompt to the velocity of the latents.

import Glibc
import ReelTensor

/// `WanTransformer3DModel` and, with control, `WanVACETransformer3DModel`. Numbers enter and leave as latents, `[T, H, W, C]`; within, as tokens, `[N, d]`.
struct WanTransformer: Sendable {
  let configuration: TransformerConfiguration
  private let patchEmbedding: Linear
  private let conditionEmbedder: ConditionEmbedder
  private let blocks: [TransformerBlock]
  private let control: ControlBranch?
  private let outputTable: Tensor
  private let outputProjection: Linear

  /// - Parameters:
  ///   - adaptations: what is added to its weights.
  ///   - precision: what the linear layers of blocks, and their attention, round their operands to; the rest is
  ///     computed in `float32`.
  ///   - cache: where packed weights are kept; `nil` for memory.
  init(
    directory: String, adaptations: [Adaptation] = [], precision: Precision = .float32,
    cache: ModelCache? = nil
  ) throws(ModelError) {
    configuration = try TransformerConfiguration(file: directory + "/config.json")
    let weights = try Weights(
      directory: directory, stem: "diffusion_pytorch_model", adaptations: adaptations,
      precision: precision, cache: cache)
    let (width, patch) = (configuration.width, configuration.patch)
    patchEmbedding = try weights.patchEmbedding(
      "patch_embedding", configuration.inputChannels, width, patch)
    conditionEmbedder = try ConditionEmbedder(
      configuration, weights.exact.scoped("condition_embedder"))
    var blocks: [TransformerBlock] = []
    for index in 0..<configuration.layers {
      blocks.append(
        try TransformerBlock(configuration, weights.scoped("blocks.\(index)"), precision: precision))
      // The block's layers have their own form of what was read.
      weights.releasePages()
    }
    self.blocks = blocks
    if let sizes = configuration.control {
      control = try ControlBranch(sizes, configuration, weights, precision: precision)
    } else {
      control = nil
    }
    outputTable = try weights.values("scale_shift_table", [1, 2, width]).reshaped(2, width)
    outputProjection = try weights.exact.linear(
      "proj_out", width, configuration.outputChannels * patch.positions)
    weights.releasePages()
    weights.noteIgnoredTensors()
  }

  /// What every step needs of a prompt, and of pictures: computed once, used at all of them.
  ///
  /// - Parameter pictures: the vectors of pictures, `[P, image]`; without effect where the transformer sees none.
  func context(for prompt: PromptEmbedding, pictures: Tensor? = nil) throws(ModelError) -> PromptContext {
    guard prompt.vectors.shape[1] == configuration.textWidth else {
      throw .request(
        part: "prompt",
        reason: "its vectors have \(prompt.vectors.shape[1]) numbers, and the transformer takes "
          + "\(configuration.textWidth)")
    }
    if let pictures, let image = configuration.image {
      let wanted = [image.positions ?? pictures.shape[0], image.width]
      guard pictures.shape.dimensions == wanted else {
        throw .request(
          part: "known frames",
          reason: "the transformer takes pictures as \(wanted[0]) vectors of \(wanted[1]) numbers, found "
            + "\(pictures.shape[0]) of \(pictures.shape[1])"
            + (image.positions == nil ? "" : "; it wants both a first and a last frame"))
      }
    }
    let (tokens, keyBias) = conditionEmbedder.text(prompt)  // [L + 1, d]
    let picture = pictures.flatMap { conditionEmbedder.image($0) }  // [P, d]
    return PromptContext(
      blocks: blocks.map { $0.context(tokens, keyBias: keyBias, picture: picture) },
      control: control?.contexts(tokens, keyBias: keyBias, picture: picture) ?? [])
  }

  /// The velocity of `latents` at a time.
  ///
  /// - Parameters:
  ///   - latents: `[T, H, W, in]`; the patch must divide T, H and W.
  ///   - times: 0…1000; one for all tokens, or one for each.
  ///   - control: `[T, H, W, control]`, where the transformer takes it.
  ///   - memory: what was kept of earlier calls; `nil` where every block is to run.
  /// - Returns: `[T, H, W, out]`.
  func callAsFunction(
    _ latents: Tensor, times: [Float], context: PromptContext, control: ControlSignal? = nil,
    memory: inout BlockMemory?
  ) -> Tensor {
    let grid = PatchGrid(latents.shape, configuration.patch)
    let runs = TimeRuns(times, tokens: grid.count)
    let embedded = runs.map { conditionEmbedder.time($0) }
    let modulation = TimeModulation(runs, rows: embedded.map(\.modulation))
    let rotation = RotaryEmbedding(grid: grid, headWidth: configuration.headWidth)
    var x = patchEmbedding(grid.tokens(latents))  // [N, d]
    var steering = control.flatMap { signal in
      self.control?.steering(by: signal, grid: grid, tokens: x, contexts: context.control)
    }
    func run(_ x: Tensor, _ range: Range<Int>) -> Tensor {
      var x = x
      for index in range {
        x = blocks[index](x, modulation: modulation, rotation: rotation, context: context.blocks[index])
        steering?.steer(&x, after: index, modulation: modulation, rotation: rotation)
      }
      return x
    }
    // Of several times the last is that of the tokens that are not given.
    x =
      memory?.output(x, embedding: embedded.last!.embedding, count: blocks.count, blocks: run)
      ?? run(x, 0..<blocks.count)
    // The time enters as it is, not through a SiLU: shift, scale.
    let output = TimeModulation(runs, rows: embedded.map { outputTable + $0.embedding })  // [2, d]
    let normal = output.norm(x, scale: 1, shift: 0, epsilon: configuration.epsilon)
    return grid.latents(outputProjection(normal), channels: configuration.outputChannels)
  }
}

extension WanTransformer {
  /// The velocity of `latents` at a time, by all blocks.
  func callAsFunction(
    _ latents: Tensor, times: [Float], context: PromptContext, control: ControlSignal? = nil
  ) -> Tensor {
    var memory: BlockMemory?
    return self(latents, times: times, context: context, control: control, memory: &memory)
  }
}

/// A prompt as the cross-attention of every block sees it: it does not depend on the step.
struct PromptContext: Sendable {
  let blocks: [BlockContext]
  /// Those of the blocks that make the hints of control.
  let control: [BlockContext]
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

  /// How many tokens there are.
  var count: Int { time * height * width }

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
