// What is known of a film before it is made, as numbers: whole frames, parts of frames, none.

import ReelMedia
import ReelTensor

/// The pixels that are given, frame by frame.
struct KnownFilm: Sendable {
  struct Picture: Sendable {
    /// `[H, W, 3]` in −1…1.
    let pixels: Tensor
    /// `[H, W]` in 0…1: 1 where the pixel is to be made; `nil` where the whole frame is given.
    var open: Tensor?
  }

  /// 1 + temporalFactor·k.
  let frameCount: Int
  let height: Int
  let width: Int
  /// The frames of which something is given, by index.
  var pictures: [Int: Picture] = [:]

  /// The given pixels of frames, `[count, H, W, 3]`; the others are 0, which is grey.
  func known(_ range: Range<Int>) -> Tensor { pixels(range, open: false) }

  /// The pixels that are given where frames are to be made, `[count, H, W, 3]`: what stood there before.
  func replaced(_ range: Range<Int>) -> Tensor { pixels(range, open: true) }

  /// `[count, H, W]`: 1 where a pixel is to be made.
  func openness(_ range: Range<Int>) -> Tensor {
    Tensor.concatenated(
      range.map { frame in
        guard let picture = pictures[frame] else { return Tensor([1, height, width], repeating: 1) }
        return picture.open?.reshaped(1, height, width) ?? .zeros([1, height, width])
      })
  }

  /// How many frames from the first on are wholly given.
  var leadingFrames: Int {
    (0..<frameCount).first { pictures[$0] == nil || pictures[$0]!.open != nil } ?? frameCount
  }

  private func pixels(_ range: Range<Int>, open: Bool) -> Tensor {
    Tensor.concatenated(
      range.map { frame in
        guard let picture = pictures[frame] else { return .zeros([1, height, width, 3]) }
        guard let mask = picture.open else {
          return open ? .zeros([1, height, width, 3]) : picture.pixels.reshaped(1, height, width, 3)
        }
        // The reference decides for each pixel, at one half.
        let chosen = Tensor([height, width, 1]) { chosen in
          for (pixel, value) in mask.elements.enumerated() { chosen[pixel] = (value > 0.5) == open ? 1 : 0 }
        }
        return (picture.pixels * chosen).reshaped(1, height, width, 3)
      })
  }
}

extension Tensor {
  /// A frame's pixels in −1…1, `[H, W, 3]`.
  init(pixelsOf frame: Frame) {
    self.init([frame.height, frame.width, 3]) { output in
      for (index, byte) in frame.pixels.enumerated() { output[index] = Float(byte) / 255 * 2 - 1 }
    }
  }

  /// A picture fitted into a frame of `height`×`width` on white, `[H, W, 3]` in −1…1: as the reference prepares
  /// VACE's reference images. Their sides are first made multiples of the autoencoder's `factor`; then they are fitted
  /// (bilinear, corners not aligned, without smoothing).
  init(fitting picture: Frame, height: Int, width: Int, factor: Int) {
    let frame = picture.resampled(
      to: Size(
        width: max(1, picture.width / factor) * factor, height: max(1, picture.height / factor) * factor),
      by: .lanczos)
    let scale = min(Double(height) / Double(frame.height), Double(width) / Double(frame.width))
    let (tall, wide) = (Int(Double(frame.height) * scale), Int(Double(frame.width) * scale))
    let (top, left) = ((height - tall) / 2, (width - wide) / 2)
    let source = Tensor(pixelsOf: frame)
    let rows = Self.neighbours(tall, of: frame.height)
    let columns = Self.neighbours(wide, of: frame.width)
    self = source.withFloats { input in
      Tensor([height, width, 3]) { output in
        output.update(repeating: 1)
        for (y, row) in rows.enumerated() {
          for (x, column) in columns.enumerated() {
            for colour in 0..<3 {
              func at(_ y: Int, _ x: Int) -> Float { input[(y * frame.width + x) * 3 + colour] }
              let upper =
                at(row.low, column.low) * (1 - column.share) + at(row.low, column.high) * column.share
              let lower =
                at(row.high, column.low) * (1 - column.share) + at(row.high, column.high) * column.share
              output[((top + y) * width + left + x) * 3 + colour] =
                upper * (1 - row.share) + lower * row.share
            }
          }
        }
      }
    }
  }

  /// For each of `count` places along an axis of `extent` pixels the two that it lies between.
  private static func neighbours(_ count: Int, of extent: Int) -> [(low: Int, high: Int, share: Float)] {
    let step = Float(extent) / Float(max(count, 1))
    return (0..<count).map { index in
      let place = max(0, (Float(index) + 0.5) * step - 0.5)
      let low = min(Int(place), extent - 1)
      return (low, min(low + 1, extent - 1), place - Float(low))
    }
  }
}
