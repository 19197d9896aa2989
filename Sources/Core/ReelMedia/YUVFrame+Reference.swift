// Between RGB and Y′CbCr in plain words: slow, readable, kept so that the fast way can be checked against it.

extension YUVFrame {
  /// What ``init(_:subsampling:)`` gives, value by value from the standard, in whole numbers throughout.
  public static func reference(_ frame: Frame, subsampling: ChromaSubsampling = .both) -> YUVFrame {
    let (width, height) = (frame.width, frame.height)
    func pixel(_ x: Int, _ y: Int) -> [Int] {
      let start = (y * width + max(x, 0)) * 3
      return (start..<start + 3).map { Int(frame.pixels[$0]) }
    }
    var (luma, blues, reds): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
    for y in 0..<height {
      for x in 0..<width {
        // 16 + 219 Y / 255.
        luma.append(rounded(16 * 10000 * 255 + 219 * brightness(pixel(x, y)), over: 10000 * 255))
      }
    }
    let rows = subsampling == .both ? 2 : 1
    for y in stride(from: 0, to: height, by: rows) {
      for x in stride(from: 0, to: width, by: 2) {
        var sum = [0, 0, 0]
        for row in y..<y + rows {
          for (column, weight) in [(x - 1, 1), (x, 2), (x + 1, 1)] {
            for (channel, value) in pixel(column, row).enumerated() { sum[channel] += weight * value }
          }
        }
        // 128 + 224 (B − Y) / 1.8556 / 255, of a sum of this weight.
        func difference(_ channel: Int, _ divisor: Int) -> UInt8 {
          let scale = 4 * rows * divisor * 255
          return rounded(128 * scale + 224 * (10000 * sum[channel] - brightness(sum)), over: scale)
        }
        blues.append(difference(2, 18556))
        reds.append(difference(0, 15748))
      }
    }
    return YUVFrame(
      size: frame.size, subsampling: subsampling, luma: luma, blueDifference: blues, redDifference: reds)
  }

  /// 10000 Y.
  private static func brightness(_ colour: [Int]) -> Int {
    2126 * colour[0] + 7152 * colour[1] + 722 * colour[2]
  }

  /// The quotient, rounded half up.
  private static func rounded(_ numerator: Int, over denominator: Int) -> UInt8 {
    UInt8((2 * numerator + denominator) / (2 * denominator))
  }
}

extension Frame {
  /// What ``init(_:)`` gives of a frame in Y′CbCr, value by value from the standard, in whole numbers throughout.
  public static func reference(_ yuv: YUVFrame) -> Frame {
    let (width, height) = (yuv.size.width, yuv.size.height)
    var pixels: [UInt8] = []
    for y in 0..<height {
      let (near, far) = yuv.differenceRows(of: y)
      for x in 0..<width {
        // 8 · 224 Cb and 8 · 224 Cr.
        func difference(_ plane: [UInt8]) -> Int {
          let columns = [x / 2, min((x + 1) / 2, width / 2 - 1)]
          let sum = columns.reduce(0) { sum, column in
            sum + 3 * Int(plane[near * width / 2 + column]) + Int(plane[far * width / 2 + column])
          }
          return sum - 8 * 128
        }
        let (blue, red) = (difference(yuv.blueDifference), difference(yuv.redDifference))
        let luma = Int(yuv.luma[y * width + x]) - 16
        // R = Y + 1.5748 Cr, G = Y − (0.0722 · 1.8556 Cb + 0.2126 · 1.5748 Cr) / 0.7152, B = Y + 1.8556 Cb, over
        // their common denominator.
        let scale = 219 * 8 * 224 * 10000
        let grey = luma * 8 * 224 * 10000
        pixels.append(rounded(255 * (grey + 219 * 15748 * red), over: scale))
        let green = 7152 * grey - 219 * (722 * 18556 * blue + 2126 * 15748 * red)
        pixels.append(rounded(255 * green, over: 7152 * scale))
        pixels.append(rounded(255 * (grey + 219 * 18556 * blue), over: scale))
      }
    }
    return Frame(size: yuv.size, pixels: pixels)
  }

  /// The quotient, rounded half up, from 0 to 255.
  private static func rounded(_ numerator: Int, over denominator: Int) -> UInt8 {
    UInt8(max(0, min(255, (2 * numerator + denominator) / (2 * denominator))))
  }
}
