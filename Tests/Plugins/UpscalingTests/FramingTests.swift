// Shapes: what a crop keeps, where bars lie, what is behind a blurred fit.

import ReelStage
import StageTesting
import Testing
import Upscaling

@Suite struct FramingTests {
  static let red: [UInt8] = [255, 0, 0]

  /// Four plain quarters: red, green above; blue, white below.
  static func quarters(_ size: Size) -> Frame {
    var frame = Frame(size: size)
    for y in 0..<size.height {
      for x in 0..<size.width {
        let colour: [UInt8] =
          y * 2 < size.height
          ? (x * 2 < size.width ? red : [0, 255, 0]) : (x * 2 < size.width ? [0, 0, 255] : [255, 255, 255])
        for channel in 0..<3 { frame.pixels[(y * size.width + x) * 3 + channel] = colour[channel] }
      }
    }
    return frame
  }

  static func pixel(_ frame: Frame, _ x: Int, _ y: Int) -> [UInt8] {
    let start = (y * frame.width + x) * 3
    return Array(frame.pixels[start..<start + 3])
  }

  static func framed(_ size: Size, _ given: [String: JSON]) throws -> Frame {
    try upscale([quarters(size)], rate: FrameRate(25), .object(given)).frames[0]
  }

  @Test func aCropFillsTheFrame() throws {
    let frame = try Self.framed(Size(width: 64, height: 64), ["size": "160x90"])
    #expect(frame.size == Size(width: 160, height: 90))
    #expect(Self.pixel(frame, 2, 2) == Self.red)
    #expect(Self.pixel(frame, 157, 2) == [0, 255, 0])
    #expect(Self.pixel(frame, 2, 87) == [0, 0, 255])
    #expect(Self.pixel(frame, 157, 87) == [255, 255, 255])
  }

  @Test(arguments: [
    ("top", [255, 0, 0], [255, 0, 0]), ("bottom", [0, 0, 255], [0, 0, 255]),
    ("centre", [255, 0, 0], [0, 0, 255]),
  ])
  func anAnchorSaysWhatACropKeeps(anchor: String, above: [UInt8], below: [UInt8]) throws {
    // A quarter of the height stays.
    let frame = try Self.framed(Size(width: 64, height: 64), ["size": "256x64", "anchor": .string(anchor)])
    #expect(Self.pixel(frame, 3, 2) == above)
    #expect(Self.pixel(frame, 3, 61) == below)
  }

  @Test func aZoomGoesIntoTheCorner() throws {
    let frame = try Self.framed(
      Size(width: 64, height: 64), ["size": "64x64", "anchor": "bottom-right", "zoom": "2.2"])
    #expect(Self.pixel(frame, 10, 10) == [255, 255, 255])
  }

  @Test func aLetterboxHasBarsOfItsColour() throws {
    let frame = try Self.framed(
      Size(width: 64, height: 64), ["size": "160x90", "fit": "letterbox", "background": "#102030"])
    // The picture is 90 pixels wide, its left edge at an even place.
    #expect(Self.pixel(frame, 33, 45) == [16, 32, 48])
    #expect(Self.pixel(frame, 34, 3) == Self.red)
    #expect(Self.pixel(frame, 123, 3) == [0, 255, 0])
    #expect(Self.pixel(frame, 124, 45) == [16, 32, 48])
  }

  @Test func aBlurredFitShowsTheWholePictureOverItself() throws {
    let frame = try Self.framed(Size(width: 64, height: 64), ["size": "160x90", "fit": "blur"])
    #expect(Self.pixel(frame, 36, 3) == Self.red)
    #expect(Self.pixel(frame, 121, 87) == [255, 255, 255])
    // Beside it the same colours, run together.
    let (above, below) = (Self.pixel(frame, 5, 2), Self.pixel(frame, 5, 87))
    #expect(above[0] > 200 && above[2] < 120)
    #expect(below[2] > 200 && below[0] < 120)
    let seam = Self.pixel(frame, 5, 45)
    #expect(seam[0] > 120 && seam[2] > 120)
  }

  @Test(arguments: ["crop", "letterbox", "blur"]) func theSameShapeIsFilled(fit: String) throws {
    let frame = try Self.framed(Size(width: 32, height: 18), ["size": "64x36", "fit": .string(fit)])
    #expect(Self.pixel(frame, 1, 1) == Self.red)
    #expect(Self.pixel(frame, 62, 34) == [255, 255, 255])
  }

  @Test func sharpeningLiftsEdgesAndLeavesPlains() throws {
    let size = Size(width: 16, height: 16)
    var step = Frame(size: size, red: 80, green: 80, blue: 80)
    for index in 0..<size.pixels where index % 16 >= 8 {
      for channel in 0..<3 { step.pixels[3 * index + channel] = 160 }
    }
    let frame = try upscale([step], rate: FrameRate(25), ["size": "16x16", "sharpen": "0.5"]).frames[0]
    #expect(Self.pixel(frame, 2, 8) == [80, 80, 80])
    // A quarter of the step of 80 softens over; half of that is added.
    #expect(Self.pixel(frame, 7, 8) == [70, 70, 70])
    #expect(Self.pixel(frame, 8, 8) == [170, 170, 170])
  }

  @Test func progressIsToldInFrames() throws {
    let listener = ProgressLog()
    let frames = Array(repeating: Self.quarters(Size(width: 8, height: 8)), count: 10)
    _ = try upscale(frames, rate: FrameRate(25), ["size": "16x16"], listener: listener)
    let steps = listener.reports
    #expect(steps.last?.done == 10)
    #expect(steps.allSatisfy { $0.total == 10 && $0.unit == "frames" })
    #expect(steps.map(\.done) == steps.map(\.done).sorted())
  }

  @Test func whatCannotBeMadeIsRefused() throws {
    func message(_ given: JSON) -> String {
      do {
        _ = try stage(given)
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(
      message(["size": "16384x16384"])
        == "parameter 'size': 16384x16384 has more than 67108864 pixels; make it smaller")
    #expect(
      message(["size": "16x16", "background": "#00000080"])
        == "parameter 'background': #00000080 can be seen through, wanted a colour such as #000000")
    #expect(throws: StageError.failed("a film of no parts")) {
      try stage(["size": "16x16"]).run(Job(inputs: [:], threads: 1, folder: "/tmp", observer: ProgressLog()))
    }
  }
}
