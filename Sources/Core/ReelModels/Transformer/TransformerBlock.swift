// One block of the transformer: self-attention, attention to the prompt, a feed-forward network.

import ReelTensor

/// A block whose self-attention and feed-forward network are modulated by the time.
struct TransformerBlock: Sendable {
  private let epsilon: Float
  private let modulationTable: Tensor
  private let selfAttention: TransformerAttention
  private let crossAttention: TransformerAttention
  private let crossNorm: (weight: Tensor, bias: Tensor)?
  private let feedForwardIn: Linear
  private let feedForwardOut: Linear

  /// - Parameter precision: of attention; the weights know that of the linear layers.
  init(
    _ configuration: TransformerConfiguration, _ weights: Weights, precision: Precision
  ) throws(ModelError) {
    let width = configuration.width
    epsilon = configuration.epsilon
    modulationTable = try weights.values("scale_shift_table", [1, 6, width]).reshaped(6, width)
    selfAttention = try TransformerAttention(configuration, weights.scoped("attn1"), precision: precision)
    crossAttention = try TransformerAttention(
      configuration, weights.scoped("attn2"), precision: precision, seesPictures: configuration.image != nil)
    crossNorm =
      configuration.normalizesCrossAttention ? try weights.norm("norm2", width) : nil
    feedForwardIn = try weights.linear(
      "ffn.net.0.proj", width, configuration.hiddenWidth, activation: .geluTanh)
    feedForwardOut = try weights.linear("ffn.net.2", configuration.hiddenWidth, width)
  }

  /// What the block attends to beside its own tokens.
  ///
  /// - Parameters:
  ///   - tokens: the prompt's, `[L, d]`.
  ///   - keyBias: `[L]`.
  ///   - picture: the tokens of pictures, `[P, d]`.
  func context(_ tokens: Tensor, keyBias: Tensor?, picture: Tensor?) -> BlockContext {
    let (key, value) = crossAttention.keysAndValues(tokens)
    return BlockContext(
      prompt: crossAttention.packed(key, value), keyBias: keyBias,
      picture: picture.flatMap(crossAttention.pictureKeysAndValues).map(crossAttention.packed))
  }

  /// - Parameters:
  ///   - x: the tokens, `[N, d]`.
  ///   - modulation: the time's six rows.
  ///   - context: what else is attended to.
  func callAsFunction(
    _ x: Tensor, modulation: TimeModulation, rotation: RotaryEmbedding, context: BlockContext
  ) -> Tensor {
    let m = modulation + modulationTable  // shift, scale, gate, and the same of the network
    var x = x
    let normal = m.norm(x, scale: 1, shift: 0, epsilon: epsilon)  // [N, d]
    let (key, value) = selfAttention.keysAndValues(normal)
    let attended = selfAttention(
      normal, keys: key.rotated(by: rotation), values: value, rotation: rotation)  // [N, d]
    x = m.sum(x, selfAttention.output, of: attended, gate: 2)
    let asking = crossNorm.map { x.layerNorm(weight: $0.weight, bias: $0.bias, epsilon: epsilon) } ?? x
    x = crossAttention.output(crossAttention(asking, context: context), addedTo: x)
    let again = m.norm(x, scale: 4, shift: 3, epsilon: epsilon)  // [N, d]
    return m.sum(x, feedForwardOut, of: feedForwardIn(again), gate: 5)
  }
}

/// What one block's cross-attention attends to: it does not depend on the step.
struct BlockContext: Sendable {
  /// Keys and values of the prompt's L tokens.
  let prompt: PackedKeysAndValues
  /// `[L]`: ln n for the key that stands for n rows of padding.
  let keyBias: Tensor?
  /// Those of pictures.
  let picture: PackedKeysAndValues?
}

/// The projections of an attention; queries and keys are normalized over all heads together.
struct TransformerAttention: Sendable {
  private let heads: Int
  private let headWidth: Int
  private let query: Linear
  private let key: Linear
  private let value: Linear
  let output: Linear
  private let precision: Precision
  private let queryNorm: Tensor
  private let keyNorm: Tensor
  private let picture: (key: Linear, value: Linear, keyNorm: Tensor)?
  private let epsilon: Float

  init(
    _ configuration: TransformerConfiguration, _ weights: Weights, precision: Precision,
    seesPictures: Bool = false
  ) throws(ModelError) {
    // Bytes are for weights: the scores of attention have too wide a range for them.
    self.precision = precision == .float32 ? .float32 : .bfloat16
    let width = configuration.width
    (heads, headWidth, epsilon) = (configuration.heads, configuration.headWidth, configuration.epsilon)
    query = try weights.linear("to_q", width, width)
    key = try weights.linear("to_k", width, width)
    value = try weights.linear("to_v", width, width)
    output = try weights.linear("to_out.0", width, width)
    queryNorm = try weights.values("norm_q.weight", [width])
    keyNorm = try weights.values("norm_k.weight", [width])
    picture =
      seesPictures
      ? (
        try weights.linear("add_k_proj", width, width), try weights.linear("add_v_proj", width, width),
        try weights.values("norm_added_k.weight", [width])
      ) : nil
  }

  /// `[L, d]` → `[L, d]` twice.
  func keysAndValues(_ tokens: Tensor) -> (key: Tensor, value: Tensor) {
    (key(tokens).rmsNorm(weight: keyNorm, epsilon: epsilon), value(tokens))
  }

  /// The same of a picture's tokens, by layers of their own.
  func pictureKeysAndValues(_ tokens: Tensor) -> (key: Tensor, value: Tensor)? {
    picture.map { ($0.key(tokens).rmsNorm(weight: $0.keyNorm, epsilon: epsilon), $0.value(tokens)) }
  }

  /// Attention of tokens to each other before the output layer: `[N, d]` → `[N, d]`. The keys are rotated, and so are
  /// the queries.
  func callAsFunction(_ x: Tensor, keys: Tensor, values: Tensor, rotation: RotaryEmbedding) -> Tensor {
    attend(queries(x).rotated(by: rotation), packed(keys, values))
  }

  /// Attention to the prompt, and to pictures where there are some, of which the results are added, before the output
  /// layer: `[N, d]` → `[N, d]`.
  func callAsFunction(_ x: Tensor, context: BlockContext) -> Tensor {
    let queries = queries(x)
    var attended = attend(queries, context.prompt, keyBias: context.keyBias)
    if let picture = context.picture { attended += attend(queries, picture) }
    return attended
  }

  /// `[N, d]` → `[N, d]`.
  private func queries(_ x: Tensor) -> Tensor { query(x).rmsNorm(weight: queryNorm, epsilon: epsilon) }

  /// `[L, d]` each, as they are attended to.
  func packed(_ keys: Tensor, _ values: Tensor) -> PackedKeysAndValues {
    PackedKeysAndValues(key: keys, value: values, heads: heads, precision: precision)
  }

  private func attend(_ query: Tensor, _ tokens: PackedKeysAndValues, keyBias: Tensor? = nil) -> Tensor {
    tokens.attended(by: query, scale: 1 / Float(headWidth).squareRoot(), keyBias: keyBias)
  }
}
