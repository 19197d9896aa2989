// The sizes of a Wan transformer, from its config.json.

/// What the configuration of `WanTransformer3DModel`, or of `WanVACETransformer3DModel`, says.
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
  /// `nil` for a transformer that is not shown a picture.
  let image: Image?
  /// `nil` for a transformer without control: every one but VACE's.
  let control: Control?

  /// How a transformer is shown the vectors of a picture (Wan 2.1's image-to-video).
  struct Image: Hashable, Sendable {
    /// The numbers of one vector.
    let width: Int
    /// How many vectors are added to those of the first and the last picture together; `nil` where none are.
    let positions: Int?
  }

  /// The second row of blocks that VACE steers the first with (arXiv 2503.07598).
  struct Control: Hashable, Sendable {
    let channels: Int
    /// The blocks whose output is steered, ascending; the first is 0.
    let layers: [Int]
  }

  /// The width of a token.
  var width: Int { heads * headWidth }

  static let classes = ["WanTransformer3DModel", "WanVACETransformer3DModel"]

  init(file path: String) throws(ModelError) { try self.init(Configuration(file: path)) }

  init(_ root: Configuration) throws(ModelError) {
    let name = try root.string("_class_name")
    guard Self.classes.contains(name) else { throw root.unknown("_class_name", name, known: Self.classes) }
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
    image = try Self.image(root, width: heads * headWidth)
    control = name == Self.classes[1] ? try Self.control(root, layers: layers) : nil
  }

  private static func image(_ root: Configuration, width: Int) throws(ModelError) -> Image? {
    guard root.has("image_dim") else {
      try root.expectNothing("added_kv_proj_dim")
      return nil
    }
    // The picture's vectors are embedded at the width of tokens, and enter the keys and values at that width.
    _ = try root.integer("added_kv_proj_dim", in: width...width)
    return Image(
      width: try root.integer("image_dim", in: 1...65536),
      positions: root.has("pos_embed_seq_len")
        ? try root.integer("pos_embed_seq_len", in: 2...65536) : nil)
  }

  private static func control(_ root: Configuration, layers: Int) throws(ModelError) -> Control {
    let steered = try root.integers("vace_layers", in: 0...layers - 1, limit: layers)
    guard steered.first == 0, zip(steered, steered.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw root.wrong(
        "vace_layers", wanted: "ascending numbers of layers, the first of them 0",
        found: "'\(steered.map(String.init).joined(separator: ", "))'")
    }
    return Control(channels: try root.integer("vace_in_channels", in: 1...4096, default: 96), layers: steered)
  }
}
