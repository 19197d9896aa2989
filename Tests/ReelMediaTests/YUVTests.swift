// Y′CbCr: the fast way against the plain one, on every CPU level and any number of threads.

import ReelMedia
import ReelTensor
import Testing

@Suite struct YUVTests {
  static let sizes = [(2, 2), (4, 6), (30, 2), (32, 2), (34, 4), (62, 2), (64, 6), (66, 2), (130, 10)].map {
    Size(width: $0.0, height: $0.1)
  }

  @Test(arguments: sizes, ChromaSubsampling.allCases)
  func `every value is the formula's, rounded`(size: Size, subsampling: ChromaSubsampling) {
    var random = SplitMix(seed: 21)
    for frame in [Frame.noise(size, &random), .extremes(size, &random), .gradient(size)] {
      let plain = YUVFrame.reference(frame, subsampling: subsampling)
      onEveryLevel { #expect(YUVFrame(frame, subsampling: subsampling) == plain) }
    }
  }

  /// All greens and blues beside reds of which none is far from another.
  @Test func `every colour has the luma of the standard`() {
    let size = Size(width: 256, height: 256)
    for red in stride(from: 0, through: 255, by: 5) {
      let frame = Frame(
        size: size,
        pixels: (0..<size.pixels).flatMap { [UInt8(red), UInt8($0 / 256), UInt8($0 % 256)] })
      let yuv = YUVFrame(frame, subsampling: .columns)
      let wrong = yuv.luma.indices.first { index in
        // In 5,100,000ths: 2 · 255 · 10000.
        let sum = 2126 * red + 7152 * (index / 256) + 722 * (index % 256)
        return Int(yuv.luma[index]) != (2 * (16 * 2_550_000 + 219 * sum) + 2_550_000) / 5_100_000
      }
      #expect(wrong == nil)
    }
  }

  @Test(arguments: sizes, ChromaSubsampling.allCases)
  func `the way back is exact too`(size: Size, subsampling: ChromaSubsampling) {
    var random = SplitMix(seed: 22)
    let rows = subsampling == .both ? size.height / 2 : size.height
    func plane(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
    for _ in 0..<4 {
      let yuv = YUVFrame(
        size: size, subsampling: subsampling, luma: plane(size.pixels),
        blueDifference: plane(rows * size.width / 2), redDifference: plane(rows * size.width / 2))
      let plain = Frame.reference(yuv)
      onEveryLevel { #expect(Frame(yuv) == plain) }
    }
  }

  @Test(arguments: ChromaSubsampling.allCases)
  func `a plain colour comes back`(subsampling: ChromaSubsampling) {
    let frame = Frame(size: Size(width: 40, height: 4), red: 200, green: 30, blue: 90)
    let back = Frame(YUVFrame(frame, subsampling: subsampling))
    // A step of a difference is 255/224 · 1.8556 codes; half of it, and half a step of luma, may be lost.
    #expect(zip(frame.pixels, back.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
  }

  @Test func `the number of threads changes nothing`() {
    var random = SplitMix(seed: 23)
    let frame = Frame.noise(Size(width: 66, height: 120), &random)
    let results = [1, 2, 7].map { threads in Threads.with(threads) { YUVFrame(frame) } }
    #expect(results[0] == results[1] && results[1] == results[2])
    let backs = [1, 2, 7].map { threads in Threads.with(threads) { Frame(results[0]) } }
    #expect(backs[0] == backs[1] && backs[1] == backs[2])
  }
}

extension Frame {
  /// Every byte 0 or 255.
  static func extremes(_ size: Size, _ random: inout SplitMix) -> Frame {
    Frame(size: size, pixels: (0..<size.pixels * 3).map { _ in Bool.random(using: &random) ? 255 : 0 })
  }
}
