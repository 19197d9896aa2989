// The reference of linear layers, convolutions and attention.

extension Reference {
  /// Σₖ x[m, k]·weight[n, k] + bias[n].
  public static func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let (a, w, b) = (x.elements, weight.elements, bias?.elements)
    let rows = x.shape.rowCount
    return Tensor(x.shape.replacing(-1, with: outputs)) { output in
      for m in 0..<rows {
        for n in 0..<outputs {
          var sum = Double(b?[n] ?? 0)
          for k in 0..<inputs { sum += Double(a[m * inputs + k]) * Double(w[n * inputs + k]) }
          output[m * outputs + n] = Float(sum)
        }
      }
    }
  }

  /// Every row as the bytes that stand for it: the greatest magnitude is 127.
  public static func quantized(_ x: Tensor) -> Tensor {
    mappedRows(x) { _, row in
      let scale = row.reduce(0) { max($0, abs($1)) } / 127
      return scale == 0 ? row : row.map { ($0 / scale).rounded(.toNearestOrEven) * scale }
    }
  }

  /// Σ x[t·st + kt − history, y·sy + ky − top, x·sx + kx − left, cin]·weight[cout, cin, kt, ky, kx] + bias[cout].
  public static func convolution(
    _ x: Tensor, history: Tensor?, weight: Tensor, bias: Tensor?, stride: Convolution.Stride,
    padding: Convolution.Padding, historyFrames: Int, outputShape: Shape
  ) -> Tensor {
    let missing = historyFrames - (history?.shape[0] ?? 0)
    let all = history.map { Tensor.concatenated([$0, x]) } ?? x
    let padded = all.zeroPadded(padding, front: missing)
    let (input, w, b) = (padded.elements, weight.elements, bias?.elements)
    let window = weight.shape
    let channels = window[1]
    let taps = window[2] * window[3] * window[4]
    return tabulated(outputShape) { index in
      let cout = index[3]
      var sum = Double(b?[cout] ?? 0)
      for kt in 0..<window[2] {
        for ky in 0..<window[3] {
          for kx in 0..<window[4] {
            let t = index[0] * stride.time + kt
            let row = index[1] * stride.height + ky
            let column = index[2] * stride.width + kx
            let start = ((t * padded.shape[1] + row) * padded.shape[2] + column) * channels
            let tap = (kt * window[3] + ky) * window[4] + kx
            for cin in 0..<channels {
              sum += Double(input[start + cin]) * Double(w[(cout * channels + cin) * taps + tap])
            }
          }
        }
      }
      return Float(sum)
    }
  }

  /// x where it is 0 or more, x·slope below; `[…, C]` with slopes `[C]`.
  public static func rectified(_ x: Tensor, slopes: Tensor) -> Tensor {
    let (input, slopes) = (x.elements, slopes.elements)
    return Tensor(x.shape) { output in
      for index in output.indices {
        output[index] = input[index] < 0 ? input[index] * slopes[index % slopes.count] : input[index]
      }
    }
  }

  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float, bias: Tensor?, keyBias: Tensor?
  ) -> Tensor {
    let batch = query.shape.rank == 3 ? query.shape[0] : 1
    let (queries, keys) = (query.shape[-2], key.shape[-2])
    let (width, valueWidth) = (query.shape[-1] / heads, value.shape[-1] / heads)
    let (q, k, v) = (query.elements, key.elements, value.elements)
    let (pairBias, eachBias) = (bias?.elements, keyBias?.elements)
    return tabulatedRows(query.shape.replacing(-1, with: value.shape[-1]), width: valueWidth) { row in
      let head = row % heads
      let m = row / heads % queries
      let b = row / heads / queries
      precondition(b < batch)
      let scores = (0..<keys).map { n in
        var sum = 0.0
        for d in 0..<width {
          sum +=
            Double(q[((b * queries + m) * heads + head) * width + d])
            * Double(k[((b * keys + n) * heads + head) * width + d])
        }
        return sum * Double(scale) + Double(pairBias?[(head * queries + m) * keys + n] ?? 0)
          + Double(eachBias?[n] ?? 0)
      }
      let weights = softmax(scores)
      return (0..<valueWidth).map { d in
        (0..<keys).reduce(0.0) {
          $0 + weights[$1] * Double(v[((b * keys + $1) * heads + head) * valueWidth + d])
        }
      }
    }
  }

  /// A tensor made of consecutive runs of `width` elements.
  private static func tabulatedRows(_ shape: Shape, width: Int, _ row: (Int) -> [Double]) -> Tensor {
    Tensor(shape) { output in
      for index in 0..<(shape.count / max(width, 1)) {
        for (column, value) in row(index).enumerated() { output[index * width + column] = Float(value) }
      }
    }
  }
}
