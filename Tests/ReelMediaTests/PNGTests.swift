// PNG: every colour type against files made by hand, round trips, hostile files.

import Glibc
import ReelMedia
import Testing

@Suite struct PNGTests {
  static let fixtures =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/") + "/Fixtures/png"

  /// Written by Fixtures/png/make.py with nothing but zlib, beside the pixels that they stand for.
  @Test(arguments: [
    "grey1", "grey2", "grey4", "grey8", "grey16", "grey2-interlaced", "grey-alpha8", "grey-alpha16", "rgb8",
    "rgb8-transparent", "rgb16", "rgba8", "rgba8-interlaced", "rgba16", "palette1", "palette2", "palette4",
    "palette8",
  ])
  func everyColourTypeBecomesRGBA(name: String) throws {
    let image = try Image(png: "\(Self.fixtures)/\(name).png")
    #expect(image.size == Size(width: 7, height: 5))
    #expect(image.pixels == (try bytes(of: "\(Self.fixtures)/\(name).rgba")))
  }

  @Test func picturesComeBackAsTheyWere() throws {
    var random = SplitMix(seed: 8)
    try withTemporaryFolder { folder in
      let path = folder + "/picture.png"
      for size in [Size(width: 1, height: 1), Size(width: 300, height: 2), Size(width: 33, height: 77)] {
        let image = Image(
          size: size, pixels: (0..<size.pixels * 4).map { _ in UInt8.random(in: 0...255, using: &random) })
        try image.writePNG(path)
        #expect(try Image(png: path) == image)
        let frame = Frame.noise(size, &random)
        try frame.writePNG(path)
        #expect(try Image(png: path) == Image(frame))
      }
    }
  }

  @Test func damageIsAnErrorOrLeavesThePictureWhole() throws {
    let whole = try bytes(of: Self.fixtures + "/rgba8-interlaced.png")
    try withTemporaryFolder { folder in
      let path = folder + "/picture.png"
      for length in 0..<whole.count - 12 {
        try write(Array(whole.prefix(length)), to: path)
        #expect(throws: MediaError.self, "\(length) bytes") { try Image(png: path) }
      }
      for position in whole.indices {
        var damaged = whole
        damaged[position] ^= 0x55
        try write(damaged, to: path)
        if let image = try? Image(png: path) { #expect(image.pixels.count == image.size.pixels * 4) }
      }
    }
  }

  @Test func errorsNameTheFileAndTheFault() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/logo.png"
      expectError("\(path): cannot open: no such file or directory") { try Image(png: path) }
      try write(Array("GIF89a".utf8), to: path)
      expectError("\(path): not a PNG picture: it does not begin like one") { try Image(png: path) }
      // A valid header that promises 4 billion pixels.
      var bomb = try bytes(of: Self.fixtures + "/rgba8.png")
      bomb.replaceSubrange(16..<24, with: [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff])
      bomb.replaceSubrange(29..<33, with: [0xb6, 0x05, 0xd9, 0x50])
      try write(bomb, to: path)
      expectError(
        "\(path): a picture of 65535x65535 pixels, wanted at most 67108864 pixels in all; make it smaller"
      ) { try Image(png: path) }
    }
  }
}
