// What the autoencoder's layers keep of the frames that have gone by, and of the rows above.

import ReelTensor

/// The past of every layer that looks around, in the order in which a band of frames passes them.
///
/// A film passes in chunks of frames, and a chunk in bands of rows. Whatever these are, each output is computed from the
/// same numbers in the same order as if the whole film had passed at once. A layer gives the rows for which it has seen
/// all that they need, and keeps the lowest of its input's for the band below: so what leaves it lags some rows behind
/// what enters, and the last band brings the rest. Rows are given in pairs, as Winograd's patches hold them.
struct FrameHistory {
  private struct Layer {
    /// The frames before, by band.
    var frames: [Int: Tensor] = [:]
    /// The rows above, by chunk.
    var above: [Int: RowsAbove] = [:]
  }

  /// What a layer keeps of the rows that it was given.
  private struct RowsAbove {
    var rows: Tensor?
    /// Whether the next row that the layer gives is a frame's first one.
    var isAtTop = true
  }

  private var layers: [Layer] = []
  private var cursor = 0
  /// How many bands of each chunk have begun to pass.
  private var bands: [Int: Int] = [:]
  private var chunk = 0
  private var isLastChunk = true
  private var isLastBand = true

  /// Whether the chunk that passes is the first one of the film.
  var isFirstChunk: Bool { chunk == 0 }

  /// To be called before a band of a chunk passes the first layer.
  mutating func begin(chunk: Int, isLastChunk: Bool, isLastBand: Bool = true) {
    (self.chunk, self.isLastChunk, self.isLastBand) = (chunk, isLastChunk, isLastBand)
    bands[chunk, default: 0] += 1
    cursor = 0
  }

  /// One convolution's step: it sees its own past, and the band.
  mutating func convolve(_ x: Tensor, _ convolution: Convolution) -> Tensor {
    convolve(by: convolution) { x.below($0) }
  }

  /// The same of the norm of `x` and SiLU of that.
  mutating func convolve(norm gamma: Tensor, of x: Tensor, _ convolution: Convolution) -> Tensor {
    convolve(by: convolution) { above in
      above.map { x.channelNorm(gamma: gamma, activation: .silu, below: $0) }
        ?? x.channelNorm(gamma: gamma, activation: .silu)
    }
  }

  /// - Parameter input: what the convolution sees, with the rows above on top.
  private mutating func convolve(
    by convolution: Convolution, _ input: (_ above: Tensor?) -> Tensor
  ) -> Tensor {
    let (chunk, band, isLastChunk, isLastBand) = (chunk, bands[chunk]!, isLastChunk, isLastBand)
    return nextLayer { layer in
      let above = layer.above[chunk] ?? RowsAbove()
      let x = input(above.rows)
      var padding = convolution.padding
      if !above.isAtTop { padding.top = 0 }
      if !isLastBand { padding.bottom = 0 }
      let past = layer.frames[band]
      let all = convolution.outputShape(for: x.shape, padding: padding)[1]
      let rows = isLastBand ? all : all / 2 * 2
      layer.frames[band] =
        isLastChunk || rows == 0 ? nil : convolution.nextHistory(after: x, history: past)
      let kept = rows == 0 ? 0 : rows * convolution.stride.height - padding.top
      layer.above[chunk] =
        isLastBand
        ? nil
        : RowsAbove(
          rows: kept == x.shape[1] ? nil : x.rows(kept..<x.shape[1]), isAtTop: above.isAtTop && rows == 0)
      return convolution(x, history: past, padding: padding, rows: rows)
    }
  }

  /// The first `rows` rows of what has passed here and was not given yet: for what goes around layers that lag.
  mutating func delayed(_ x: Tensor, rows: Int) -> Tensor {
    let chunk = chunk
    return nextLayer { layer in
      let above = layer.above[chunk]?.rows ?? Tensor.zeros(x.shape.replacing(1, with: 0))
      let count = above.shape[1] + x.shape[1]
      if rows == x.shape[1], above.shape[1] == 0 { return x }
      layer.above[chunk] =
        rows == count ? nil : RowsAbove(rows: Tensor.rows(rows..<count, of: above, x))
      return Tensor.rows(0..<rows, of: above, x)
    }
  }

  /// Lets a chunk pass a convolution in time by, which only sees its frames as its past.
  mutating func pass(_ x: Tensor, by convolution: Convolution) {
    let band = bands[chunk]!
    nextLayer { layer in
      layer.frames[band] = convolution.nextHistory(after: x, history: layer.frames[band])
    }
  }

  /// Leaves a convolution without a past.
  mutating func skip() { nextLayer { _ in } }

  private mutating func nextLayer<Result>(_ body: (inout Layer) -> Result) -> Result {
    if cursor == layers.count { layers.append(Layer()) }
    defer { cursor += 1 }
    return body(&layers[cursor])
  }
}
