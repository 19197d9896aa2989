// Resampling: the fast way against the plain one, and against what is known of the filters.

import ReelMedia
import ReelTensor
import Testing

@Suite struct ResamplingTests {
  static let filters: [ResamplingFilter] = [.bilinear, .bicubic, .lanczos, .gaussian(1.5)]

  @Test(
    arguments: filters,
    [
      (Size(width: 9, height: 7), Size(width: 31, height: 40)),
      (Size(width: 40, height: 31), Size(width: 7, height: 9)),
      (Size(width: 12, height: 30), Size(width: 30, height: 12)),
      (Size(width: 1, height: 1), Size(width: 5, height: 3)),
      (Size(width: 3, height: 2), Size(width: 1, height: 1)),
      (Size(width: 16, height: 16), Size(width: 17, height: 16)),
    ])
  func theFastWayGivesWhatThePlainOneDoes(filter: ResamplingFilter, sizes: (Size, Size)) {
    var random = SplitMix(seed: 12)
    let frame = Frame.noise(sizes.0, &random)
    let width = Double(sizes.0.width)
    for region in [
      nil, Region(x: width / 5, y: 0, width: width * 0.7, height: Double(sizes.0.height) * 0.9),
    ] {
      let resampler = Resampler(from: sizes.0, region: region, to: sizes.1, filter: filter)
      let fast = resampler(frame)
      onEveryLevel { #expect(resampler(frame) == fast, "the same at all levels") }
      let plain = Resampler.reference(frame, region: region, to: sizes.1, filter: filter)
      #expect(fast.size == sizes.1)
      // Float and Double may round a value half-way between two codes to either.
      let differences = zip(fast.pixels, plain.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.max()! <= 1)
      #expect(differences.reduce(0, +) <= differences.count / 500 + 1)
    }
  }

  @Test(
    arguments: filters,
    [
      (Size(width: 9, height: 7), Size(width: 31, height: 40)),
      (Size(width: 40, height: 31), Size(width: 7, height: 9)),
      (Size(width: 1, height: 1), Size(width: 5, height: 3)),
    ])
  func deepPicturesAndLightAreResampledAlike(filter: ResamplingFilter, sizes: (Size, Size)) {
    var random = SplitMix(seed: 15)
    let resampler = Resampler(from: sizes.0, to: sizes.1, filter: filter)
    let deep = (0..<sizes.0.pixels * 3).map { _ in UInt16.random(in: 0...65535, using: &random) }
    let codes = Resampler.reference(
      light: deep.map { SRGB.linear(Double($0) / 65535) }, from: sizes.0, to: sizes.1, filter: filter
    ).map { SRGB.encoded(max(0, min(1, $0))) * 65535 }
    let light = (0..<sizes.0.pixels * 4).map { _ in Float.random(in: -2...2, using: &random) }
    let sums = Resampler.reference(light: light.map(Double.init), from: sizes.0, to: sizes.1, filter: filter)
    var results: (deep: [[UInt16]], light: [[Float]]) = ([], [])
    onEveryLevel {
      results.deep.append(resampler(deep))
      results.light.append(resampler(light: light))
    }
    // Near black a step of Float is several codes' light wide.
    #expect(zip(results.deep[0], codes).allSatisfy { abs(Double($0) - $1) <= 0.6 + 0.3 })
    #expect(zip(results.light[0], sums).allSatisfy { abs(Double($0) - $1) <= 1e-5 })
    #expect(
      results.deep.allSatisfy { $0 == results.deep[0] } && results.light.allSatisfy { $0 == results.light[0] }
    )
  }

  @Test(arguments: filters) func aPlainColourStaysAsItIs(filter: ResamplingFilter) {
    let size = Size(width: 20, height: 11)
    for target in [Size(width: 77, height: 50), Size(width: 6, height: 5)] {
      let frame = Frame(size: size, red: 13, green: 130, blue: 251)
      #expect(
        Resampler(from: size, to: target, filter: filter)(frame)
          == Frame(size: target, red: 13, green: 130, blue: 251))
    }
  }

  @Test(arguments: [ResamplingFilter.bilinear, .bicubic, .lanczos])
  func theSameSizeIsTheSameFrame(filter: ResamplingFilter) {
    var random = SplitMix(seed: 13)
    let frame = Frame.noise(Size(width: 37, height: 23), &random)
    #expect(Resampler(from: frame.size, to: frame.size, filter: filter)(frame) == frame)
  }

  /// Black and white in equal parts are half the light: 188 in sRGB, where code values would give 128.
  @Test func lightAddsUpInLinearLight() {
    let size = Size(width: 16, height: 16)
    var board = Frame(size: size)
    for index in 0..<size.pixels where (index / 16 + index) % 2 == 0 {
      for channel in 0..<3 { board.pixels[3 * index + channel] = 255 }
    }
    let grey = Resampler(from: size, to: Size(width: 1, height: 1), filter: .bilinear)(board)
    #expect(grey.pixels.allSatisfy { abs(Int($0) - 188) <= 1 })
  }

  /// Two pixels enlarged to four by a tent: at the quarters ¼ and ¾ of the light, at the ends all of it.
  @Test func aTentHasItsKnownWeights() {
    let frame = Frame(size: Size(width: 2, height: 1), pixels: [0, 0, 0, 255, 255, 255])
    let wide = Resampler(from: frame.size, to: Size(width: 4, height: 1), filter: .bilinear)(frame)
    let expected = [0, 0.25, 0.75, 1].map { UInt8((SRGB.encoded($0) * 255).rounded()) }
    #expect((0..<4).map { wide.pixels[3 * $0] } == expected)
  }

  @Test func theNumberOfThreadsChangesNothing() {
    var random = SplitMix(seed: 14)
    let frame = Frame.noise(Size(width: 64, height: 64), &random)
    let resampler = Resampler(from: frame.size, to: Size(width: 200, height: 300), filter: .lanczos)
    let results = [1, 2, 7].map { threads in Threads.with(threads) { resampler(frame) } }
    #expect(results[0] == results[1] && results[1] == results[2])
  }
}
