// The network over a picture of any height, some rows at a time.

import ReelMedia
import ReelTensor

extension SuperResolution {
  /// The picture `scale` times as large.
  ///
  /// - Parameter picture: `[H, W, 3]`, sRGB code values from 0 to 1; the result is `[s·H, s·W, 3]`, and what the network
  ///   makes of it may lie a little outside 0 to 1.
  ///
  /// Rows flow through the layers as frames flow through a causal convolution: a layer keeps the last two rows that it
  /// saw, and gives a row once the one below it is known. So a layer never holds more than a band of rows, nothing is
  /// computed twice, and neither the height of a band nor the number of threads changes a bit of the result.
  public func callAsFunction(_ picture: Tensor) -> Tensor {
    self(picture, bandHeight: max(1, Self.bandPositions / max(1, picture.shape[1])))
  }

  /// Positions in a band: 16384 with 48 channels are three megabytes, which stay in the cache from layer to layer.
  private static let bandPositions = 16384

  /// As above, with `bandHeight` rows of the picture, 1 or more, going through the layers at a time.
  public func callAsFunction(_ picture: Tensor, bandHeight: Int) -> Tensor {
    precondition(picture.shape.rank == 3 && picture.shape[2] == 3, "a picture of \(picture.shape)")
    let (height, width) = (picture.shape[0], picture.shape[1])
    return Tensor([height * scale, width * scale, 3]) { output in
      guard height > 0, width > 0 else { return }
      var streams = layers.map { RowStream(layer: $0) }
      var written = 0
      for first in stride(from: 0, to: height, by: bandHeight) {
        let end = min(first + bandHeight, height)
        // [rows, 1, W, C]: a row is a frame of one line.
        var rows: Tensor? = picture.sliced(first..<end).reshaped(end - first, 1, width, 3)
        for index in streams.indices { rows = streams[index].next(rows, isLast: end == height) }
        guard let rows else { continue }
        shuffle(rows, onto: picture, from: written, into: output)
        written += rows.shape[0]
      }
    }
  }

  /// Adds to the picture's rows from `first` on, each pixel s×s times, what the last layer made of them:
  /// output[s·y + i, s·x + j, c] = picture[y, x, c] + rows[y − first, x, (c·s + i)·s + j].
  private func shuffle(
    _ rows: Tensor, onto picture: Tensor, from first: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    let (width, scale) = (picture.shape[1], scale)
    let channels = 3 * scale * scale
    rows.withFloats { rows in
      picture.withFloats { picture in
        nonisolated(unsafe) let (rows, picture, output) = (rows, picture, output)
        parallel(for: rows.count / (width * channels)) { range in
          for y in range {
            for i in 0..<scale {
              let target = output.baseAddress! + ((first + y) * scale + i) * width * scale * 3
              for x in 0..<width {
                let source = rows.baseAddress! + (y * width + x) * channels + i * scale
                let pixel = picture.baseAddress! + ((first + y) * width + x) * 3
                for j in 0..<scale {
                  for c in 0..<3 {
                    target[(x * scale + j) * 3 + c] = pixel[c] + source[c * scale * scale + j]
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// The picture `[H, W, 3]`, from 0 to 1, `scale` times as large, `passes` times over, from 0 to 1 again; nothing is
  /// rounded.
  ///
  /// - Throws: ``ModelError`` where the weights give what is no number.
  public func enlarged(_ picture: Tensor, passes: Int = 1) throws(ModelError) -> Tensor {
    var picture = picture
    for _ in 0..<passes {
      picture = self(picture)
      // What lies outside 0 to 1 is no colour that a network was trained on.
      let isFinite = picture.withMutableFloats { values in
        var isFinite = true
        for index in values.indices {
          isFinite = isFinite && values[index].isFinite
          values[index] = max(0, min(1, values[index]))
        }
        return isFinite
      }
      guard isFinite else {
        throw .malformed(
          file: path, reason: "the upscaler gave pixels that are not numbers; its weights are damaged")
      }
    }
    return picture
  }
}

/// One layer, and the rows that its next output needs.
private struct RowStream {
  let layer: Convolution
  private var history: Tensor?
  private var isFirst = true

  init(layer: Convolution) { self.layer = layer }

  /// The rows `[n, 1, W, Cin]` that come next → the rows that are now known `[m, 1, W, Cout]`: one fewer than came with
  /// the first, one more with the last.
  mutating func next(_ rows: Tensor?, isLast: Bool) -> Tensor? {
    var input = rows
    if isLast {
      // Below the picture lies a row of zeros, as above it.
      let width = (rows ?? history)!.shape[2]
      let zeros = Tensor.zeros([1, 1, width, layer.inputChannels])
      input = rows.map { Tensor.concatenated([$0, zeros]) } ?? zeros
    }
    guard let input else { return nil }
    let output = layer(input, history: &history)
    guard isFirst else { return output }
    // The window's middle lay above the picture.
    isFirst = false
    return input.shape[0] > 1 ? output.sliced(1..<output.shape[0]) : nil
  }
}

extension Frame {
  /// `[H, W, 3]`, from 0 to 1.
  public var codeValues: Tensor {
    Tensor([height, width, 3]) { output in
      pixels.withUnsafeBufferPointer { pixels in
        for index in output.indices { output[index] = Float(pixels[index]) / 255 }
      }
    }
  }

  /// The frame of `[H, W, 3]` code values from 0 to 1, rounded to the nearest of 256; those outside are clipped.
  public init(codeValues: Tensor) {
    let pixels = [UInt8](unsafeUninitializedCapacity: codeValues.count) { bytes, count in
      codeValues.withFloats { values in
        for index in values.indices { bytes[index] = UInt8(max(0, min(1, values[index])) * 255 + 0.5) }
      }
      count = codeValues.count
    }
    self.init(size: Size(width: codeValues.shape[1], height: codeValues.shape[0]), pixels: pixels)
  }
}
