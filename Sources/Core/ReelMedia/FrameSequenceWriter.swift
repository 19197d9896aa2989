// Writes a frame sequence, frame by frame.

import Glibc
import ReelTensor

/// Writes the frames of one part, in order. The same frames give the same bytes, whatever the number of
/// threads.
public final class FrameSequenceWriter {
  private let path: String
  private let size: Size
  private let file: OutputFile
  private let header: [UInt8]
  private var index: [UInt8] = []
  private var count = 0
  /// The frame last appended, to notice a picture that stands still.
  private var last: Frame?
  /// Frames that wait to be compressed together; `nil` for one that repeats the frame before.
  private var waiting: [Frame?] = []

  /// Begins the file, replacing what was there. It can be read once ``finish()`` has returned.
  ///
  /// - Throws: ``MediaError`` where the file cannot be written, a frame of `size` is too large, or `rate` has
  ///   more than six digits above or below.
  public init(path: String, size: Size, rate: FrameRate) throws(MediaError) {
    guard size.pixels <= Size.maximumPixels else { throw .tooLarge(path: path, size: size) }
    guard FrameSequence.accepts(rate) else { throw .unusualRate(path: path, rate: "\(rate)") }
    self.path = path
    self.size = size
    file = try OutputFile(path)
    header = FrameSequence.header(size: size, rate: rate)
    try file.write(header)
  }

  /// Adds the next frame.
  public func append(_ frame: Frame) throws(MediaError) {
    guard frame.size == size else { throw .wrongSize(path: path, wanted: size, found: frame.size) }
    waiting.append(repeatsLast(frame) ? nil : frame)
    last = frame
    count += 1
    if waiting.count >= Threads.count { try flush() }
  }

  /// Completes the file. Nothing can be appended after it.
  public func finish() throws(MediaError) {
    try flush()
    try file.write(index)
    try file.write(FrameSequence.trailer(header: header, index: index, count: count))
  }

  private func repeatsLast(_ frame: Frame) -> Bool {
    guard let last else { return false }
    return frame.pixels.withUnsafeBytes { frame in
      last.pixels.withUnsafeBytes { memcmp(frame.baseAddress!, $0.baseAddress!, frame.count) == 0 }
    }
  }

  /// Compresses what waits, and writes it in order.
  private func flush() throws(MediaError) {
    let frames = waiting
    let blocks = parallelMap(frames.count) { frames[$0].map(compressed) }
    for block in blocks {
      index.append(littleEndian: UInt64(block?.count ?? 0))
      index.append(littleEndian: block?.withUnsafeBytes(checksum) ?? 0)
      if let block { try file.write(block) }
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
