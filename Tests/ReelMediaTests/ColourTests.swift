// sRGB and Y′CbCr against their formulas in Double and against the values of the standards.

import Glibc
import ReelMedia
import Testing

@Suite struct ColourTests {
  @Test func encodingRoundsAsTheFormulaDoes() {
    var lights = (0...200_000).map { Float($0) / 200_000 } + [-1, -0.001, 1.001, 7, .infinity, -.infinity]
    // Just below and above the lights between two codes.
    for code in 0..<255 {
      let halfway = Float(SRGB.linear((Double(code) + 0.5) / 255))
      lights += [halfway.nextDown, halfway, halfway.nextUp]
    }
    var codes = [UInt8](repeating: 0, count: lights.count)
    SRGB.encode(lights, into: &codes, count: lights.count)
    for (light, code) in zip(lights, codes) {
      let exact = SRGB.encoded(Double(max(0, min(1, light)))) * 255
      // A light in Float at a boundary may lie on either side of it in Double.
      #expect(abs(Double(code) - exact) <= 0.5 + 1e-4, "light \(light)")
    }
  }

  @Test func everyByteSurvivesTheWayThroughLight() {
    var codes = [UInt8](repeating: 0, count: 256)
    SRGB.encode(SRGB.linearOfByte, into: &codes, count: 256)
    #expect(codes == Array(0...255))
  }

  /// IEC 61966-2-1: mid grey 188 is half the light; the pieces of the curve meet.
  @Test func theCurveHasItsKnownPoints() {
    #expect(SRGB.linear(0) == 0)
    #expect(abs(SRGB.linear(1) - 1) < 1e-12)
    #expect((SRGB.encoded(0.5) * 255).rounded() == 188)
    #expect(abs(SRGB.linear(128 / 255.0) - 0.21586) < 1e-5)
    #expect(abs(SRGB.linear(0.04045) - SRGB.linear(0.0404500001)) < 1e-7)
  }

  /// The 100 % colour bars of BT.709 in limited range, as test generators and broadcasters tabulate them.
  @Test(arguments: [
    ([255, 255, 255], [235, 128, 128]), ([255, 255, 0], [219, 16, 138]), ([0, 255, 255], [188, 154, 16]),
    ([0, 255, 0], [173, 42, 26]), ([255, 0, 255], [78, 214, 230]), ([255, 0, 0], [63, 102, 240]),
    ([0, 0, 255], [32, 240, 118]), ([0, 0, 0], [16, 128, 128]),
  ])
  func colourBars(rgb: [UInt8], yuv: [UInt8]) {
    let frame = YUVFrame(
      Frame(size: Size(width: 4, height: 2), red: rgb[0], green: rgb[1], blue: rgb[2]))
    #expect(frame.luma == Array(repeating: yuv[0], count: 8))
    #expect(frame.blueDifference == Array(repeating: yuv[1], count: 2))
    #expect(frame.redDifference == Array(repeating: yuv[2], count: 2))
  }

  @Test func everyValueIsTheFormulaRounded() {
    var random = SplitMix(seed: 3)
    let size = Size(width: 258, height: 64)
    for frame in [Frame.noise(size, &random), Frame.gradient(size)] {
      let yuv = YUVFrame(frame)
      func pixel(_ x: Int, _ y: Int) -> (luma: Double, blue: Double, red: Double) {
        let start = (y * size.width + max(x, 0)) * 3
        let (r, g, b) = (
          Double(frame.pixels[start]), Double(frame.pixels[start + 1]), Double(frame.pixels[start + 2])
        )
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        return (luma, (b - luma) / 1.8556, (r - luma) / 1.5748)
      }
      for y in 0..<size.height {
        for x in 0..<size.width {
          let exact = 16 + 219 * pixel(x, y).luma / 255
          #expect(abs(Double(yuv.luma[y * size.width + x]) - exact) <= 0.5 + 1e-9)
        }
      }
      for y in 0..<size.height / 2 {
        for x in 0..<size.width / 2 {
          var (blue, red) = (0.0, 0.0)
          for row in [2 * y, 2 * y + 1] {
            for (column, weight) in [(2 * x - 1, 0.125), (2 * x, 0.25), (2 * x + 1, 0.125)] {
              blue += weight * pixel(column, row).blue
              red += weight * pixel(column, row).red
            }
          }
          let index = y * size.width / 2 + x
          #expect(abs(Double(yuv.blueDifference[index]) - (128 + 224 * blue / 255)) <= 0.5 + 1e-9)
          #expect(abs(Double(yuv.redDifference[index]) - (128 + 224 * red / 255)) <= 0.5 + 1e-9)
        }
      }
    }
  }
}
