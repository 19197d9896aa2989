// Interpolation along motion in plain words: slow, readable, kept so that the fast way can be checked against it.

extension MotionInterpolation {
  /// What ``callAsFunction(at:)`` gives, pixel by pixel.
  public func reference(at fraction: Float) -> Frame {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(first.pixels.count)
    first.pixels.withUnsafeBufferPointer { firstPixels in
      second.pixels.withUnsafeBufferPointer { secondPixels in
        let pair = Pair(
          first: Sampler(firstPixels.baseAddress!, first.size),
          second: Sampler(secondPixels.baseAddress!, second.size), fraction: fraction)
        for y in 0..<first.height {
          for x in 0..<first.width {
            let value = pixel(pair, x, y)
            for channel in 0..<3 { pixels.append(UInt8(max(0, min(255, value[channel])) + 0.5)) }
          }
        }
      }
    }
    return Frame(size: first.size, pixels: pixels)
  }

  private func pixel(_ pair: Pair, _ x: Int, _ y: Int) -> SIMD4<Float> {
    let position = SIMD2(Float(x), Float(y))
    let side = Float(blockSide)
    // In blocks, from the centre of the first one.
    let place = (position + 0.5) / side - 0.5
    let corner = place.rounded(.down)
    let near = place - corner
    let (column, row) = (Int(corner.x), Int(corner.y))
    var (sum, total, disagreement) = (SIMD4<Float>(), Float(0), Float(0))
    for (right, below) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
      let weight = (right == 1 ? near.x : 1 - near.x) * (below == 1 ? near.y : 1 - near.y)
      guard weight > 0 else { continue }
      let guess = pair.along(vector(column + right, row + below), position)
      let trust = weight / (1 + guess.disagreement * guess.disagreement / 16)
      sum += guess.value * trust
      total += trust
      disagreement += guess.disagreement * trust
    }
    let foretold = sum / total
    let doubt = Self.smoothStep(disagreement / total, from: 16, to: 48)
    guard doubt > 0 else { return foretold }
    return foretold + (pair.mixed(position) - foretold) * doubt
  }

  /// The vector of the block at a column and row; beyond the edge that of the nearest.
  private func vector(_ column: Int, _ row: Int) -> SIMD2<Float> {
    vectors[max(0, min(rows - 1, row)) * columns + max(0, min(columns - 1, column))]
  }

  /// 0 below `low`, 1 above `high`, rising smoothly.
  private static func smoothStep(_ value: Float, from low: Float, to high: Float) -> Float {
    let x = max(0, min(1, (value - low) / (high - low)))
    return x * x * (3 - 2 * x)
  }
}

/// Two frames and a moment between them.
private struct Pair {
  let first: Sampler
  let second: Sampler
  let fraction: Float

  /// What the vector through `position` says of it, and how much both frames disagree, in code values.
  func along(_ vector: SIMD2<Float>, _ position: SIMD2<Float>) -> (value: SIMD4<Float>, disagreement: Float) {
    let from = position - fraction * vector
    let to = position + (1 - fraction) * vector
    let (a, b) = (first[from], second[to])
    // What has come into the picture or left it is only in one of the frames.
    let (isInFirst, isInSecond) = (first.contains(from), second.contains(to))
    if isInFirst != isInSecond { return (isInFirst ? a : b, 0) }
    let difference = a - b
    return (
      a + (b - a) * fraction, (abs(difference.x) + abs(difference.y) + abs(difference.z)) / 3
    )
  }

  /// The plain mix.
  func mixed(_ position: SIMD2<Float>) -> SIMD4<Float> {
    let (a, b) = (first[position], second[position])
    return a + (b - a) * fraction
  }
}

/// Reads a frame between its pixels, by the cubic of Keys (1981) with a = −0.5. A softer kernel would make
/// frames in between look out of focus beside the true ones.
private struct Sampler {
  private let pixels: UnsafePointer<UInt8>
  private let size: Size

  init(_ pixels: UnsafePointer<UInt8>, _ size: Size) {
    self.pixels = pixels
    self.size = size
  }

  func contains(_ position: SIMD2<Float>) -> Bool {
    position.x > -1 && position.y > -1 && position.x < Float(size.width) && position.y < Float(size.height)
  }

  /// Red, green, blue in code values. The edge goes on beyond the picture.
  subscript(position: SIMD2<Float>) -> SIMD4<Float> {
    let corner = position.rounded(.down)
    let (across, down) = (Self.weights(position.x - corner.x), Self.weights(position.y - corner.y))
    let (x, y) = (Int(corner.x), Int(corner.y))
    var sum = SIMD4<Float>()
    for row in 0..<4 {
      let line = pixels + max(0, min(size.height - 1, y + row - 1)) * size.width * 3
      var lineSum = SIMD4<Float>()
      for column in 0..<4 {
        let pixel = line + max(0, min(size.width - 1, x + column - 1)) * 3
        lineSum += SIMD4(Float(pixel[0]), Float(pixel[1]), Float(pixel[2]), 0) * across[column]
      }
      sum += lineSum * down[row]
    }
    return sum
  }

  /// The weights of the pixels at −1, 0, 1 and 2 for a sample at `x`, 0…1.
  private static func weights(_ x: Float) -> SIMD4<Float> {
    SIMD4(
      ((-0.5 * x + 1) * x - 0.5) * x, (1.5 * x - 2.5) * x * x + 1, ((-1.5 * x + 2) * x + 0.5) * x,
      (0.5 * x - 0.5) * x * x)
  }
}
