// Keeping what a network invents from flickering where the footage stands still.

import ReelStage
import ReelTensor

/// Blends each enlarged frame with the one before it where the footage barely changes.
///
/// A network sees one frame at a time, and small changes of its input, grain or rounding, can change the detail that it
/// adds. Where the input is within a few code values of what was seen before, a share of the picture before stays; the
/// memory of the input is blended alike, so that a slow change cannot run away from the picture shown.
struct Steadying {
  /// How many times as large the enlarged frames are.
  let factor: Int
  /// The share of the frame before that stays where nothing changes, 0…1.
  let share: Float
  /// What was seen `[H, W, 3]` and what was shown of it `[f·H, f·W, 3]`.
  private var before: (seen: Tensor, shown: Tensor)?

  /// Changes up to the first, in code values of 255, are noise; from the second on, they are motion.
  private static let noise: Float = 2 / 255
  private static let motion: Float = 6 / 255
  /// How far around a pixel a change counts: a network looks around itself.
  private static let reach = 2

  init(factor: Int, share: Float) { (self.factor, self.share) = (factor, share) }

  /// The next frame as it is to be shown, from the footage's frame `[H, W, 3]` and its enlargement `[f·H, f·W, 3]`.
  mutating func next(_ seen: Tensor, enlarged: Tensor) -> Tensor {
    guard share > 0, let before else {
      self.before = (seen, enlarged)
      return enlarged
    }
    let weights = Self.weights(seen, before.seen, share: share)  // [H, W]
    let shown = Self.blended(enlarged, before.shown, weights: weights, factor: factor)
    self.before = (Self.blended(seen, before.seen, weights: weights, factor: 1), shown)
    return shown
  }

  /// [H, W] The share of the frame before at each pixel: `share` where nothing around it changes, falling smoothly to 0.
  private static func weights(_ now: Tensor, _ before: Tensor, share: Float) -> Tensor {
    let (height, width) = (now.shape[0], now.shape[1])
    let (a, b) = (now.elements, before.elements)
    let changes: [Float] = (0..<height * width).map { pixel in
      (3 * pixel..<3 * pixel + 3).reduce(Float(0)) { change, index in max(change, abs(a[index] - b[index])) }
    }
    return Tensor([height, width]) { weights in
      for y in 0..<height {
        for x in 0..<width {
          var change: Float = 0
          for row in max(0, y - reach)...min(height - 1, y + reach) {
            for column in max(0, x - reach)...min(width - 1, x + reach) {
              change = max(change, changes[row * width + column])
            }
          }
          let t = max(0, min(1, (change - noise) / (motion - noise)))
          weights[y * width + x] = share * (1 - t * t * (3 - 2 * t))
        }
      }
    }
  }

  /// now + w·(before − now), `[f·H, f·W, 3]`; the weights `[H, W]` are read between their pixels along straight lines.
  private static func blended(_ now: Tensor, _ before: Tensor, weights: Tensor, factor: Int) -> Tensor {
    let (height, width) = (weights.shape[0], weights.shape[1])
    let (columns, rows) = (samples(width, factor), samples(height, factor))
    let stride = width * factor * 3
    return now.withFloats { now in
      before.withFloats { before in
        weights.withFloats { weights in
          Tensor([height * factor, width * factor, 3]) { output in
            nonisolated(unsafe) let (now, before, weights, output) = (now, before, weights, output)
            parallel(for: rows.count) { range in
              for y in range {
                let row = rows[y]
                for (x, column) in columns.enumerated() {
                  func across(_ row: Int) -> Float {
                    let first = weights[row * width + column.first]
                    return first + (weights[row * width + column.second] - first) * column.share
                  }
                  let upper = across(row.first)
                  let weight = upper + (across(row.second) - upper) * row.share
                  for index in y * stride + x * 3..<y * stride + x * 3 + 3 {
                    output[index] = now[index] + weight * (before[index] - now[index])
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// [f·count] Between which two of `count` samples each of `factor` times as many lies, and how far from the first.
  private static func samples(_ count: Int, _ factor: Int) -> [(first: Int, second: Int, share: Float)] {
    (0..<count * factor).map { index in
      let place = max(0, min(Float(count - 1), (Float(index) + 0.5) / Float(factor) - 0.5))
      let first = Int(place)
      return (first, min(count - 1, first + 1), place - Float(first))
    }
  }
}
