// The tensors of one part of a published model, by name and shape, and their random numbers.

import Glibc
import ReelJSON
import ReelTensor

/// Names and shapes of a part's tensors with the configuration that goes with them.
struct RandomPart: Sendable {
  private(set) var configuration: JSON = [:]
  private(set) var tensors: [(name: String, shape: [Int])] = []

  /// How many numbers there are.
  var parameters: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  private mutating func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
    tensors.append((name + ".weight", [outputs, inputs]))
    if bias { tensors.append((name + ".bias", [outputs])) }
  }

  private mutating func convolution(_ name: String, _ inputs: Int, _ outputs: Int, _ window: Int...) {
    tensors.append((name + ".weight", [outputs, inputs] + window))
    tensors.append((name + ".bias", [outputs]))
  }

  private mutating func values(_ name: String, _ shape: Int...) { tensors.append((name, shape)) }
}

extension RandomPart {
  /// - Parameters:
  ///   - steered: how many blocks VACE steers, every other one from the first on; 0 for none.
  ///   - text: the width of the text encoder.
  static func transformer(
    heads: Int, hidden: Int, layers: Int, channels: Int, steered: Int, text: Int = 4096
  ) -> RandomPart {
    var part = RandomPart()
    let width = heads * 128
    part.convolution("patch_embedding", channels, width, 1, 2, 2)
    part.linear("condition_embedder.time_embedder.linear_1", 256, width)
    part.linear("condition_embedder.time_embedder.linear_2", width, width)
    part.linear("condition_embedder.time_proj", width, 6 * width)
    part.linear("condition_embedder.text_embedder.linear_1", text, width)
    part.linear("condition_embedder.text_embedder.linear_2", width, width)
    for layer in 0..<layers { part.block("blocks.\(layer)", width, hidden) }
    part.values("scale_shift_table", 1, 2, width)
    part.linear("proj_out", width, 4 * channels)
    var members: [String: JSON] = [
      "_class_name": steered > 0 ? "WanVACETransformer3DModel" : "WanTransformer3DModel",
      "num_attention_heads": .integer(heads), "attention_head_dim": 128, "in_channels": .integer(channels),
      "out_channels": .integer(channels), "text_dim": .integer(text), "freq_dim": 256,
      "ffn_dim": .integer(hidden),
      "num_layers": .integer(layers), "patch_size": [1, 2, 2],
    ]
    if steered > 0 {
      part.convolution("vace_patch_embedding", 96, width, 1, 2, 2)
      for layer in 0..<steered {
        let name = "vace_blocks.\(layer)"
        if layer == 0 { part.linear(name + ".proj_in", width, width) }
        part.block(name, width, hidden)
        part.linear(name + ".proj_out", width, width)
      }
      members["vace_layers"] = .array((0..<steered).map { .integer(2 * $0) })
      members["vace_in_channels"] = 96
    }
    part.configuration = .object(members)
    return part
  }

  private mutating func block(_ name: String, _ width: Int, _ hidden: Int) {
    values(name + ".scale_shift_table", 1, 6, width)
    for attention in ["attn1", "attn2"] {
      for layer in ["to_q", "to_k", "to_v", "to_out.0"] {
        linear("\(name).\(attention).\(layer)", width, width)
      }
      values("\(name).\(attention).norm_q.weight", width)
      values("\(name).\(attention).norm_k.weight", width)
    }
    values(name + ".norm2.weight", width)
    values(name + ".norm2.bias", width)
    linear(name + ".ffn.net.0.proj", width, hidden)
    linear(name + ".ffn.net.2", hidden, width)
  }

  static let umt5 = textEncoder(width: 4096, heads: 64, hidden: 10240, layers: 24, vocabulary: 256_384)

  /// A UMT5 encoder whose heads are 64 wide.
  static func textEncoder(width: Int, heads: Int, hidden: Int, layers: Int, vocabulary: Int) -> RandomPart {
    var part = RandomPart()
    part.values("shared.weight", vocabulary, width)
    for layer in 0..<layers {
      let name = "encoder.block.\(layer).layer"
      part.values(name + ".0.layer_norm.weight", width)
      for projection in ["q", "k", "v"] {
        part.linear("\(name).0.SelfAttention.\(projection)", width, 64 * heads, bias: false)
      }
      part.linear("\(name).0.SelfAttention.o", 64 * heads, width, bias: false)
      part.values(name + ".0.SelfAttention.relative_attention_bias.weight", 32, heads)
      part.values(name + ".1.layer_norm.weight", width)
      part.linear(name + ".1.DenseReluDense.wi_0", width, hidden, bias: false)
      part.linear(name + ".1.DenseReluDense.wi_1", width, hidden, bias: false)
      part.linear(name + ".1.DenseReluDense.wo", hidden, width, bias: false)
    }
    part.values("encoder.final_layer_norm.weight", width)
    part.configuration = [
      "architectures": ["UMT5EncoderModel"], "feed_forward_proj": "gated-gelu", "d_model": .integer(width),
      "num_heads": .integer(heads), "d_kv": 64, "d_ff": .integer(hidden), "num_layers": .integer(layers),
      "vocab_size": .integer(vocabulary),
    ]
    return part
  }

