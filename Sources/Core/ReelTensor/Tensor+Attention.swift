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
  /// - Returns: `[Tq, heads·E]` or `[B, Tq, heads·E]`.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float, bias: Tensor? = nil,
    keyBias: Tensor? = nil
  ) -> Tensor {
    let batch = query.shape.rank == 3 ? query.shape[0] : 1
    let keys = key.shape[-2]
    precondition(
      query.shape.rank == key.shape.rank && key.shape.rank == value.shape.rank
        && key.shape[-1] == query.shape[-1]
        && value.shape[-2] == keys && query.shape[-1] % heads == 0 && value.shape[-1] % heads == 0
        && (query.shape.rank == 2 || (key.shape[0] == batch && value.shape[0] == batch)),
      "attention of \(query.shape) over \(key.shape) and \(value.shape) with \(heads) heads")
    precondition(keys > 0, "attention over no keys")
    precondition(
      bias.map { $0.shape == [heads, query.shape[-2], keys] } ?? true,
      "a bias of \(bias?.shape ?? []) for \(heads) heads, \(query.shape[-2]) queries, \(keys) keys")
    precondition(
      keyBias.map { $0.shape == [keys] } ?? true, "a key bias of \(keyBias?.shape ?? []) for \(keys) keys")
    return Reference.attention(
      query: query, key: key, value: value, heads: heads, scale: scale, bias: bias, keyBias: keyBias)
  }
}
