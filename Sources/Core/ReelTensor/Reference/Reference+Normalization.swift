// The reference of norms and softmax.

extension Reference {
  public static func softmax(_ x: Tensor) -> Tensor { mappedRows(x) { softmax($1) } }

  static func softmax(_ row: [Double]) -> [Double] {
    let greatest = row.max() ?? 0
    let weights = row.map { exponential($0 - greatest) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  public static func layerNorm(_ x: Tensor, weight: Tensor?, bias: Tensor?, epsilon: Float) -> Tensor {
    let (w, b) = (weight?.elements, bias?.elements)
    return mappedRows(x) { _, row in
      standardized(row, epsilon: epsilon).enumerated().map { column, value in
        value * Double(w?[column] ?? 1) + Double(b?[column] ?? 0)
      }
    }
  }

  public static func modulatedLayerNorm(_ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Float) -> Tensor {
    let (s, t) = (scale.elements, shift.elements)
    let width = x.shape[-1]
    return mappedRows(x) { row, values in
      standardized(values, epsilon: epsilon).enumerated().map { column, value in
        let place = row * width + column
        return value * (1 + Double(s[place % s.count])) + Double(t[place % t.count])
      }
    }
  }

  public static func rmsNorm(_ x: Tensor, weight: Tensor?, epsilon: Float) -> Tensor {
    let w = weight?.elements
    return mappedRows(x) { _, row in
      let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
      let factor = 1 / (meanSquare + Double(epsilon)).squareRoot()
      return row.enumerated().map { $1 * factor * Double(w?[$0] ?? 1) }
    }
  }

  public static func channelNorm(_ x: Tensor, gamma: Tensor, activation: Activation) -> Tensor {
    let g = gamma.elements
    return mappedRows(x) { _, row in
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = Double(row.count).squareRoot() / max(length, 1e-12)
      return row.enumerated().map { activated($1 * factor * Double(g[$0]), activation) }
    }
  }

  private static func standardized(_ row: [Double], epsilon: Float) -> [Double] {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    let factor = 1 / (variance + Double(epsilon)).squareRoot()
    return row.map { ($0 - mean) * factor }
  }
}
