// Frames in between against what the camera really saw there.

import ReelStage
import StageTesting
import Testing
import Upscaling

@Suite struct MotionTests {
  static let size = Size(width: 64, height: 64)

  /// The mean PSNR of the frames in between, against the truth that `scene` gives at any time in source
  /// frames.
  static func quality(_ interpolation: String, scene: (Double) -> Frame) throws -> Double {
    let result = try upscale(
      (0..<6).map { scene(Double($0)) }, rate: FrameRate(8),
      ["size": "64x64", "fps": "25", "interpolation": .string(interpolation)])
    #expect(result.frames.count == 19)
    var values: [Double] = []
    for index in 1..<18 {
      // From frame 0 to frame 5 in 18 steps.
      let time = Double(index) * 5 / 18
      if time != time.rounded() {
        values.append(psnr(result.frames[index], scene(time)))
      }
    }
    return values.reduce(0, +) / Double(values.count)
  }

  @Test(arguments: [(0.4, 0.0), (1.3, -0.7), (3.0, 2.0), (-6.5, 1.5)])
  func aPanIsFollowed(dx: Double, dy: Double) throws {
    let scene = { (time: Double) in landscape(Self.size, x: time * dx, y: time * dy) }
    let (motion, blend) = (try Self.quality("motion", scene: scene), try Self.quality("blend", scene: scene))
    #expect(motion > 36)
    #expect(motion > blend)
  }

  @Test func aPushInIsFollowed() throws {
    let scene = { (time: Double) in landscape(Self.size, x: 0, y: 0, zoom: 1 + 0.05 * time) }
    let (motion, blend) = (try Self.quality("motion", scene: scene), try Self.quality("blend", scene: scene))
    #expect(motion > 44)
    #expect(motion > blend + 1)
  }

  /// A slow pan moves every frame by the same amount: no frame jumps, none stands still.
  @Test func aSlowPanIsSmooth() throws {
    let result = try upscale(
      (0..<9).map { landscape(Self.size, x: 0.8 * Double($0), y: 0) }, rate: FrameRate(8),
      ["size": "64x64", "fps": "25"])
    let steps = zip(result.frames, result.frames.dropFirst()).map { first, second in
      zip(first.pixels, second.pixels).map { abs(Double($0) - Double($1)) }.reduce(0, +)
    }
    let mean = steps.reduce(0, +) / Double(steps.count)
    #expect(steps.allSatisfy { $0 > 0.75 * mean && $0 < 1.25 * mean })
  }

  /// Where nothing can be followed, no pixel is worse than a mix of both frames would show.
  @Test func aCutIsBlended() throws {
    let (black, white) = (Frame(size: Self.size), Frame(size: Self.size, red: 255, green: 255, blue: 255))
    let result = try upscale([black, white], rate: FrameRate(8), ["size": "64x64", "fps": "16"])
    #expect(result.frames[1].pixels.allSatisfy { $0 == 85 })
    #expect(result.frames[2].pixels.allSatisfy { $0 == 170 })
  }

  @Test func anObjectMovesOverAStillBackground() throws {
    func scene(_ time: Double) -> Frame {
      var frame = landscape(Self.size, x: 0, y: 0)
      for y in 24..<40 {
        for x in 0..<64 {
          // Edges of the object cover pixels in part.
          let inside = max(0, min(1, 8.5 - abs(Double(x) - (20 + 4 * time))))
          let pixel = (y * 64 + x) * 3
          for (channel, value) in [220.0, 30, 40].enumerated() {
            let ground = Double(frame.pixels[pixel + channel])
            frame.pixels[pixel + channel] = UInt8((ground + (value - ground) * inside).rounded())
          }
        }
      }
      return frame
    }
    let (motion, blend) = (try Self.quality("motion", scene: scene), try Self.quality("blend", scene: scene))
    #expect(motion > blend + 1.5)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let frames = (0..<5).map { landscape(Size(width: 50, height: 30), x: 1.7 * Double($0), y: 0.3) }
    let results = try [1, 2, 7].map { threads in
      try upscale(
        frames, rate: FrameRate(8), ["size": "90x160", "fps": "25", "fit": "blur"], threads: threads
      ).bytes
    }
    #expect(results[0] == results[1] && results[1] == results[2])
  }
}
