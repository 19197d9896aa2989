// PNG in and out. The only file that knows libpng.

import CPNG

extension Image {
  /// Reads a PNG of any colour type, bit depth and interlacing as RGBA of 8 bits, converted to sRGB where the
  /// file states another gamma. 16-bit samples without a stated gamma are taken as sRGB-encoded.
  ///
  /// - Throws: ``MediaError`` for a file that cannot be opened, is not a PNG, is damaged, or has more than
  ///   ``Size/maximumPixels`` pixels.
  public init(png path: String) throws(MediaError) {
    let file = try InputFile(path)
    // Compressed data is never larger than this for a picture that we accept.
    guard file.length <= Size.maximumPixels * 8 + (1 << 20), let bytes = try file.read(file.length, at: 0)
    else {
      throw .wrongKind(path: path, expected: "a PNG picture", reason: "\(file.length) bytes are too many")
    }
    self = try Self.decode(bytes, path: path)
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Looks at the first bytes of the file at `path` alone.
  ///
  /// - Throws: ``MediaError`` for a file that cannot be opened or does not begin like a PNG.
  public static func checkSignature(ofPNG path: String) throws(MediaError) {
    try check(InputFile(path).read(signature.count, at: 0) ?? [], path)
  }

  private static func check(_ bytes: [UInt8], _ path: String) throws(MediaError) {
    guard bytes.starts(with: signature) else {
      throw .wrongKind(path: path, expected: "a PNG picture", reason: "it does not begin like one")
    }
  }

  /// Reads the bytes of a PNG file; `path` names them in errors.
  static func decode(_ bytes: [UInt8], path: String) throws(MediaError) -> Image {
    try check(bytes, path)
    var image = png_image()
    image.version = reel_png_version
    defer { png_image_free(&image) }
    let result = bytes.withUnsafeBytes { bytes -> Result<Image, MediaError> in
      guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
        return .failure(.damaged(path: path, part: "the PNG header", reason: message(of: image)))
      }
      let size = Size(width: Int(image.width), height: Int(image.height))
      guard size.width <= Size.maximumSide, size.height <= Size.maximumSide, size.pixels <= Size.maximumPixels
      else { return .failure(.tooLarge(path: path, size: size)) }
      image.format = reel_png_rgba
      image.flags |= reel_png_16bit_srgb
      let pixels = [UInt8](unsafeUninitializedCapacity: size.pixels * 4) { pixels, count in
        if png_image_finish_read(&image, nil, pixels.baseAddress, 0, nil) != 0 { count = size.pixels * 4 }
      }
      guard !pixels.isEmpty else {
        return .failure(.damaged(path: path, part: "the PNG picture", reason: message(of: image)))
      }
      return .success(Image(size: size, pixels: pixels))
    }
    return try result.get()
  }

  /// Writes the picture as an 8-bit RGBA PNG in sRGB.
  public func writePNG(_ path: String) throws(MediaError) {
    try encodePNG(pixels, size: size, format: reel_png_rgba, path: path)
  }
}

extension Frame {
  /// Writes the frame as an 8-bit RGB PNG in sRGB.
  public func writePNG(_ path: String) throws(MediaError) {
    try encodePNG(pixels, size: size, format: reel_png_rgb, path: path)
  }
}

private func encodePNG(_ pixels: [UInt8], size: Size, format: UInt32, path: String) throws(MediaError) {
  var image = png_image()
  image.version = reel_png_version
  image.width = UInt32(size.width)
  image.height = UInt32(size.height)
  image.format = format
  defer { png_image_free(&image) }
  // Room for incompressible rows: one filter byte each, 5 bytes of deflate a 16 KiB block, and the chunks.
  var length = pixels.count + size.height + pixels.count / 512 + 65536
  let bytes = [UInt8](unsafeUninitializedCapacity: length) { target, count in
    if png_image_write_to_memory(&image, target.baseAddress, &length, 0, pixels, 0, nil) != 0 {
      count = length
    }
  }
  guard !bytes.isEmpty else { throw .system(path: path, action: "write", reason: message(of: image)) }
  try OutputFile(path).write(bytes)
}

/// libpng's own words about what went wrong.
private func message(of image: png_image) -> String {
  withUnsafeBytes(of: image.message) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).lowercased()
  }
}
