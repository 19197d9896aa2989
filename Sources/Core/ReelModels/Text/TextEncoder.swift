// The UMT5 encoder: from the tokens of a prompt to the vectors that the transformer attends to.

import Glibc
import ReelTensor

/// The sizes of a UMT5 encoder, from its config.json.
struct TextEncoderConfiguration: Hashable, Sendable {
  let width: Int
  let heads: Int
  let headWidth: Int
  let hiddenWidth: Int
  let layers: Int
  let vocabularySize: Int
  let epsilon: Float
  let positionBuckets: Int
  let greatestDistance: Int

  static let classes = ["UMT5EncoderModel"]

  init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path)
    for (place, value) in try root.list("architectures", limit: 8) {
      guard let name = value.string, Self.classes.contains(name) else {
        throw root.unknown(place, value.string ?? value.kind, known: Self.classes)
      }
    }
    try root.expect("feed_forward_proj", "gated-gelu")
    try root.expect("dense_act_fn", "gelu_new")
    width = try root.integer("d_model", in: 1...65536)
    heads = try root.integer("num_heads", in: 1...1024)
    headWidth = try root.integer("d_kv", in: 1...4096)
    hiddenWidth = try root.integer("d_ff", in: 1...1 << 20)
    layers = try root.integer("num_layers", in: 1...1024)
    vocabularySize = try root.integer("vocab_size", in: 1...1 << 24)
    epsilon = Float(try root.number("layer_norm_epsilon", in: 0...1, default: 1e-6))
    positionBuckets = try root.integer("relative_attention_num_buckets", in: 4...4096, default: 32)
    greatestDistance = try root.integer(
      "relative_attention_max_distance", in: positionBuckets...1 << 20, default: 128)
  }
}

/// A UMT5 encoder whose layers are read one after another while it runs, so that no more than one of them, and
/// the rows of the embedding that the prompts use, are in memory.
struct TextEncoder: Sendable {
  let configuration: TextEncoderConfiguration
  private let weights: Weights

  init(directory: String) throws(ModelError) {
    configuration = try TextEncoderConfiguration(file: directory + "/config.json")
    weights = try Weights(directory: directory, stem: "model")
  }

  /// The vectors `[length, width]` of each prompt's tokens.
  ///
  /// A prompt is given at its true length, without padding: the reference masks the padding out of attention, so
  /// the vectors are the same.
  func encode(_ prompts: [[Int32]]) throws(ModelError) -> [Tensor] {
    var states: [Tensor] = []
    for tokens in prompts { states.append(try embeddings(tokens)) }
    let distances = prompts.map { bucketTable(length: $0.count) }
    // A layer's weights take the place of the one before.
    try Arena.reusing { _ throws(ModelError) in
      for index in 0..<configuration.layers {
        let layer = try TextEncoderLayer(configuration, weights.scoped("encoder.block.\(index)"))
        for prompt in states.indices where !prompts[prompt].isEmpty {
          states[prompt] = layer(states[prompt], buckets: distances[prompt])
        }
        weights.releasePages()
      }
    }
    let scale = try weights.values("encoder.final_layer_norm.weight", [configuration.width])
    weights.noteIgnoredTensors()
    return states.map { $0.rmsNorm(weight: scale, epsilon: configuration.epsilon) }
  }

  /// The rows of the embedding, which is stored as `shared` or as the encoder's own.
  private func embeddings(_ tokens: [Int32]) throws(ModelError) -> Tensor {
    let name = weights.has("shared.weight") ? "shared.weight" : "encoder.embed_tokens.weight"
    let table = try weights.tensor(name, [configuration.vocabularySize, configuration.width])
    for token in tokens where !(0..<configuration.vocabularySize).contains(Int(token)) {
      throw .request(
        part: "prompt",
        reason: "token \(token) is not one of the text encoder's \(configuration.vocabularySize)")
    }
    return table.rows(tokens.map(Int.init)).converted(to: .float32)
  }

  /// For every pair of places (query, key) the bucket of their distance, row by row.
  private func bucketTable(length: Int) -> [Int] {
    let buckets = (-length...length).map { bucket(distance: $0) }
    return (0..<length).flatMap { query in (0..<length).map { key in buckets[key - query + length] } }
  }

  /// T5's buckets of relative positions: exact for small distances, logarithmic for larger ones, one half of them
  /// for keys before the query and one half for those after. In 32-bit numbers, as the reference has it.
  private func bucket(distance: Int) -> Int {
    let half = configuration.positionBuckets / 2
    let exact = half / 2
    let side = distance > 0 ? half : 0
    let length = abs(distance)
    if length < exact { return side + length }
    let range = Float(log(Double(configuration.greatestDistance) / Double(exact)))
    let place = logf(Float(length) / Float(exact)) / range * Float(half - exact)
    return side + min(exact + Int(place), half - 1)
  }
}

/// One layer: self-attention with a bias by relative position, and a gated feed-forward network.
private struct TextEncoderLayer {
  private let configuration: TextEncoderConfiguration
  private let attentionNorm: Tensor
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let positionBias: Tensor
  private let feedForwardNorm: Tensor
  private let gate: Linear
  private let hidden: Linear
  private let projection: Linear

  init(_ configuration: TextEncoderConfiguration, _ weights: Weights) throws(ModelError) {
    let (width, inner) = (configuration.width, configuration.heads * configuration.headWidth)
    let attention = weights.scoped("layer.0.SelfAttention")
    let feedForward = weights.scoped("layer.1.DenseReluDense")
    self.configuration = configuration
    attentionNorm = try weights.values("layer.0.layer_norm.weight", [width])
    query = try attention.linear("q", width, inner, bias: false)
    key = try attention.linear("k", width, inner, bias: false)
    value = try attention.linear("v", width, inner, bias: false)
    output = try attention.linear("o", inner, width, bias: false)
    positionBias = try attention.values(
      "relative_attention_bias.weight", [configuration.positionBuckets, configuration.heads])
    feedForwardNorm = try weights.values("layer.1.layer_norm.weight", [width])
    gate = try feedForward.linear(
      "wi_0", width, configuration.hiddenWidth, bias: false, activation: .geluTanh)
    hidden = try feedForward.linear("wi_1", width, configuration.hiddenWidth, bias: false)
    projection = try feedForward.linear("wo", configuration.hiddenWidth, width, bias: false)
  }

  /// `[T, width]` → `[T, width]`.
  func callAsFunction(_ x: Tensor, buckets: [Int]) -> Tensor {
    let length = x.shape[0]
    let normal = x.rmsNorm(weight: attentionNorm, epsilon: configuration.epsilon)  // [T, D]
    let bias = positionBias.rows(buckets).transposed  // [heads, T·T]
      .reshaped(configuration.heads, length, length)
    let attended = Tensor.attention(
      query: query(normal), key: key(normal), value: value(normal), heads: configuration.heads, scale: 1,
      bias: bias)  // [T, heads·headWidth]
    let x = x + output(attended)
    let again = x.rmsNorm(weight: feedForwardNorm, epsilon: configuration.epsilon)  // [T, D]
    return x + projection(gate(again) * hidden(again))
  }
}
