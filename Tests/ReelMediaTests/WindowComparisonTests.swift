// Windows of two planes: the fast comparison against the plain one.

import ReelMedia
import Testing

@Suite struct WindowComparisonTests {
  @Test(arguments: [16, 32]) func `the fast way gives what the plain one does`(side: Int) {
    var random = SplitMix(seed: 41)
    let size = Size(width: 50, height: 37)
    let planes = (0..<2).map { _ in LumaPlane(Frame.noise(size, &random), border: 24) }
    let windows = WindowComparison(side: side)
    for _ in 0..<50 {
      let corners = (0..<2).map { _ in
        SIMD2(Float.random(in: -20...30, using: &random), Float.random(in: -20...20, using: &random))
      }
      let plain = windows.reference(planes[0], at: corners[0], planes[1], at: corners[1])
      var found: [Float] = []
      onEveryLevel {
        found.append(WindowComparison(side: side)(planes[0], at: corners[0], planes[1], at: corners[1]))
      }
      #expect(abs(Double(found[0]) - plain) <= 1e-4 * plain)
      #expect(found.allSatisfy { $0 == found[0] }, "the same at all levels")
    }
  }

  @Test func `a window that moved along is found again`() {
    let frames = (0..<2).map { shift in
      var frame = Frame(size: Size(width: 64, height: 64))
      for y in 20..<30 {
        for x in 20 + 3 * shift..<30 + 3 * shift { frame.pixels[(y * 64 + x) * 3 + 1] = 255 }
      }
      return LumaPlane(frame, border: 8)
    }
    let windows = WindowComparison(side: 16)
    #expect(windows(frames[0], at: SIMD2(16, 16), frames[1], at: SIMD2(19, 16)) == 0)
    #expect(windows(frames[0], at: SIMD2(16, 16), frames[1], at: SIMD2(16, 16)) > 1)
  }
}
