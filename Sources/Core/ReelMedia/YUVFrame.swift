// Frames as video codecs take them: luma and halved colour differences, BT.709, limited range.

/// A frame in Y′CbCr 4:2:0 of 8 bits, BT.709, limited range: luma 16…235, colour differences 16…240 around
/// 128. Each colour difference stands for 2 × 2 pixels and is sited as H.264 has it by default: on the left
/// column, between the rows.
public struct YUVFrame: Sendable {
  /// Both sides even.
  public let size: Size
  /// [height × width]
  public let luma: [UInt8]
  /// [height/2 × width/2]
  public let blueDifference: [UInt8]
  /// [height/2 × width/2]
  public let redDifference: [UInt8]

  /// Converts a frame with even sides. Every value is the exact one, rounded half up once.
  ///
  /// The code values of sRGB are taken for those of BT.709 as they are: films are graded on displays that
  /// apply nearly the sRGB curve, and players show BT.709 the same way. Only the matrix and the range change.
  ///
  /// ITU-R BT.709-6, items 3.2 to 3.5: Y = 0.2126 R + 0.7152 G + 0.0722 B, Cb = (B − Y) / 1.8556,
  /// Cr = (R − Y) / 1.5748, in 5000ths to stay whole: 1063, 3576, 361.
  public init(_ frame: Frame) {
    precondition(frame.width % 2 == 0 && frame.height % 2 == 0, "4:2:0 wants even sides")
    size = frame.size
    luma = Self.luma(frame)
    (blueDifference, redDifference) = Self.differences(frame)
  }

  /// 16 + 219 · Y / 255, rounded: Y = (1063 R + 3576 G + 361 B) / 5000 and 219 / 255 = 73 / 85.
  private static func luma(_ frame: Frame) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: frame.size.pixels) { luma, count in
      frame.pixels.withUnsafeBufferPointer { pixels in
        for index in 0..<frame.size.pixels {
          let red = UInt32(pixels[3 * index])
          let green = UInt32(pixels[3 * index + 1])
          let blue = UInt32(pixels[3 * index + 2])
          let sum = 1063 &* red &+ 3576 &* green &+ 361 &* blue
          luma[index] = UInt8(truncatingIfNeeded: 16 &+ (73 &* sum &+ 212_500) / 425_000)
        }
      }
      count = luma.count
    }
  }

  private static func differences(_ frame: Frame) -> (blue: [UInt8], red: [UInt8]) {
    let (width, height) = (frame.width / 2, frame.height / 2)
    var reds = [UInt8](repeating: 0, count: width * height)
    let blues = [UInt8](unsafeUninitializedCapacity: width * height) { blues, count in
      reds.withUnsafeMutableBufferPointer { reds in
        frame.pixels.withUnsafeBufferPointer { pixels in
          for y in 0..<height {
            let rows = pixels.baseAddress! + 2 * y * frame.width * 3
            differences(
              rows, rows + frame.width * 3, width: width, blues.baseAddress! + y * width,
              reds.baseAddress! + y * width)
          }
        }
      }
      count = blues.count
    }
    return (blues, reds)
  }

  /// One row of both differences from two rows of pixels. Along a row the weights are 1, 2, 1 about the even
  /// column, the picture's first column standing in for the one before it; both rows weigh the same: 8 in
  /// all.
  private static func differences(
    _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, width: Int,
    _ blues: UnsafeMutablePointer<UInt8>, _ reds: UnsafeMutablePointer<UInt8>
  ) {
    // The column left of the first pixel.
    var left = column(upper, lower, 0)
    for x in 0..<width {
      let centre = column(upper, lower, 6 * x)
      let right = column(upper, lower, 6 * x + 3)
      let sum = left &+ 2 &* centre &+ right
      left = right
      // (B − Y) and (R − Y) in 5000ths, times the weight of 8.
      let blue = 4639 &* sum.z &- 1063 &* sum.x &- 3576 &* sum.y
      let red = 3937 &* sum.x &- 3576 &* sum.y &- 361 &* sum.z
      // 128 + 224 · blue / (8 · 5000 · 1.8556 · 255), likewise red with 1.5748; 257/2 is 128 and the half.
      blues[x] = UInt8(truncatingIfNeeded: (28 &* blue &+ 257 &* 1_182_945) / (2 &* 1_182_945))
      reds[x] = UInt8(truncatingIfNeeded: (28 &* red &+ 257 &* 1_003_935) / (2 &* 1_003_935))
    }
  }

  /// The sum of two pixels, one below the other.
  @inline(__always)
  private static func column(
    _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, _ offset: Int
  ) -> SIMD4<Int32> {
    SIMD4(
      Int32(upper[offset]) + Int32(lower[offset]), Int32(upper[offset + 1]) + Int32(lower[offset + 1]),
      Int32(upper[offset + 2]) + Int32(lower[offset + 2]), 0)
  }
}
