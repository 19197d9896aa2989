// How many frames come out, and which moment each shows.

import ReelStage
import Testing
import Upscaling

@Suite struct ScheduleTests {
  /// Frame k is grey k, so that a blend tells the moment it shows.
  static func ramp(_ count: Int) -> [Frame] {
    (0..<count).map { index in
      let grey = UInt8(index * 4)
      return Frame(size: Size(width: 2, height: 2), red: grey, green: grey, blue: grey)
    }
  }

  @Test(arguments: [
    (16, "8", "25", 50), (32, "16", "25", 50), (33, "33/2", "25", 50), (49, "24", "25", 51),
    (17, "8", "25", 53),
    (50, "25", "25", 50), (60, "30", "25", 50), (60, "30000/1001", "25", 50), (1, "1/2", "25", 50),
    (48, "24", "60000/1001", 120), (3, "25", "8", 1), (10, "20", "1", 1),
  ])
  func secondsStayTheSame(count: Int, rate: String, fps: String, expected: Int) throws {
    let parts = rate.split(separator: "/").map { Int($0)! }
    let result = try upscale(
      Self.ramp(count), rate: FrameRate(parts[0], parts.count > 1 ? parts[1] : 1),
      ["size": "2x2", "fps": .string(fps), "interpolation": "blend"])
    #expect(result.frames.count == expected)
    #expect(result.rate == FrameRate(fps))
  }

  @Test func fewerFramesArePickedAtTheirTimes() throws {
    let result = try upscale(
      Self.ramp(48), rate: FrameRate(24), ["size": "2x2", "fps": "10", "interpolation": "blend"])
    #expect(result.frames.count == 20)
    for (index, frame) in result.frames.enumerated() {
      #expect(abs(Double(frame.pixels[0]) - Double(index) * 2.4 * 4) <= 0.5 + 1e-6, "frame \(index)")
    }
  }

  @Test func moreFramesAreSpreadFromTheFirstToTheLast() throws {
    let result = try upscale(
      Self.ramp(16), rate: FrameRate(8), ["size": "2x2", "fps": "25", "interpolation": "blend"])
    for (index, frame) in result.frames.enumerated() {
      let moment = Double(index) * 15 / 49
      #expect(abs(Double(frame.pixels[0]) - moment * 4) <= 0.5 + 1e-6, "frame \(index)")
    }
  }

  @Test func nearestMakesNothingUp() throws {
    let result = try upscale(
      Self.ramp(16), rate: FrameRate(8), ["size": "2x2", "fps": "25", "interpolation": "nearest"])
    for (index, frame) in result.frames.enumerated() {
      let nearest = (Double(index) * 15 / 49).rounded(.toNearestOrAwayFromZero)
      #expect(Double(frame.pixels[0]) == nearest * 4)
    }
  }

  @Test func withoutARateTheFramesStayAsManyAsTheyAre() throws {
    let result = try upscale(Self.ramp(7), rate: FrameRate(24000, 1001), ["size": "2x2"])
    #expect(result.frames == Self.ramp(7))
    #expect(result.rate == FrameRate(24000, 1001))
  }

  @Test(arguments: ["motion", "blend", "nearest"])
  func aFilmInPartsIsTheFilmInOnePart(interpolation: String) throws {
    let film = (0..<9).map { landscape(Size(width: 32, height: 24), x: 1.5 * Double($0), y: 3) }
    let given: JSON = ["size": "48x36", "fps": "25", "interpolation": .string(interpolation)]
    let whole = try upscale(film, rate: FrameRate(8), given)
    let parts = [Array(film[..<4]), Array(film[4..<5]), Array(film[5...])]
    #expect(whole.frames.count == 28)
    #expect(try upscale(parts: parts, rate: FrameRate(8), given).bytes == whole.bytes)
  }

  @Test func footageThatCannotBeShownIsRefused() throws {
    func message(_ count: Int, _ rate: FrameRate, _ fps: String) -> String {
      do {
        _ = try upscale(Self.ramp(count), rate: rate, ["size": "2x2", "fps": .string(fps)])
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(message(0, FrameRate(8), "25") == "input 'frames': wanted footage, found a sequence of no frames")
    #expect(
      message(1, FrameRate(60), "8") == "input 'frames': 1 frames at 60 a second make none at 8 a second")
    #expect(
      message(9, FrameRate(1, 1000), "240")
        == "input 'frames': 9 frames at 1/1000 a second make more than 216000 at 240 a second")
  }
}
