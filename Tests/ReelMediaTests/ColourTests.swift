// sRGB and Y′CbCr against their formulas in Double and against the values of the standards.

import Glibc
import ReelMedia
import Testing

@Suite struct ColourTests {
  /// A transfer function: light of a code value, and codes of many lights.
  struct Curve: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let linear: @Sendable (Double) -> Double
    let linearOfByte: [Float]
    let encode: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>, Int) -> Void
  }

  static let curves = [
    Curve(testDescription: "sRGB", linear: SRGB.linear, linearOfByte: SRGB.linearOfByte) {
      SRGB.encode($0, into: $1, count: $2)
    },
    Curve(testDescription: "BT.709", linear: BT709.linear, linearOfByte: BT709.linearOfByte) {
      BT709.encode($0, into: $1, count: $2)
    },
  ]

  @Test(arguments: curves) func encodingRoundsAsTheFormulaDoes(curve: Curve) {
    var lights = (0...200_000).map { Float($0) / 200_000 } + [-1, -0.001, 1.001, 7, .infinity, -.infinity]
    // Around the lights between two codes, where a guess goes wrong first.
    for code in 0..<255 {
      let halfway = Float(curve.linear((Double(code) + 0.5) / 255))
      lights += (-300...300).map { Float(bitPattern: UInt32(Int(halfway.bitPattern) + $0 * $0 * $0 / 60)) }
    }
    let halfways = (0..<255).map { Float(curve.linear((Double($0) + 0.5) / 255)) }
    onEveryLevel {
      var codes = [UInt8](repeating: 0, count: lights.count)
      curve.encode(lights, &codes, lights.count)
      let wrong = zip(lights, codes).first { light, code in
        (code > 0 && light < halfways[Int(code) - 1]) || (code < 255 && light >= halfways[Int(code)])
      }
      #expect(wrong == nil)
    }
  }

  @Test(arguments: curves) func everyByteSurvivesTheWayThroughLight(curve: Curve) {
    var codes = [UInt8](repeating: 0, count: 256)
    curve.encode(curve.linearOfByte, &codes, 256)
    #expect(codes == Array(0...255))
  }

  /// numpy 2.4, in float64: `where(L < .018, 4.5*L, 1.099*L**.45 - .099)`, times 255, rounded.
  @Test func videoIsAsNumpyHasIt() {
    let lights: [Float] = [
      0, 0.002, 0.01, 0.0179, 0.0181, 0.05, 0.1, 0.18, 0.25, 0.3333, 0.5, 0.75, 0.9, 0.999, 1,
    ]
    var codes = [UInt8](repeating: 0, count: lights.count)
    BT709.encode(lights, into: &codes, count: lights.count)
    #expect(codes == [0, 2, 11, 21, 21, 48, 74, 104, 125, 146, 180, 221, 242, 255, 255])
    #expect(abs(BT709.linear(0.5) - 0.25958940050628576) < 1e-12)
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
}
