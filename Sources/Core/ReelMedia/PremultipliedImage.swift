// Pictures that are put over frames.
import CKernels
import ReelTensor

/// A picture made ready to be put on many frames: its colours multiplied by alpha, and apart from it, as frames are laid
/// out, so that blending is one pass over bytes.
public struct PremultipliedImage: Hashable, Sendable {
  public let size: Size
  /// [height × width × 3], no byte greater than its pixel's cover.
  public let colour: [UInt8]
  /// [height × width] The alpha.
  public let cover: [UInt8]

  public init(size: Size, colour: [UInt8], cover: [UInt8]) {
    precondition(colour.count == size.pixels * 3 && cover.count == size.pixels, "four bytes a pixel")
    (self.size, self.colour, self.cover) = (size, colour, cover)
  }
}

extension Frame {
  /// Puts a picture over the frame, its top left corner at (`x`, `y`), faded to `opacity` of 255; only what lies inside
  /// is touched.
  ///
  /// frame ← colour·opacity + frame·(1 − cover·opacity), in sRGB's own steps as every compositor does it: each product
  /// of two bytes is the nearest whole number to it over 255. ``blendReference(_:x:y:opacity:)`` is the same in plain
  /// words.
  public mutating func blend(_ image: PremultipliedImage, x: Int = 0, y: Int = 0, opacity: UInt8 = 255) {
    let (left, top) = (max(0, x), max(0, y))
    let (right, bottom) = (min(width, x + image.size.width), min(height, y + image.size.height))
    guard left < right, top < bottom else { return }
    let (kernels, frameWidth) = (mediaKernels, width)
    pixels.withUnsafeMutableBufferPointer { target in
      image.colour.withUnsafeBufferPointer { colour in
        image.cover.withUnsafeBufferPointer { cover in
          dispatch(bottom - top, grain: max(1, 65536 / (right - left))) { rows in
            for row in rows {
              let source = (top + row - y) * image.size.width + left - x
              kernels.blend(
                right - left, colour.baseAddress! + 3 * source, cover.baseAddress! + source, opacity,
                target.baseAddress! + 3 * ((top + row) * frameWidth + left))
            }
          }
        }
      }
    }
  }

  /// What ``blend(_:x:y:opacity:)`` does, byte by byte.
  public mutating func blendReference(
    _ image: PremultipliedImage, x: Int = 0, y: Int = 0, opacity: UInt8 = 255
  ) {
    func product(_ a: UInt8, _ b: UInt8) -> Int { (2 * Int(a) * Int(b) + 255) / 510 }
    for row in max(0, y)..<max(0, y, min(height, y + image.size.height)) {
      for column in max(0, x)..<max(0, x, min(width, x + image.size.width)) {
        let source = (row - y) * image.size.width + column - x
        let clear = UInt8(255 - product(image.cover[source], opacity))
        for channel in 0..<3 {
          let target = (row * width + column) * 3 + channel
          let light = product(image.colour[source * 3 + channel], opacity)
          pixels[target] = UInt8(min(255, light + product(pixels[target], clear)))
        }
      }
    }
  }
}
