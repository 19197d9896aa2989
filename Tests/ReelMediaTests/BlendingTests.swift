// Pictures over frames: the fast way against the plain one, on every CPU level and any number of threads.

import ReelMedia
import ReelTensor
import Testing

@Suite struct BlendingTests {
  /// Opaque, clear and in between, in runs as long as pictures have them.
  private func picture(_ size: Size, _ random: inout SplitMix) -> PremultipliedImage {
    var cover: [UInt8] = []
    while cover.count < size.pixels {
      let alpha = [0, 255, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)!
      cover += [UInt8](repeating: alpha, count: Int.random(in: 1...150, using: &random))
    }
    cover.removeLast(cover.count - size.pixels)
    return PremultipliedImage(
      size: size,
      colour: cover.flatMap { alpha in (0..<3).map { _ in UInt8.random(in: 0...alpha, using: &random) } },
      cover: cover)
  }

  @Test(arguments: [(1, 1), (5, 3), (63, 2), (64, 2), (65, 3), (127, 2), (128, 1), (200, 40), (300, 7)])
  func `every byte is the plain way's`(width: Int, height: Int) {
    var random = SplitMix(seed: 31)
    let image = picture(Size(width: width, height: height), &random)
    let frame = Frame.noise(Size(width: 210, height: 33), &random)
    for (x, y) in [(0, 0), (3, 5), (-7, -1), (190, 30), (-300, 0), (500, 500)] {
      for opacity in [255, 254, 128, 1, 0] as [UInt8] {
        var plain = frame
        plain.blendReference(image, x: x, y: y, opacity: opacity)
        onEveryLevel {
          var fast = frame
          fast.blend(image, x: x, y: y, opacity: opacity)
          #expect(fast == plain, "at \(x), \(y) with \(opacity)")
        }
      }
    }
  }

  /// Every cover over every byte, with the brightest colour that such a cover has.
  @Test func `every product is rounded to the nearest`() {
    let size = Size(width: 256, height: 256)
    let cover = (0..<size.pixels).map { UInt8($0 / 256) }
    let image = PremultipliedImage(size: size, colour: cover.flatMap { [$0, 0, $0 / 2] }, cover: cover)
    let frame = Frame(size: size, pixels: (0..<size.pixels * 3).map { UInt8($0 / 3 % 256) })
    onEveryLevel {
      var blended = frame
      blended.blend(image)
      let wrong = (0..<size.pixels).first { pixel in
        let exact = Double(pixel % 256) * (1 - Double(cover[pixel]) / 255)
        return abs(Double(blended.pixels[3 * pixel + 1]) - exact) > 0.5
      }
      #expect(wrong == nil)
    }
  }

  @Test func `the number of threads changes nothing`() {
    var random = SplitMix(seed: 32)
    let size = Size(width: 700, height: 400)
    let (image, frame) = (picture(size, &random), Frame.noise(size, &random))
    let results = [1, 2, 7].map { threads in
      Threads.with(threads) {
        var blended = frame
        blended.blend(image, x: 3, y: -2, opacity: 200)
        return blended
      }
    }
    #expect(results[0] == results[1] && results[1] == results[2])
  }
}
