// Pictures that are given to the generating stages: read from PNG files, and brought to the size that is made.

extension Sampling {
  /// A PNG picture; what is transparent in it lies on white.
  public static func picture(_ path: String) throws -> Frame {
    let image = try Image(png: path)
    var frame = Frame(size: image.size)
    for pixel in 0..<image.size.pixels {
      let alpha = Int(image.pixels[4 * pixel + 3])
      for colour in 0..<3 {
        let own = Int(image.pixels[4 * pixel + colour])
        frame.pixels[3 * pixel + colour] = UInt8((own * alpha + 255 * (255 - alpha) + 127) / 255)
      }
    }
    return frame
  }

  /// A mask of `size` from a PNG picture: for every pixel how bright it is, 255 for white.
  public static func mask(_ path: String, size: Size) throws -> [UInt8] {
    let frame = try picture(path).filling(size)
    return (0..<size.pixels).map { pixel in
      let colours = frame.pixels[3 * pixel..<3 * pixel + 3]
      return UInt8((colours.reduce(0) { $0 + Int($1) } + 1) / 3)
    }
  }
}

extension Frame {
  /// The picture at another size, filling it: what does not fit the shape is cut off on both sides alike.
  public func filling(_ target: Size) -> Frame {
    if size == target { return self }
    let scale = max(
      Double(target.width) / Double(width), Double(target.height) / Double(height))
    let (seenWidth, seenHeight) = (Double(target.width) / scale, Double(target.height) / scale)
    let region = Region(
      x: max(0, (Double(width) - seenWidth) / 2), y: max(0, (Double(height) - seenHeight) / 2),
      width: min(Double(width), seenWidth), height: min(Double(height), seenHeight))
    return Resampler(from: size, region: region, to: target, filter: .lanczos)(self)
  }

  /// This frame where `mask` is 0, `other` where it is 255, and between the two in proportion.
  public func blended(with other: Frame, by mask: [UInt8]) -> Frame {
    precondition(size == other.size && mask.count == size.pixels, "frames and mask of one size")
    var result = self
    for (pixel, share) in mask.enumerated() where share > 0 {
      for place in 3 * pixel..<3 * pixel + 3 {
        let sum = Int(pixels[place]) * (255 - Int(share)) + Int(other.pixels[place]) * Int(share)
        result.pixels[place] = UInt8((sum + 127) / 255)
      }
    }
    return result
  }
}
