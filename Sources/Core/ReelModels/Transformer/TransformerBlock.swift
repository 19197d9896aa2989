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

  init(_ configuration: TransformerConfiguration, _ weights: Weights) throws(ModelError) {
    let width = configuration.width
    epsilon = configuration.epsilon
    modulationTable = try weights.values("scale_shift_table", [1, 6, width]).reshaped(6, width)
    selfAttention = try TransformerAttention(configuration, weights.scoped("attn1"))
    crossAttention = try TransformerAttention(configuration, weights.scoped("attn2"))
    crossNorm =
      configuration.normalizesCrossAttention
      ? (try weights.values("norm2.weight", [width]), try weights.values("norm2.bias", [width])) : nil
    feedForwardIn = try weights.linear(
      "ffn.net.0.proj", width, configuration.hiddenWidth, activation: .geluTanh)
    feedForwardOut = try weights.linear("ffn.net.2", configuration.hiddenWidth, width)
  }

  /// The prompt's keys and values, `[L, d]` each, from its tokens, `[L, d]`.
  func keysAndValues(_ tokens: Tensor) -> (key: Tensor, value: Tensor) {
    crossAttention.keysAndValues(tokens)
  }

  /// - Parameters:
  ///   - x: the tokens, `[N, d]`.
  ///   - modulation: the time's six rows, `[6, d]`.
  ///   - prompt: keys and values, `[L, d]` each.
  ///   - keyBias: `[L]`.
  func callAsFunction(
    _ x: Tensor, modulation: Tensor, rotation: RotaryEmbedding, prompt: (key: Tensor, value: Tensor),
    keyBias: Tensor?
  ) -> Tensor {
    let m = modulationTable + modulation  // [6, d]: shift, scale, gate, and the same of the network
    var x = x
    let normal = x.layerNorm(scale: m[1], shift: m[0], epsilon: epsilon)  // [N, d]
    let (key, value) = selfAttention.keysAndValues(normal)
    x.add(
      selfAttention(normal, keys: key.rotated(by: rotation), values: value, rotation: rotation), gate: m[2])
    let asking = crossNorm.map { x.layerNorm(weight: $0.weight, bias: $0.bias, epsilon: epsilon) } ?? x
    x += crossAttention(asking, keys: prompt.key, values: prompt.value, keyBias: keyBias)
    let again = x.layerNorm(scale: m[4], shift: m[3], epsilon: epsilon)  // [N, d]
    x.add(feedForwardOut(feedForwardIn(again)), gate: m[5])
    return x
  }
}

/// The projections of an attention; queries and keys are normalized over all heads together.
struct TransformerAttention: Sendable {
  private let heads: Int
  private let headWidth: Int
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let queryNorm: Tensor
  private let keyNorm: Tensor
  private let epsilon: Float

  init(_ configuration: TransformerConfiguration, _ weights: Weights) throws(ModelError) {
    let width = configuration.width
    (heads, headWidth, epsilon) = (configuration.heads, configuration.headWidth, configuration.epsilon)
    query = try weights.linear("to_q", width, width)
    key = try weights.linear("to_k", width, width)
    value = try weights.linear("to_v", width, width)
    output = try weights.linear("to_out.0", width, width)
    queryNorm = try weights.values("norm_q.weight", [width])
    keyNorm = try weights.values("norm_k.weight", [width])
  }

  /// `[L, d]` → `[L, d]` twice.
  func keysAndValues(_ tokens: Tensor) -> (key: Tensor, value: Tensor) {
    (key(tokens).rmsNorm(weight: keyNorm, epsilon: epsilon), value(tokens))
  }

  /// `[N, d]` → `[N, d]`. Only queries that ask among rotated keys are rotated.
  func callAsFunction(
    _ x: Tensor, keys: Tensor, values: Tensor, rotation: RotaryEmbedding? = nil, keyBias: Tensor? = nil
  ) -> Tensor {
    var query = self.query(x).rmsNorm(weight: queryNorm, epsilon: epsilon)  // [N, d]
    if let rotation { query = query.rotated(by: rotation) }
    let attended = Tensor.attention(
      query: query, key: keys, value: values, heads: heads, scale: 1 / Float(headWidth).squareRoot(),
      keyBias: keyBias)
    return output(attended)
  }
}
