// Keys and values of an attention in the panels that its products read.
import CKernels

/// What queries attend to, packed once: for tokens that are attended to again and again, such as a prompt's.
public struct PackedKeysAndValues: @unchecked Sendable {
  // Unchecked: the table of loops is constant.
  /// By head of each sequence, `[batch·heads, words]`.
  private let keys: Tensor
  private let values: Tensor
  private let heads: Int
  /// Independent sequences; `nil` where there is no axis of them.
  private let batch: Int?
  /// Tokens of a sequence.
  private let count: Int
  /// The columns of a head.
  private let width: Int
  private let valueWidth: Int
  private let product: ReelProduct
  /// The loops whose panels these are.
  private let kernels = ReelTensor.kernels

  /// - Parameters:
  ///   - key: `[Tk, heads·D]` or `[B, Tk, heads·D]`.
  ///   - value: `[Tk, heads·E]` or `[B, Tk, heads·E]`.
  ///   - precision: `float32`, or `bfloat16`: what queries, keys, values and the softmax's weights are rounded to.
  public init(key: Tensor, value: Tensor, heads: Int, precision: Precision = .float32) {
    precondition(
      [2, 3].contains(key.shape.rank)
        && key.shape.replacing(-1, with: 0) == value.shape.replacing(-1, with: 0)
        && key.shape[-1] % heads == 0 && value.shape[-1] % heads == 0,
      "attention over \(key.shape) and \(value.shape) with \(heads) heads")
    precondition(key.shape[-2] > 0, "attention over no keys")
    precondition(precision != .int8, "attention in bytes")
    self.heads = heads
    batch = key.shape.rank == 3 ? key.shape[0] : nil
    count = key.shape[-2]
    (width, valueWidth) = (key.shape[-1] / heads, value.shape[-1] / heads)
    let product = precision == .bfloat16 ? reel_product_bfloat16 : reel_product_float32
    self.product = product
    let (kernels, scratch) = (kernels, kernels.attention_scratch(width, valueWidth))
    keys = Self.packed(key, heads: heads, size: kernels.attention_key_size(count, width)) {
      source, pitch, count, width, target in
      withScratch(scratch) { kernels.attention_pack_keys(product, source, pitch, count, width, target, $0) }
    }
    values = Self.packed(value, heads: heads, size: kernels.attention_value_size(count, valueWidth)) {
      kernels.attention_pack_values(product, $0, $1, $2, $3, $4)
    }
  }

  /// The keys, or the values, of each head in panels.
  private static func packed(
    _ tokens: Tensor, heads: Int, size: Int,
    _ pack: (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let (count, width) = (tokens.shape[-2], tokens.shape[-1] / heads)
    let batch = tokens.shape.rank == 3 ? tokens.shape[0] : 1
    return tokens.withFloats { input in
      Tensor([batch * heads, size]) { output in
        guard let source = input.baseAddress, let target = output.baseAddress, size > 0 else { return }
        dispatch(batch * heads, grain: max(1, 16384 / size)) { range in
          for pair in range {
            let start = pair / heads * count * heads * width + pair % heads * width
            pack(source + start, heads * width, count, width, target + pair * size)
          }
        }
      }
    }
  }

  /// softmax(scale·q·kᵀ + bias + keyBias)·v, for every head on its own columns: see
  /// ``Tensor/attention(query:key:value:heads:scale:bias:keyBias:precision:)``.
  ///
  /// - Parameter query: `[Tq, heads·D]` or `[B, Tq, heads·D]`.
  /// - Returns: `[Tq, heads·E]` or `[B, Tq, heads·E]`.
  public func attended(
    by query: Tensor, scale: Float, bias: Tensor? = nil, keyBias: Tensor? = nil
  ) -> Tensor {
    let queries = query.shape[-2]
    precondition(
      query.shape[-1] == heads * width && query.shape.rank == (batch == nil ? 2 : 3)
        && query.shape[0] == batch ?? query.shape[0],
      "attention of \(query.shape) over \(batch ?? 1) sequences with \(heads) heads of \(width)")
    precondition(
      bias.map { $0.shape == [heads, queries, count] } ?? true,
      "a bias of \(bias?.shape ?? []) for \(heads) heads, \(queries) queries, \(count) keys")
    precondition(
      keyBias.map { $0.shape == [count] } ?? true, "a key bias of \(keyBias?.shape ?? []) for \(count) keys")
    let scratch = kernels.attention_scratch(width, valueWidth)
    // Blocks of queries as equal as can be.
    let blocks = (queries + kernels.attention_rows - 1) / kernels.attention_rows
    let rows = blocks > 0 ? (queries + blocks - 1) / blocks : 0
    defer { withExtendedLifetime((query, self, bias, keyBias)) {} }
    return Tensor(query.shape.replacing(-1, with: heads * valueWidth)) { output in
      guard let target = output.baseAddress, output.count > 0 else { return }
      dispatch((batch ?? 1) * heads * blocks, grain: 1) { range in
        withScratch(scratch) { scratch in
          for part in range {
            let (pair, first) = (part / blocks, part % blocks * rows)
            guard first < queries else { continue }
            var attention = head(pair, query, scale, bias, keyBias, target)
            kernels.attend(&attention, first, min(rows, queries - first), scratch)
          }
        }
      }
    }
  }

  /// Head `pair % heads` of sequence `pair / heads`.
  private func head(
    _ pair: Int, _ query: Tensor, _ scale: Float, _ bias: Tensor?, _ keyBias: Tensor?,
    _ output: UnsafeMutablePointer<Float>
  ) -> ReelAttention {
    let (sequence, head, queries) = (pair / heads, pair % heads, query.shape[-2])
    return ReelAttention(
      query: query.floats.baseAddress! + sequence * queries * heads * width + head * width,
      query_pitch: heads * width, query_count: queries, product: product,
      keys: keys.floats.baseAddress! + pair * keys.shape[1],
      values: values.floats.baseAddress! + pair * values.shape[1], key_count: count, width: width,
      value_width: valueWidth, scale: scale,
      bias: bias.map { UnsafePointer($0.floats.baseAddress!) + head * queries * count },
      key_bias: keyBias.map { UnsafePointer($0.floats.baseAddress!) },
      output: output + sequence * queries * heads * valueWidth + head * valueWidth,
      output_pitch: heads * valueWidth)
  }
}
