// Reads a frame sequence, any frame at any time.

import ReelTensor

/// A frame sequence file open for reading. Frames may be read in any order and from several threads.
public final class FrameSequenceReader: Sendable {
  public let path: String
  public let size: Size
  public let rate: FrameRate
  /// The number of frames.
  public let count: Int
  private let file: InputFile
  private let entries: [FrameSequence.Entry]

  /// Opens the file and checks all of it but the frames, which are checked when they are read.
  ///
  /// - Throws: ``MediaError`` for anything but a complete, undamaged frame sequence.
  public init(path: String) throws(MediaError) {
    self.path = path
    file = try InputFile(path)
    guard let header = try file.read(FrameSequence.headerLength, at: 0),
      header.starts(with: FrameSequence.opening)
    else {
      throw .wrongKind(path: path, expected: FrameSequence.kind, reason: "it does not begin like one")
    }
    let trailerOffset = file.length - FrameSequence.trailerLength
    guard trailerOffset >= FrameSequence.headerLength,
      let trailer = try file.read(FrameSequence.trailerLength, at: trailerOffset),
      trailer.suffix(FrameSequence.closing.count) == FrameSequence.closing[...]
    else { throw .cutShort(path: path, expected: FrameSequence.kind) }

    let stated = trailer.littleEndian(UInt64.self, at: 0)
    let room = (trailerOffset - FrameSequence.headerLength) / FrameSequence.entryLength
    guard let count = Int(exactly: stated), count <= room else {
      throw .damaged(path: path, part: "the index", reason: "\(stated) frames do not fit into the file")
    }
    let indexOffset = trailerOffset - count * FrameSequence.entryLength
    guard let index = try file.read(count * FrameSequence.entryLength, at: indexOffset) else {
      throw .cutShort(path: path, expected: FrameSequence.kind)
    }
    guard trailer == FrameSequence.trailer(header: header, index: index, count: count) else {
      throw .damaged(path: path, part: "the index", reason: "its checksum differs")
    }
    (size, rate) = try Self.properties(header, path: path)
    entries = try Self.entries(index, end: indexOffset, path: path)
    self.count = count
  }

  /// The frame at `index`, from 0.
  ///
  /// - Throws: ``MediaError`` where there is no such frame or its bytes are damaged.
  public func frame(at index: Int) throws(MediaError) -> Frame {
    guard entries.indices.contains(index) else { throw .noFrame(path: path, index: index, count: count) }
    let entry = entries[index]
    guard let block = try file.read(entry.length, at: entry.offset) else {
      throw .cutShort(path: path, expected: FrameSequence.kind)
    }
    func damaged(_ reason: String) -> MediaError {
      .damaged(path: path, part: "frame \(index)", reason: reason)
    }
    guard block.withUnsafeBytes(checksum) == entry.checksum else { throw damaged("its checksum differs") }
    do {
      return try decompressed(block, size: size)
    } catch {
      switch error {
      case .notCompressed(let words): throw damaged(words.lowercased())
      case .wrongLength(let wanted, let found): throw damaged("wanted \(wanted) bytes, found \(found)")
      case .wrongPredictor: throw damaged("a row has an unknown predictor")
      }
    }
  }

  private static func properties(_ header: [UInt8], path: String) throws(MediaError) -> (Size, FrameRate) {
    let values = (0..<4).map { Int(header.littleEndian(UInt32.self, at: 8 + 4 * $0)) }
    guard (1...Size.maximumSide).contains(values[0]), (1...Size.maximumSide).contains(values[1]) else {
      throw .damaged(path: path, part: "the header", reason: "a frame of \(values[0])x\(values[1])")
    }
    let size = Size(width: values[0], height: values[1])
    guard size.pixels <= Size.maximumPixels else { throw .tooLarge(path: path, size: size) }
    guard values[2] > 0, values[3] > 0 else {
      throw .damaged(path: path, part: "the header", reason: "a frame rate of \(values[2])/\(values[3])")
    }
    let rate = FrameRate(values[2], values[3])
    guard FrameSequence.accepts(rate) else { throw .unusualRate(path: path, rate: "\(rate)") }
    return (size, rate)
  }

  /// Where each frame's block lies; the blocks fill the file up to `end`.
  private static func entries(
    _ index: [UInt8], end: Int, path: String
  ) throws(MediaError) -> [FrameSequence.Entry] {
    func damaged(_ reason: String) -> MediaError { .damaged(path: path, part: "the index", reason: reason) }
    var entries: [FrameSequence.Entry] = []
    var offset = FrameSequence.headerLength
    for start in stride(from: 0, to: index.count, by: FrameSequence.entryLength) {
      let length = index.littleEndian(UInt64.self, at: start)
      guard length <= UInt64(end - offset) else { throw damaged("a frame reaches beyond the file") }
      if length > 0 {
        let checksum = index.littleEndian(UInt64.self, at: start + 8)
        entries.append(FrameSequence.Entry(offset: offset, length: Int(length), checksum: checksum))
        offset += Int(length)
      } else if let last = entries.last {
        entries.append(last)
      } else {
        throw damaged("the first frame repeats another")
      }
    }
    guard offset == end else { throw damaged("\(end - offset) bytes belong to no frame") }
    return entries
  }
}
