// A picture with opacity: a logo, an end card, a rendered line of text.

extension Size {
  /// The most pixels that a picture or a frame may have: 64 Mi, twice an 8K frame. Bounds what a hostile file
  /// can make us allocate.
  public static let maximumPixels = 1 << 26

  /// The longest side that a picture or a frame may have, in pixels.
  public static let maximumSide = 16384

  /// Width × height.
  public var pixels: Int { width * height }
}

/// A picture: `height` rows of `width` pixels of red, green, blue, alpha, one byte each, sRGB-encoded,
/// straight (not premultiplied) alpha, no padding.
public struct Image: Hashable, Sendable {
  public let size: Size
  /// `size.height * size.width * 4` bytes, row by row from the top.
  public var pixels: [UInt8]

  public var width: Int { size.width }
  public var height: Int { size.height }

  public init(size: Size, pixels: [UInt8]) {
    precondition(pixels.count == size.pixels * 4, "four bytes a pixel")
    self.size = size
    self.pixels = pixels
  }

  /// The opaque picture of a frame.
  public init(_ frame: Frame) {
    size = frame.size
    pixels = [UInt8](unsafeUninitializedCapacity: frame.size.pixels * 4) { target, count in
      frame.pixels.withUnsafeBufferPointer { source in
        for pixel in 0..<frame.size.pixels {
          for channel in 0..<3 { target[4 * pixel + channel] = source[3 * pixel + channel] }
          target[4 * pixel + 3] = 255
        }
      }
      count = target.count
    }
  }
}
