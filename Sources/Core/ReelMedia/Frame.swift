// One picture of a film: 8-bit RGB in sRGB encoding.

/// A width and a height in pixels, written "1920x1080".
public struct Size: Hashable, Sendable, CustomStringConvertible {
  public let width: Int
  public let height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Reads "1920x1080"; `nil` for anything else, or a side outside 1…16384.
  public init?(_ text: some StringProtocol) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false)
    guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]),
      (1...16384).contains(width), (1...16384).contains(height), "\(width)x\(height)" == text
    else { return nil }
    self.init(width: width, height: height)
  }

  public var description: String { "\(width)x\(height)" }
}

/// A picture: `height` rows of `width` pixels of red, green, blue, one byte each, sRGB-encoded, no padding.
public struct Frame: Hashable, Sendable {
  public let size: Size
  /// `size.height * size.width * 3` bytes, row by row from the top.
  public var pixels: [UInt8]

  public var width: Int { size.width }
  public var height: Int { size.height }

  public init(size: Size, pixels: [UInt8]) {
    precondition(pixels.count == size.width * size.height * 3, "three bytes a pixel")
    self.size = size
    self.pixels = pixels
  }

  /// A frame of one colour.
  public init(size: Size, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) {
    self.size = size
    pixels = Array(unsafeUninitializedCapacity: size.width * size.height * 3) { buffer, count in
      for pixel in 0..<size.width * size.height {
        buffer[3 * pixel] = red
        buffer[3 * pixel + 1] = green
        buffer[3 * pixel + 2] = blue
      }
      count = buffer.count
    }
  }
}
