// Runs the stage as the worker does: a small film in, its frames out.

import AdOverlay
import Glibc
import ReelStage
import StageTesting
import Testing

/// A grey film in which every pixel of every frame is `shade`.
struct GreyFilm {
  var size = Size(width: 200, height: 100)
  var frames = 50
  var shade: UInt8 = 100

  /// The frames after the stage has drawn `layers` on them.
  func drawn(
    _ layers: [JSON], _ more: [String: JSON] = [:], threads: Int = 1
  ) throws -> [Frame] {
    var parameters = more
    parameters["layers"] = .array(layers)
    let folder = TemporaryFolder()
    let film = folder.path + "/film"
    let writer = try FrameSequenceWriter(path: film, size: size, rate: FrameRate(25))
    for _ in 0..<frames { try writer.append(Frame(size: size, red: shade, green: shade, blue: shade)) }
    try writer.finish()
    let run = try StageRun(AdOverlay.self, .object(parameters), inputs: ["frames": [film]], threads: threads)
    #expect(try FrameTimeline(paths: run.outputs.map(\.path)).rate == FrameRate(25))
    return try run.frames()
  }

  /// What the stage says of layers that it refuses.
  func refusal(_ layers: [JSON], _ more: [String: JSON] = [:]) -> String {
    do {
      return "no error: \(try drawn(layers, more).count) frames"
    } catch {
      return "\(error)"
    }
  }
}

extension Frame {
  /// The bytes at a place.
  subscript(x: Int, y: Int) -> [UInt8] { Array(pixels[3 * (y * width + x)..<3 * (y * width + x + 1)]) }

  /// The least rectangle that holds every pixel that is not `shade` grey: left, top, width, height.
  func changed(from shade: UInt8) -> [Int]? {
    var (left, top, right, bottom) = (width, height, 0, 0)
    for y in 0..<height {
      for x in 0..<width where self[x, y] != [shade, shade, shade] {
        (left, right) = (min(left, x), max(right, x + 1))
        (top, bottom) = (min(top, y), y + 1)
      }
    }
    return right > left ? [left, top, right - left, bottom - top] : nil
  }

  /// By column, how far the pixels of the rows are from `shade`, added up.
  func columns(from shade: UInt8, rows: Range<Int>? = nil) -> [Int] {
    (0..<width).map { x in
      (rows ?? 0..<height).reduce(0) { $0 + abs(Int(self[x, $1][0]) - Int(shade)) }
    }
  }
}
