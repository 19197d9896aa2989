// The sizes of a Wan transformer, from its config.json.

/// What `WanTransformer3DModel`'s configuration says.
struct TransformerConfiguration: Hashable, Sendable {
  /// Frames, rows and columns of latent positions in one token.
  struct Patch: Hashable, Sendable {
    let time: Int, height: Int, width: Int
    var positions: Int { time * height * width }
  }

  let patch: Patch
  let heads: Int
  let headWidth: Int
  let inputChannels: Int
  let outputChannels: Int
  let textWidth: Int
  /// The number of sines and cosines of a time.
  let frequencies: Int
  let hiddenWidth: Int
  let layers: Int
  /// Whether the input of cross-attention is normalized.
  let normalizesCrossAttention: Bool
  let epsilon: Float

  /// The width of a token.
  var width: Int { heads * headWidth }

  static let classes = ["WanTransformer3DModel"]

  init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path)
    let name = try root.string("_class_name")
    guard Self.classes.contains(name) else { throw root.unknown("_class_name", name, known: Self.classes) }
    // The CLIP-conditioned checkpoints need an image encoder that is not implemented.
    for member in ["image_dim", "added_kv_proj_dim"] { try root.expectNothing(member) }
    try root.expect("qk_norm", "rms_norm_across_heads")
    let extents = try root.integers("patch_size", in: 1...16, default: [1, 2, 2])
    guard extents.count == 3 else {
      throw root.wrong("patch_size", wanted: "3 numbers", found: "\(extents.count)")
    }
    patch = Patch(time: extents[0], height: extents[1], width: extents[2])
    heads = try root.integer("num_attention_heads", in: 1...1024)
    headWidth = try root.integer("attention_head_dim", in: 2...4096)
    guard headWidth % 2 == 0 else {
      throw root.wrong("attention_head_dim", wanted: "an even number", found: "'\(headWidth)'")
    }
    inputChannels = try root.integer("in_channels", in: 1...4096)
    outputChannels = try root.integer("out_channels", in: 1...4096, default: inputChannels)
    textWidth = try root.integer("text_dim", in: 1...65536)
    frequencies = try root.integer("freq_dim", in: 2...65536)
    guard frequencies % 2 == 0 else {
      throw root.wrong("freq_dim", wanted: "an even number", found: "'\(frequencies)'")
    }
    hiddenWidth = try root.integer("ffn_dim", in: 1...1 << 20)
    layers = try root.integer("num_layers", in: 1...1024)
    normalizesCrossAttention = try root.bool("cross_attn_norm", default: true)
    epsilon = Float(try root.number("eps", in: 0...1, default: 1e-6))
  }
}