  /// The autoencoder of Wan 2.1, and with a patch of 2 that of Wan 2.2.
  static func autoencoder(encoder: Int, decoder: Int, latent: Int, patch: Int) -> RandomPart {
    var part = RandomPart()
    let (multipliers, pixels, isResidual) = ([1, 2, 4, 4], 3 * patch * patch, patch > 1)
    var width = encoder
    part.convolution("encoder.conv_in", pixels, width, 3, 3, 3)
    var flat = 0
    for (level, multiplier) in multipliers.enumerated() {
      for block in 0..<2 {
        let name =
          isResidual ? "encoder.down_blocks.\(level).resnets.\(block)" : "encoder.down_blocks.\(flat)"
        part.residual(name, width, encoder * multiplier)
        width = encoder * multiplier
        flat += 1
      }
      guard level < 3 else { break }
      let name =
        isResidual ? "encoder.down_blocks.\(level).downsampler" : "encoder.down_blocks.\(flat)"
      part.convolution(name + ".resample.1", width, width, 3, 3)
      if level > 0 { part.convolution(name + ".time_conv", width, width, 3, 1, 1) }
      flat += 1
    }
    part.ends("encoder", width, 2 * latent)
    part.convolution("quant_conv", 2 * latent, 2 * latent, 1, 1, 1)
    part.convolution("post_quant_conv", latent, latent, 1, 1, 1)
    width = decoder * 4
    part.convolution("decoder.conv_in", latent, width, 3, 3, 3)
    part.middle("decoder", width)
    for (level, multiplier) in multipliers.reversed().enumerated() {
      let name = "decoder.up_blocks.\(level)"
      for block in 0..<3 {
        part.residual("\(name).resnets.\(block)", width, decoder * multiplier)
        width = decoder * multiplier
      }
      guard level < 3 else { break }
      let step = name + (isResidual ? ".upsampler" : ".upsamplers.0")
      let outputs = isResidual ? width : width / 2
      part.convolution(step + ".resample.1", width, outputs, 3, 3)
      if level < 2 { part.convolution(step + ".time_conv", width, 2 * width, 3, 1, 1) }
      width = outputs
    }
    part.values("decoder.norm_out.gamma", width, 1, 1, 1)
    part.convolution("decoder.conv_out", width, pixels, 3, 3, 3)
    part.configuration = [
      "_class_name": "AutoencoderKLWan", "base_dim": .integer(encoder), "decoder_base_dim": .integer(decoder),
      "z_dim": .integer(latent), "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2,
      "temperal_downsample": [false, true, true], "is_residual": .bool(isResidual),
      "in_channels": .integer(pixels), "out_channels": .integer(pixels),
      "patch_size": isResidual ? .integer(patch) : .null,
      "latents_mean": .array([JSON](repeating: 0, count: latent)),
      "latents_std": .array([JSON](repeating: 1, count: latent)),
    ]
    return part
  }

  private mutating func residual(_ name: String, _ inputs: Int, _ outputs: Int) {
    values(name + ".norm1.gamma", inputs, 1, 1, 1)
    convolution(name + ".conv1", inputs, outputs, 3, 3, 3)
    values(name + ".norm2.gamma", outputs, 1, 1, 1)
    convolution(name + ".conv2", outputs, outputs, 3, 3, 3)
    if inputs != outputs { convolution(name + ".conv_shortcut", inputs, outputs, 1, 1, 1) }
  }

  private mutating func middle(_ side: String, _ width: Int) {
    residual(side + ".mid_block.resnets.0", width, width)
    values(side + ".mid_block.attentions.0.norm.gamma", width, 1, 1)
    convolution(side + ".mid_block.attentions.0.to_qkv", width, 3 * width, 1, 1)
    convolution(side + ".mid_block.attentions.0.proj", width, width, 1, 1)
    residual(side + ".mid_block.resnets.1", width, width)
  }

  private mutating func ends(_ side: String, _ width: Int, _ outputs: Int) {
    middle(side, width)
    values(side + ".norm_out.gamma", width, 1, 1, 1)
    convolution(side + ".conv_out", width, outputs, 3, 3, 3)
  }
}

extension RandomPart {
  /// Writes the part in bfloat16 and gives the file's size in bytes. Norms are 1; the rest is as large as keeps what
  /// goes through it as large as it was.
  func write(to path: String) throws(ModelError) -> Int {
    guard let file = fopen(path, "wb") else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    var isWritten = true
    func put(_ bytes: UnsafeRawBufferPointer) {
      guard isWritten, let start = bytes.baseAddress, bytes.count > 0 else { return }
      isWritten = fwrite(start, 1, bytes.count, file) == bytes.count
    }
    var members: [String: JSON] = [:]
    var offset = 0
    for (name, shape) in tensors {
      let end = offset + 2 * shape.reduce(1, *)
      members[name] = [
        "dtype": "BF16", "shape": .array(shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var header = Array(JSON.object(members).text.utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    let length = UInt64(header.count)
    ((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header).withUnsafeBytes(put)
    let noise = Philox(seed: 1).normals([Self.noiseCount])
    for (name, shape) in tensors {
      let isNorm = name.hasSuffix("gamma") || name.contains("norm") && name.hasSuffix("weight")
      let inputs = shape.count > 1 ? shape.dropFirst().reduce(1, *) : 1
      let scale = shape.count > 1 ? 1 / Float(inputs).squareRoot() : 0.02
      let block =
        isNorm
        ? Tensor([Self.noiseCount], repeating: 1).converted(to: .bfloat16)
        : (noise * scale).converted(to: .bfloat16)
      var left = shape.reduce(1, *)
      while left > 0 {
        let count = min(left, Self.noiseCount)
        block.withBytes { put(UnsafeRawBufferPointer(rebasing: $0[..<(2 * count)])) }
        left -= count
      }
    }
    guard fclose(file) == 0, isWritten else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    return 8 + header.count + offset
  }

  /// So many numbers are drawn, and used again and again: what they are does not matter, how many there are does. An
  /// odd number, so that rows are not alike.
  private static let noiseCount = 1_048_573
}
