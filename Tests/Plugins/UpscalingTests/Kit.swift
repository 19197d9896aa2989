// What the tests of this stage share: running it on frames, pictures whose motion is known.

import Glibc
import ReelStage
import StageTesting
import Testing
import Upscaling

/// The stage with these parameters, written as a pipeline writes them.
func stage(_ given: JSON) throws -> Upscaling {
  try Upscaling(Parameters(checked(given, for: Upscaling.self)))
}

/// Runs the stage on frames at a rate; the frames and the rate that come out, and the bytes of the file.
func upscale(
  _ frames: [Frame], rate: FrameRate, _ given: JSON, threads: Int = 2, listener: ProgressLog = ProgressLog()
) throws -> (frames: [Frame], rate: FrameRate, bytes: [UInt8]) {
  try upscale(parts: [frames], rate: rate, given, threads: threads, listener: listener)
}

/// As above, on a film that comes in parts.
func upscale(
  parts: [[Frame]], rate: FrameRate, _ given: JSON, threads: Int = 2, listener: ProgressLog = ProgressLog()
) throws -> (frames: [Frame], rate: FrameRate, bytes: [UInt8]) {
  var template = Array("/tmp/reel-upscaling-XXXXXX".utf8CString)
  let folder = try #require(
    template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
  let footage = parts.indices.map { "\(folder)/footage-\($0)" }
  defer {
    for path in footage + [folder + "/0"] { unlink(path) }
    rmdir(folder)
  }
  for (path, frames) in zip(footage, parts) {
    let writer = try FrameSequenceWriter(
      path: path, size: frames.first?.size ?? Size(width: 8, height: 8), rate: rate)
    for frame in frames { try writer.append(frame) }
    try writer.finish()
  }
  let job = Job(inputs: ["frames": footage], threads: threads, folder: folder, observer: listener)
  try stage(given).run(job)
  #expect(job.outputs.map(\.port) == ["frames"])
  let reader = try FrameSequenceReader(path: job.outputs[0].path)
  let file = try #require(fopen(job.outputs[0].path, "rb"))
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let length = ftell(file)
  rewind(file)
  let bytes = [UInt8](unsafeUninitializedCapacity: length) { $1 = fread($0.baseAddress, 1, length, file) }
  return (try (0..<reader.count).map { try reader.frame(at: $0) }, reader.rate, bytes)
}

/// A landscape of soft waves, seen through a camera at `x`, `y` with a zoom: exact at any place.
func landscape(_ size: Size, x: Double, y: Double, zoom: Double = 1) -> Frame {
  var frame = Frame(size: size)
  for row in 0..<size.height {
    for column in 0..<size.width {
      let u = (Double(column) - Double(size.width) / 2) / zoom + x
      let v = (Double(row) - Double(size.height) / 2) / zoom + y
      let waves = (sin(u / 1.3 + v / 5), sin(v / 1.5 - u / 6), sin((u + v) / 1.9), sin(u / 17) * cos(v / 13))
      let pixel = (row * size.width + column) * 3
      frame.pixels[pixel] = UInt8(128 + 50 * waves.0 + 60 * waves.3)
      frame.pixels[pixel + 1] = UInt8(128 + 50 * waves.1 + 60 * waves.3)
      frame.pixels[pixel + 2] = UInt8(128 + 50 * waves.2 + 60 * waves.3)
    }
  }
  return frame
}
