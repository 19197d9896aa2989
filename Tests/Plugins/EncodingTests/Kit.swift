// What the tests of this stage share: encoding frames, and asking ffprobe and ffmpeg what came out.

import Encoding
import Glibc
import ReelStage
import StageTesting
import Testing

/// A film that is gone with the value.
final class Film {
  private let run: StageRun
  var path: String { run.outputs[0].path }
  var progress: [ProgressLog.Report] { run.progress }

  /// Encodes parts, with parameters written as a pipeline writes them. A part without frames has `size`.
  init(
    _ parts: [[Frame]], size: Size = Size(width: 16, height: 16), rate: FrameRate = FrameRate(25),
    _ given: JSON = [:], threads: Int = 2
  ) throws {
    let folder = TemporaryFolder()
    let paths = parts.indices.map { "\(folder.path)/part\($0)" }
    for (path, frames) in zip(paths, parts) {
      let writer = try FrameSequenceWriter(path: path, size: frames.first?.size ?? size, rate: rate)
      for frame in frames { try writer.append(frame) }
      try writer.finish()
    }
    run = try StageRun(Encoding.self, given, inputs: ["frames": paths], threads: threads)
    #expect(run.outputs.map(\.port) == ["film"])
  }

  /// The bytes of the file.
  func bytes() throws -> [UInt8] { try output("cat '\(path)'") }

  /// What ffprobe says of these entries, one a line.
  func probe(_ entries: String) throws -> [String] {
    let text = try output("ffprobe -v error -show_entries '\(entries)' -of default=nw=1 '\(path)'")
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The frames as ffmpeg decodes them, which must find nothing wrong.
  func decoded(_ size: Size) throws -> [Frame] {
    let pixels = try output(
      "ffmpeg -v error -xerror -err_detect explode -i '\(path)' -f rawvideo -pix_fmt rgb24 "
        + "-sws_flags accurate_rnd+full_chroma_int+full_chroma_inp - 2>&1")
    try #require(
      pixels.count % (size.pixels * 3) == 0, "\(String(decoding: pixels.prefix(500), as: UTF8.self))")
    return stride(from: 0, to: pixels.count, by: size.pixels * 3).map {
      Frame(size: size, pixels: Array(pixels[$0..<$0 + size.pixels * 3]))
    }
  }
}

/// What a shell command prints; it must succeed.
func output(_ command: String) throws -> [UInt8] {
  let pipe = try #require(popen(command, "r"))
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer.prefix(count) }
  #expect(pclose(pipe) == 0, "\(command)")
  return bytes
}

/// A soft scene that moves with time, in seconds.
func scene(_ size: Size, time: Double) -> Frame {
  var frame = Frame(size: size)
  for y in 0..<size.height {
    for x in 0..<size.width {
      let (u, v) = (Double(x) / 20 + time, Double(y) / 16)
      let pixel = (y * size.width + x) * 3
      frame.pixels[pixel] = UInt8(128 + 90 * sin(u + v / 3))
      frame.pixels[pixel + 1] = UInt8(128 + 90 * sin(v - u / 5))
      frame.pixels[pixel + 2] = UInt8(128 + 90 * cos((u + v) / 2))
    }
  }
  return frame
}

/// Has the C library fill the memory that it hands out with a pattern while `body` runs; 0 for as it comes.
func fillMemory<Result>(with pattern: Int32, _ body: () throws -> Result) throws -> Result {
  // `mallopt` and M_PERTURB are not in Swift's Glibc module.
  typealias Option = @convention(c) (_ name: Int32, _ value: Int32) -> Int32
  let setOption = unsafeBitCast(try #require(dlsym(nil, "mallopt")), to: Option.self)
  try #require(setOption(-6, pattern) == 1)
  defer { _ = setOption(-6, 0) }
  return try body()
}
