// Scaled dot-product attention over several heads, in blocks, without the matrix of scores.
import CKernels

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
    let batch = query.shape.rank == 3 ? query.shape[0] : 1
    let keys = key.shape[-2]
    precondition(
      query.shape.rank == key.shape.rank && key.shape.rank == value.shape.rank
        && key.shape[-1] == query.shape[-1]
        && value.shape[-2] == keys && query.shape[-1] % heads == 0 && value.shape[-1] % heads == 0
        && (query.shape.rank == 2 || (key.shape[0] == batch && value.shape[0] == batch)),
      "attention of \(query.shape) over \(key.shape) and \(value.shape) with \(heads) heads")
    precondition(keys > 0, "attention over no keys")
    precondition(precision != .int8, "attention in bytes")
    precondition(
      bias.map { $0.shape == [heads, query.shape[-2], keys] } ?? true,
      "a bias of \(bias?.shape ?? []) for \(heads) heads, \(query.shape[-2]) queries, \(keys) keys")
    precondition(
      keyBias.map { $0.shape == [keys] } ?? true, "a key bias of \(keyBias?.shape ?? []) for \(keys) keys")
    let work = AttentionWork(
      query: query, key: key, value: value, heads: heads, batch: batch, precision: precision)
    return work.run(scale: scale, bias: bias, keyBias: keyBias)
  }
}

/// One attention: all heads of all sequences.
private struct AttentionWork {
  let query: Tensor
  let key: Tensor
  let value: Tensor
  let heads: Int
  let batch: Int
  private let product: ReelProduct
  private let kernels = ReelTensor.kernels

  init(query: Tensor, key: Tensor, value: Tensor, heads: Int, batch: Int, precision: Precision) {
    (self.query, self.key, self.value, self.heads, self.batch) = (query, key, value, heads, batch)
    product = precision == .bfloat16 ? reel_product_bfloat16 : reel_product_float32
  }

  private var queries: Int { query.shape[-2] }
  private var keys: Int { key.shape[-2] }
  private var width: Int { query.shape[-1] / heads }
  private var valueWidth: Int { value.shape[-1] / heads }

  func run(scale: Float, bias: Tensor?, keyBias: Tensor?) -> Tensor {
    let (kernels, product) = (kernels, product)
    let scratch = kernels.attention_scratch(width, valueWidth)
    let packedKeys = packed(key, size: kernels.attention_key_size(keys, width)) {
      source, pitch, count, width, target in
      withScratch(scratch) { kernels.attention_pack_keys(product, source, pitch, count, width, target, $0) }
    }
    let packedValues = packed(value, size: kernels.attention_value_size(keys, valueWidth)) {
      kernels.attention_pack_values(product, $0, $1, $2, $3, $4)
    }
    // Blocks of queries as equal as can be.
    let blocks = (queries + kernels.attention_rows - 1) / kernels.attention_rows
    let rows = blocks > 0 ? (queries + blocks - 1) / blocks : 0
    defer { withExtendedLifetime((query, packedKeys, packedValues, bias, keyBias)) {} }
    return Tensor(query.shape.replacing(-1, with: heads * valueWidth)) { output in
      guard let target = output.baseAddress, output.count > 0 else { return }
      dispatch(batch * heads * blocks, grain: 1) { range in
        withScratch(scratch) { scratch in
          for part in range {
            let (pair, first) = (part / blocks, part % blocks * rows)
            guard first < queries else { continue }
            var attention = head(pair, scale, bias, keyBias, packedKeys, packedValues, target)
            kernels.attend(&attention, first, min(rows, queries - first), scratch)
          }
        }
      }
    }
  }

  /// Head `pair % heads` of sequence `pair / heads`.
  private func head(
    _ pair: Int, _ scale: Float, _ bias: Tensor?, _ keyBias: Tensor?, _ packedKeys: Tensor,
    _ packedValues: Tensor, _ output: UnsafeMutablePointer<Float>
  ) -> ReelAttention {
    let (sequence, head) = (pair / heads, pair % heads)
    return ReelAttention(
      query: query.floats.baseAddress! + sequence * queries * heads * width + head * width,
      query_pitch: heads * width, query_count: queries, product: product,
      keys: packedKeys.floats.baseAddress! + pair * packedKeys.shape[1],
      values: packedValues.floats.baseAddress! + pair * packedValues.shape[1], key_count: keys, width: width,
      value_width: valueWidth, scale: scale,
      bias: bias.map { UnsafePointer($0.floats.baseAddress!) + head * queries * keys },
      key_bias: keyBias.map { UnsafePointer($0.floats.baseAddress!) },
      output: output + sequence * queries * heads * valueWidth + head * valueWidth,
      output_pitch: heads * valueWidth)
  }

  /// The keys, or the values, of each head in panels.
  private func packed(
    _ tokens: Tensor, size: Int,
    _ pack: (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let width = tokens.shape[-1] / heads
    return tokens.withFloats { input in
      Tensor([batch * heads, size]) { output in
        guard let source = input.baseAddress, let target = output.baseAddress, size > 0 else { return }
        dispatch(batch * heads, grain: max(1, 16384 / size)) { range in
          for pair in range {
            let start = pair / heads * keys * heads * width + pair % heads * width
            pack(source + start, heads * width, keys, width, target + pair * size)
          }
        }
      }
    }
  }
}
