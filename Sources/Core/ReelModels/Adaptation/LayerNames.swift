// The names under which adaptations know a transformer's layers.

/// From any spelling of a layer's name to the one in diffusers' files: `blocks.0.attn1.to_q`.
///
/// Adaptations come with diffusers' names (PEFT), with those of Wan's own code (`blocks.0.self_attn.q`), and with
/// either of them joined by underscores (kohya, musubi).
struct LayerNames: Sendable {
  private var known: [String: String] = [:]

  /// - Parameter tensors: the names of all tensors of the transformer.
  init(tensors: some Sequence<String>) {
    for tensor in tensors {
      guard let dot = tensor.lastIndex(of: ".") else { continue }
      let layer = String(tensor[..<dot])
      for spelling in [layer, Self.original(layer)] {
        known[spelling] = layer
        known[spelling.replacing(".", with: "_")] = layer
      }
      // The tables of modulation are tensors of no layer.
      if tensor.hasSuffix(Self.table) {
        let owner = tensor.dropLast(Self.table.count)
        known["\(owner.isEmpty ? "head." : owner)modulation"] = tensor
      }
    }
  }

  private static let table = "scale_shift_table"

  /// The tensor with a layer's weight; that of a table is its own.
  static func weight(of layer: String) -> String { layer.hasSuffix(table) ? layer : layer + ".weight" }

  /// `nil` for a layer that the transformer does not have.
  subscript(spelling: String) -> String? { known[spelling] }

  /// What stands in front of a layer's name.
  private static let prefixes = [
    "base_model.model.", "model.diffusion_model.", "diffusion_model.", "transformer_2.", "transformer.",
    "lora_unet_", "lora_transformer_",
  ]

  /// The name without what programs put in front of it.
  static func withoutPrefix(_ name: String) -> String {
    var name = name[...]
    while let prefix = prefixes.first(where: { name.hasPrefix($0) }) { name = name.dropFirst(prefix.count) }
    return String(name)
  }

  /// The parts of a name that diffusers renamed, longest first, and what they are called in Wan's own code.
  private static let renamed: [(String, String)] = [
    ("condition_embedder.image_embedder.ff.net.0.proj", "img_emb.proj.1"),
    ("condition_embedder.image_embedder.ff.net.2", "img_emb.proj.3"),
    ("condition_embedder.image_embedder.norm1", "img_emb.proj.0"),
    ("condition_embedder.image_embedder.norm2", "img_emb.proj.4"),
    ("condition_embedder.text_embedder.linear_1", "text_embedding.0"),
    ("condition_embedder.text_embedder.linear_2", "text_embedding.2"),
    ("condition_embedder.time_embedder.linear_1", "time_embedding.0"),
    ("condition_embedder.time_embedder.linear_2", "time_embedding.2"),
    ("condition_embedder.time_proj", "time_projection.1"),
  ]
  private static let renamedInBlock: [(String, String)] = [
    ("attn1.to_out.0", "self_attn.o"), ("attn2.to_out.0", "cross_attn.o"),
    ("attn1.to_", "self_attn."), ("attn2.to_", "cross_attn."),
    ("attn2.add_k_proj", "cross_attn.k_img"), ("attn2.add_v_proj", "cross_attn.v_img"),
    ("attn2.norm_added_k", "cross_attn.norm_k_img"),
    ("attn1.", "self_attn."), ("attn2.", "cross_attn."), ("ffn.net.0.proj", "ffn.0"), ("ffn.net.2", "ffn.2"),
    ("norm2", "norm3"), ("proj_in", "before_proj"), ("proj_out", "after_proj"),
  ]

  /// The name of a layer in Wan's own code.
  private static func original(_ layer: String) -> String {
    if layer == "proj_out" { return "head.head" }
    for (ours, theirs) in renamed where layer == ours { return theirs }
    let parts = layer.split(separator: ".", maxSplits: 2)
    guard parts.count == 3, parts[0] == "blocks" || parts[0] == "vace_blocks" else { return layer }
    for (ours, theirs) in renamedInBlock where parts[2].hasPrefix(ours) {
      return "\(parts[0]).\(parts[1]).\(theirs)\(parts[2].dropFirst(ours.count))"
    }
    return layer
  }
}
