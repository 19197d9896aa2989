// VACE: a second row of blocks that reads what is known of a film and steers the first (arXiv 2503.07598).

import ReelTensor

/// What a film is steered by, and how strongly.
struct ControlSignal: Sendable {
  /// `[T, H, W, control]`.
  let latents: Tensor
  /// For each steered block what its hint is multiplied by.
  var scales: [Float]
}

/// The blocks of `WanVACETransformer3DModel` that make hints.
struct ControlBranch: Sendable {
  fileprivate struct Block: Sendable {
    let input: Linear?
    let block: TransformerBlock
    let output: Linear
  }

  private let patchEmbedding: Linear
  fileprivate let layers: [Int]
  fileprivate let blocks: [Block]

  init(
    _ sizes: TransformerConfiguration.Control, _ configuration: TransformerConfiguration, _ weights: Weights,
    precision: Precision
  ) throws(ModelError) {
    let width = configuration.width
    layers = sizes.layers
    patchEmbedding = try weights.patchEmbedding(
      "vace_patch_embedding", sizes.channels, width, configuration.patch)
    var blocks: [Block] = []
    for index in sizes.layers.indices {
      let scope = weights.scoped("vace_blocks.\(index)")
      blocks.append(
        Block(
          input: index == 0 ? try scope.linear("proj_in", width, width) : nil,
          block: try TransformerBlock(configuration, scope, precision: precision),
          output: try scope.linear("proj_out", width, width)))
      // The block's layers have their own form of what was read.
      weights.releasePages()
    }
    self.blocks = blocks
  }

  func contexts(_ tokens: Tensor, keyBias: Tensor?, picture: Tensor?) -> [BlockContext] {
    blocks.map { $0.block.context(tokens, keyBias: keyBias, picture: picture) }
  }

  /// The branch at the start of a call.
  ///
  /// - Parameter tokens: the first block's input, `[N, d]`.
  func steering(
    by signal: ControlSignal, grid: PatchGrid, tokens: Tensor, contexts: [BlockContext]
  ) -> Steering {
    Steering(
      branch: self, scales: signal.scales, contexts: contexts, tokens: tokens,
      x: patchEmbedding(grid.tokens(signal.latents)))
  }
}

/// The state of the control branch within one call. The reference makes all hints before the first block runs; they
/// do not depend on it, so each is made when its block has run, and none is kept.
struct Steering {
  fileprivate let branch: ControlBranch
  fileprivate let scales: [Float]
  fileprivate let contexts: [BlockContext]
  fileprivate let tokens: Tensor
  /// `[N, d]`.
  fileprivate var x: Tensor
  private var next = 0

  fileprivate init(
    branch: ControlBranch, scales: [Float], contexts: [BlockContext], tokens: Tensor, x: Tensor
  ) {
    (self.branch, self.scales, self.contexts, self.tokens, self.x) = (branch, scales, contexts, tokens, x)
  }

  /// Adds the hint to what the block `layer` gave, if it is one that is steered.
  mutating func steer(
    _ output: inout Tensor, after layer: Int, modulation: TimeModulation, rotation: RotaryEmbedding
  ) {
    guard next < branch.layers.count, branch.layers[next] == layer else { return }
    let block = branch.blocks[next]
    if let input = block.input { x = input(x) + tokens }
    x = block.block(x, modulation: modulation, rotation: rotation, context: contexts[next])
    output += block.output(x) * scales[next]
    next += 1
  }
}

extension Weights {
  /// A convolution whose window and stride are the patch, as a linear layer on patches: `name.weight`
  /// `[outputs, inputs, time, height, width]`.
  func patchEmbedding(
    _ name: String, _ inputs: Int, _ outputs: Int, _ patch: TransformerConfiguration.Patch
  ) throws(ModelError) -> Linear {
    let weight = try tensor(name + ".weight", [outputs, inputs, patch.time, patch.height, patch.width])
    return Linear(
      weight: weight.reshaped(outputs, inputs * patch.positions), bias: try tensor(name + ".bias", [outputs]))
  }
}
