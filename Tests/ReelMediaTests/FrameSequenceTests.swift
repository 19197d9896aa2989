// Frame sequences: what goes in comes out, any flipped bit is found, hostile files are refused.

import Glibc
import ReelMedia
import Testing

@Suite struct FrameSequenceTests {
  @Test(arguments: [(1, 1), (1, 7), (2, 1), (3, 3), (17, 5), (64, 64), (131, 67), (640, 3)])
  func framesComeBackAsTheyWere(width: Int, height: Int) throws {
    var random = SplitMix(seed: UInt64(width * 1000 + height))
    let size = Size(width: width, height: height)
    let frames = (0..<9).map { index in
      switch index % 4 {
      case 0: Frame.noise(size, &random)
      case 1: Frame.gradient(size, shift: index)
      case 2: Frame(size: size, red: 200, green: UInt8(index), blue: 3)
      default: Frame(size: size, red: 200, green: UInt8(index - 1), blue: 3)
      }
    }
    try withTemporaryFolder { folder in
      let path = folder + "/frames"
      try writeSequence(frames, to: path, rate: FrameRate(30000, 1001))
      let reader = try FrameSequenceReader(path: path)
      #expect(reader.size == size)
      #expect(reader.rate == FrameRate(30000, 1001))
      #expect(reader.count == frames.count)
      for index in frames.indices.reversed() { #expect(try reader.frame(at: index) == frames[index]) }
    }
  }

  @Test func aSequenceMayBeEmpty() throws {
    try withTemporaryFolder { folder in
      let writer = try FrameSequenceWriter(
        path: folder + "/frames", size: Size(width: 4, height: 2), rate: FrameRate(25))
      try writer.finish()
      #expect(try FrameSequenceReader(path: folder + "/frames").count == 0)
    }
  }

  @Test func theSameFramesGiveTheSameBytes() throws {
    var random = SplitMix(seed: 4)
    let frames = (0..<11).map { _ in Frame.noise(Size(width: 33, height: 20), &random) }
    try withTemporaryFolder { folder in
      try writeSequence(frames, to: folder + "/a")
      try writeSequence(frames, to: folder + "/b")
      #expect(try bytes(of: folder + "/a") == bytes(of: folder + "/b"))
    }
  }

  @Test func aPictureThatStandsStillCostsNothing() throws {
    var random = SplitMix(seed: 5)
    let frame = Frame.noise(Size(width: 100, height: 100), &random)
    try withTemporaryFolder { folder in
      try writeSequence(Array(repeating: frame, count: 50), to: folder + "/frames")
      #expect(try bytes(of: folder + "/frames").count < 31_000 + 50 * 16)
      let reader = try FrameSequenceReader(path: folder + "/frames")
      #expect(try reader.frame(at: 49) == frame)
    }
  }

  @Test func everyFlippedBitIsFound() throws {
    var random = SplitMix(seed: 6)
    let frames = [Frame.noise(Size(width: 5, height: 3), &random), Frame.gradient(Size(width: 5, height: 3))]
    try withTemporaryFolder { folder in
      let path = folder + "/frames"
      try writeSequence(frames, to: path)
      let whole = try bytes(of: path)
      for bit in 0..<whole.count * 8 {
        var flipped = whole
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        try write(flipped, to: path)
        #expect(throws: MediaError.self, "bit \(bit)") {
          let reader = try FrameSequenceReader(path: path)
          for index in 0..<reader.count { _ = try reader.frame(at: index) }
        }
      }
    }
  }

  @Test func everyTruncationIsFound() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/frames"
      try writeSequence([Frame.gradient(Size(width: 8, height: 8))], to: path)
      let whole = try bytes(of: path)
      for length in 0..<whole.count {
        try write(Array(whole.prefix(length)), to: path)
        #expect(throws: MediaError.self) { try FrameSequenceReader(path: path) }
      }
    }
  }

  @Test func errorsNameTheFileAndTheFault() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/frames"
      expectError("\(path): cannot open: no such file or directory") { try FrameSequenceReader(path: path) }
      expectError("\(folder): cannot open: not a file") { try FrameSequenceReader(path: folder) }
      try write(Array("reel: 1\nname: a pipeline, not a picture\n".utf8), to: path)
      expectError("\(path): not a reel frame sequence: it does not begin like one") {
        try FrameSequenceReader(path: path)
      }
      let size = Size(width: 8, height: 8)
      let writer = try FrameSequenceWriter(path: path, size: size, rate: FrameRate(25))
      try writer.append(Frame(size: size))
      expectError("\(path): wanted a frame of 8x8, found 8x9") {
        try writer.append(Frame(size: Size(width: 8, height: 9)))
      }
      expectError("\(path): a reel frame sequence that is cut short; write it again") {
        try FrameSequenceReader(path: path)
      }
      try writer.finish()
      let reader = try FrameSequenceReader(path: path)
      expectError("\(path): no frame 1, the film has 1") { try reader.frame(at: 1) }
      expectError("\(path): no frame -1, the film has 1") { try reader.frame(at: -1) }
      expectError(
        "\(path): a picture of 16384x16384 pixels, wanted at most 67108864 pixels in all; make it smaller"
      ) {
        try FrameSequenceWriter(path: path, size: Size(width: 16384, height: 16384), rate: FrameRate(25))
      }
    }
  }

  @Test func aTimelineLaysPartsEndToEnd() throws {
    let size = Size(width: 6, height: 4)
    let frames = (0..<7).map { Frame.gradient(size, shift: 9 * $0) }
    try withTemporaryFolder { folder in
      let paths = ["a", "b", "c"].map { "\(folder)/\($0)" }
      try writeSequence(Array(frames[..<3]), to: paths[0])
      try writeSequence([], size: size, to: paths[1])
      try writeSequence(Array(frames[3...]), to: paths[2])
      let timeline = try FrameTimeline(paths: paths)
      #expect(timeline.count == 7)
      for index in 0..<7 { #expect(try timeline.frame(at: index) == frames[index]) }
      #expect(throws: MediaError.noFrame(path: paths[0], index: 7, count: 7)) { try timeline.frame(at: 7) }

      try writeSequence(frames, to: paths[1], rate: FrameRate(24))
      expectError("\(paths[1]): wanted the frame rate 25 of '\(paths[0])', found 24") {
        try FrameTimeline(paths: paths)
      }
      try writeSequence([Frame(size: Size(width: 6, height: 5))], to: paths[2])
      expectError("\(paths[2]): wanted the size 6x4 of '\(paths[0])', found 6x5") {
        try FrameTimeline(paths: [paths[0], paths[2]])
      }
      #expect(throws: MediaError.noParts) { try FrameTimeline(paths: []) }
    }
  }
}
