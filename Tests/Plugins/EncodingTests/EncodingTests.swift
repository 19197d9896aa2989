// Finished films: what ffprobe says of them, what ffmpeg decodes, that they are the same every time.

import Encoding
import Glibc
import ReelStage
import StageTesting
import Testing

@Suite struct EncodingTests {
  static let size = Size(width: 128, height: 96)
  static func frames(_ count: Int, size: Size = size) -> [Frame] {
    (0..<count).map { scene(size, time: Double($0) / 25) }
  }

  @Test(arguments: ["youtube", "reels", "tiktok", "preview"])
  func everyPresetIsTaggedAndTimed(preset: String) throws {
    let film = try Film([Self.frames(50), Self.frames(37), Self.frames(63)], ["for": .string(preset)])
    let found = try film.probe(
      "stream=codec_name,profile,width,height,pix_fmt,color_range,color_space,color_transfer,color_primaries,"
        + "chroma_location,field_order,has_b_frames,sample_aspect_ratio,r_frame_rate,avg_frame_rate,"
        + "nb_frames,start_time,duration")
    #expect(
      Set(found) == [
        "codec_name=h264", "profile=High", "width=128", "height=96", "pix_fmt=yuv420p", "color_range=tv",
        "color_space=bt709", "color_transfer=bt709", "color_primaries=bt709", "chroma_location=left",
        "field_order=progressive", "has_b_frames=1", "sample_aspect_ratio=1:1", "r_frame_rate=25/1",
        "avg_frame_rate=25/1", "nb_frames=150", "start_time=0.000000", "duration=6.000000",
      ])
    #expect(try film.probe("format=duration") == ["duration=6.000000"])
    #expect(try film.decoded(Self.size).count == 150)
  }

  /// Half a second of 25 frames is twelve and a half: every two seconds are cut into four groups. Two B-frames
  /// between the others, none reaching over a border.
  @Test func groupsOfPicturesAreClosedAndEquallyLong() throws {
    let film = try Film([Self.frames(125)])
    let types = try film.probe("frame=pict_type").map { $0.last! }
    #expect(types.count == 125)
    let starts = [0, 12, 25, 37, 50, 62, 75, 87, 100, 112]
    for (index, type) in types.enumerated() {
      #expect((type == "I") == starts.contains(index), "frame \(index)")
      if starts.contains(index + 1) { #expect(type == "P") }
    }
    #expect(types[1...3] == ["B", "B", "P"])
    let keys = try film.probe("packet=flags").filter { $0.contains("K") }
    #expect(keys.count == starts.count)
  }

  @Test(arguments: [(50, 60, 1), (50, 30, 2), (50, 25, 2), (50, 24, 3), (7, 1, 7)])
  func noGroupOfPicturesIsLongerThanAsked(count: Int, gop: Int, groups: Int) throws {
    let film = try Film([Self.frames(count)], ["gop": .integer(gop)])
    let starts = try film.probe("frame=pict_type").map { $0.last! }.enumerated().filter { $1 == "I" }.map(
      \.offset)
    let lengths = zip(starts, starts.dropFirst() + [count]).map { $1 - $0 }
    #expect(starts.count == groups)
    #expect(lengths.allSatisfy { $0 <= gop } && lengths.max()! - lengths.min()! <= 1)
  }

  /// Every frame lasts 1/25 s, decoding never goes back in time.
  @Test func timesAreEven() throws {
    let film = try Film([Self.frames(61)], ["gop": "30"])
    let times = try film.probe("packet=pts_time,dts_time,duration_time").map { $0.split(separator: "=") }
    func values(_ name: String) -> [Double] { times.filter { $0[0] == name }.map { Double($0[1])! } }
    #expect(values("duration_time").allSatisfy { abs($0 - 0.04) < 1e-6 })
    for (index, time) in values("pts_time").sorted().enumerated() {
      #expect(abs(time - Double(index) / 25) < 1e-4)
    }
    for (index, time) in values("dts_time").enumerated() { #expect(abs(time - Double(index) / 25) < 0.05) }
  }

  @Test(arguments: [1, 2, 3, 13, 49]) func shortFilmsAreWhole(count: Int) throws {
    let film = try Film([Self.frames(count)])
    #expect(try film.probe("stream=nb_frames") == ["nb_frames=\(count)"])
    let seconds = try film.probe("stream=duration")[0].split(separator: "=")[1]
    #expect(abs(Double(seconds)! - Double(count) / 25) < 1e-4)
    #expect(try film.decoded(Self.size).count == count)
  }

  @Test(arguments: [(FrameRate(30000, 1001), "30000/1001"), (FrameRate(24), "24/1"), (FrameRate(60), "60/1")])
  func ratesAreExact(rate: FrameRate, text: String) throws {
    let film = try Film([Self.frames(20)], rate: rate)
    #expect(
      Set(try film.probe("stream=r_frame_rate,avg_frame_rate")) == [
        "r_frame_rate=\(text)", "avg_frame_rate=\(text)",
      ])
  }

  /// The index stands before the pictures, the colours are in the container as well, and there is no edit
  /// list.
  @Test func theContainerIsAsPlatformsWantIt() throws {
    let bytes = try Film([Self.frames(30)]).bytes()
    func position(_ word: String) -> Int? {
      let word = Array(word.utf8)
      return (0..<bytes.count - word.count).first { bytes[$0..<$0 + word.count].elementsEqual(word) }
    }
    let (index, pictures) = (try #require(position("moov")), try #require(position("mdat")))
    #expect(index < pictures)
    #expect(position("elst") == nil)
    // 'nclx', then primaries, transfer, matrix 1 (BT.709) in two bytes each, and no full range.
    let colours = try #require(position("colrnclx"))
    #expect(Array(bytes[colours + 8..<colours + 15]) == [0, 1, 0, 1, 0, 1, 0])
    #expect(position("Lavf") == nil)
  }

  @Test func theFilmShowsTheFrames() throws {
    let frames = Self.frames(60)
    let decoded = try Film([frames]).decoded(Self.size)
    for (frame, shown) in zip(frames, decoded) { #expect(psnr(frame, shown) > 38) }
  }

  /// The eight bars at full and at three quarters of their height, plain areas of 32 × 32 pixels.
  @Test func coloursComeOutAsTheyWentIn() throws {
    let size = Size(width: 256, height: 64)
    var bars = Frame(size: size)
    func colour(_ x: Int, _ y: Int) -> [UInt8] {
      let high: UInt8 = y < 32 ? 255 : 191
      let code = 7 - x / 32
      return [code & 2 != 0 ? high : 0, code & 4 != 0 ? high : 0, code & 1 != 0 ? high : 0]
    }
    for y in 0..<64 {
      for x in 0..<256 {
        for channel in 0..<3 { bars.pixels[(y * 256 + x) * 3 + channel] = colour(x, y)[channel] }
      }
    }
    let shown = try Film([Array(repeating: bars, count: 10)], ["crf": "4"]).decoded(size)
    for frame in shown {
      for y in [16, 48] {
        for bar in 0..<8 {
          let start = (y * 256 + bar * 32 + 16) * 3
          for (channel, value) in colour(bar * 32, y).enumerated() {
            #expect(abs(Int(frame.pixels[start + channel]) - Int(value)) <= 2, "bar \(bar), line \(y)")
          }
        }
      }
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let frames = Self.frames(110)
    for given: JSON in [[:], ["bitrate": "1.5"]] {
      let films = try [1, 2, 7, 1].map { try Film([frames], given, threads: $0).bytes() }
      #expect(films.allSatisfy { $0 == films[0] })
    }
  }

  /// 1080 columns are 68 macroblocks, which fill no whole number of AVX-512 vectors.
  @Test func whatLayInMemoryBeforeChangesNothing() throws {
    let size = Size(width: 1080, height: 256)
    let picture = scene(size, time: 0).pixels
    var noise: UInt32 = 1
    let frames = (0..<40).map { number in
      var frame = Frame(size: size)
      for index in picture.indices {
        noise = noise &* 1_664_525 &+ 1_013_904_223
        frame.pixels[index] = picture[(index + 9 * number) % picture.count] + UInt8(noise >> 27)
      }
      return frame
    }
    let films = try [0x00, 0x55, 0xaa].map { pattern in
      try fillMemory(with: pattern) { try Film([frames], ["for": "reels"], threads: 1).bytes() }
    }
    #expect(films.allSatisfy { $0 == films[0] })
  }

  @Test func partsMakeNoDifference() throws {
    let frames = Self.frames(70)
    #expect(try Film([frames]).bytes() == Film([Array(frames[..<31]), Array(frames[31...])]).bytes())
  }

  @Test func qualityAndBitrateAreObeyed() throws {
    var state: UInt32 = 1
    let noise = (0..<50).map { _ in
      Frame(
        size: Self.size,
        pixels: (0..<Self.size.pixels * 3).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(state >> 24)
        })
    }
    let (fine, rough) = (try Film([noise], ["crf": "20"]).bytes(), try Film([noise], ["crf": "40"]).bytes())
    #expect(fine.count > 3 * rough.count)
    let film = try Film([noise], ["bitrate": "1"])
    let bits = try #require(Int(film.probe("stream=bit_rate")[0].split(separator: "=")[1]))
    #expect(abs(bits - 1_000_000) < 250_000)
    #expect(try film.probe("frame=pict_type").count == 50)
  }

  @Test func progressIsToldInFrames() throws {
    let steps = try Film([Self.frames(60)]).progress
    // A rest of ten frames goes with the run before it; then the one run is joined.
    #expect(steps.map(\.done) == Array(1...60) + [1])
    #expect(steps.map(\.unit) == Array(repeating: "frames", count: 60) + ["runs"])
    #expect(steps.map(\.total) == Array(repeating: 60, count: 60) + [1])
  }

  @Test func whatCannotBeEncodedIsRefused() throws {
    func message(
      _ parts: [[Frame]], size: Size = Size(width: 16, height: 16), _ given: JSON = [:]
    ) -> String {
      do {
        _ = try Film(parts, size: size, given)
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(
      message([[]], size: Size(width: 33, height: 20))
        == "input 'frames': wanted even sides for 4:2:0 colour, found 33x20; "
        + "upscale to 34x20 or another even size")
    #expect(
      message([[]], size: Size(width: 8704, height: 4352))
        == "input 'frames': wanted at most 8192x4352 for H.264, found 8704x4352; upscale to a smaller size")
    #expect(message([[]]) == "input 'frames': wanted a film, found no frames")
    #expect(message([]) == "a film of no parts")
    #expect(
      message([Self.frames(1)], ["crf": "18", "bitrate": "8"])
        == "parameter 'crf': given together with 'bitrate', wanted one of them; leave one out")
  }
}
