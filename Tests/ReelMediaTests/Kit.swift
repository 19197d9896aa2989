// What the tests of this module share: files in a folder of their own, pictures, a small random source.

import Glibc
import ReelMedia
import ReelTensor
import Testing

/// A random source that gives the same numbers on every machine (Steele, Lea & Flood 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

extension Frame {
  static func noise(_ size: Size, _ random: inout SplitMix) -> Frame {
    Frame(size: size, pixels: (0..<size.pixels * 3).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// A ramp in both directions, another in each channel.
  static func gradient(_ size: Size, shift: Int = 0) -> Frame {
    var frame = Frame(size: size)
    for y in 0..<size.height {
      for x in 0..<size.width {
        for channel in 0..<3 {
          let value = (x * (channel + 2) + y * 3 + shift) % 256
          frame.pixels[(y * size.width + x) * 3 + channel] = UInt8(value)
        }
      }
    }
    return frame
  }
}

/// Runs `body` with an empty folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/reel-media-XXXXXX".utf8CString)
  let folder = try #require(
    template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
  defer {
    if let entries = opendir(folder) {
      while let entry = readdir(entries) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        unlink("\(folder)/\(name)")
      }
      closedir(entries)
    }
    rmdir(folder)
  }
  return try body(folder)
}

func bytes(of path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "rb"))
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let length = ftell(file)
  rewind(file)
  return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    count = fread(buffer.baseAddress, 1, length, file)
  }
}

func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"))
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

func writeSequence(
  _ frames: [Frame], size: Size? = nil, to path: String, rate: FrameRate = FrameRate(25)
) throws {
  let writer = try FrameSequenceWriter(path: path, size: size ?? frames[0].size, rate: rate)
  for frame in frames { try writer.append(frame) }
  try writer.finish()
}

/// Expects `body` to throw an error whose description is `message`, word for word.
func expectError<Result>(
  _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  do {
    _ = try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch {
    #expect("\(error)" == message, sourceLocation: sourceLocation)
  }
}

/// Runs `body` with the loops of each CPU level of this machine.
func onEveryLevel(_ body: () -> Void) {
  for level in CPULevel.supported { CPULevel.$current.withValue(level, operation: body) }
}
