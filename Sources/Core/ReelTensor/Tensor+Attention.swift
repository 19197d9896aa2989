// Scaled dot-product attention over several heads, in blocks, without the matrix of scores.

extension Tensor {
  /// softmax(scale·q·kᵀ + bias + keyBias)·v, for every head on its own columns.
  ///
  /// Rows are tokens, the columns are the heads side by side, as a linear layer leaves them. A leading axis is a
  /// batch of independent sequences.
  ///
  /// - Parameters:
  ///   - query: `[Tq, heads·D]` or `[B, Tq, heads·D]`.
  ///   - key: `[Tk, heads·D]` or `[B, Tk, heads·D]`.
  ///   - value: `[Tk, heads·E]` or `[B, Tk, heads·E]`.
  ///   - scale: what the products are multiplied by; 1/√D in most models.
  ///   - bias: `[heads, Tq, Tk]`, added to the scaled products: relative positions.
  ///   - keyBias: `[Tk]`, added for each key. ln n makes a key count n times: the padding of a prompt is n equal
  ///     keys, given once. −∞ hides a key.
  ///   - precision: `float32`, or `bfloat16`: what queries, keys, values and the softmax's weights are rounded to.
  /// - Returns: `[Tq, heads·E]` or `[B, Tq, heads·E]`.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float, bias: Tensor? = nil,
    keyBias: Tensor? = nil, precision: Precision = .float32
  ) -> Tensor {
    PackedKeysAndValues(key: key, value: value, heads: heads, precision: precision)
      .attended(by: query, scale: scale, bias: bias, keyBias: keyBias)
  }
}
