// The layout of a frame sequence file: a run of frames, kept losslessly, compressed, each found on its own.

import ReelTensor

/// A frame sequence file, all integers little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 8 | `reelseq1` |
/// | 16 | width, height, rate's numerator and denominator, four bytes each |
/// | … | the frames' blocks, one after another |
/// | 16 a frame | the block's length and checksum; length 0: the same picture as the frame before |
/// | 24 | the number of frames, the checksum of the header, the index and that number, `reelend1` |
///
/// A block is a zstd frame of `predictionResiduals`. Every byte of the file is covered by a checksum or is
/// checked itself, so that a flipped bit anywhere is found.
enum FrameSequence {
  static let kind = "a reel frame sequence"
  static let headerLength = 24
  static let entryLength = 16
  static let trailerLength = 24
  static let opening = Array("reelseq1".utf8)
  static let closing = Array("reelend1".utf8)

  struct Entry {
    /// Where the block lies in the file; the block of an earlier frame for a repeated picture.
    let offset: Int
    let length: Int
    let checksum: UInt64
  }

  /// Whether a rate can be reckoned with exactly: both of its numbers have six digits at most.
  static func accepts(_ rate: FrameRate) -> Bool {
    rate.numerator <= 1_000_000 && rate.denominator <= 1_000_000
  }

  static func header(size: Size, rate: FrameRate) -> [UInt8] {
    var bytes = opening
    for value in [size.width, size.height, rate.numerator, rate.denominator] {
      bytes.append(littleEndian: UInt32(value))
    }
    return bytes
  }

  /// The trailer of a file with this header and index.
  static func trailer(header: [UInt8], index: [UInt8], count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(count))
    bytes.append(littleEndian: (header + index + bytes).withUnsafeBytes(checksum))
    return bytes + closing
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
    withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
  }
}
