// A frame's pixels packed into a block and back: a predictor, then zstd. The only file that knows zstd.

import CZstd

/// Why a block gave no frame.
enum BlockProblem: Error { case notCompressed(String), wrongLength(wanted: Int, found: Int), wrongPredictor }

/// A frame's pixels as a block: lossless, the same bytes wherever and whenever it is made.
func compressed(_ frame: Frame) -> [UInt8] {
  let residuals = predictionResiduals(of: frame)
  let bound = ZSTD_compressBound(residuals.count)
  return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
    count = residuals.withUnsafeBytes { residuals in
      ZSTD_compress(target.baseAddress, bound, residuals.baseAddress, residuals.count, 1)
    }
    precondition(ZSTD_isError(count) == 0, "zstd compresses any bytes into a buffer of its own bound")
  }
}

/// The frame of `size` in a block, which may be hostile.
func decompressed(_ block: [UInt8], size: Size) throws(BlockProblem) -> Frame {
  let wanted = residualCount(size)
  let stated = ZSTD_getFrameContentSize(block, block.count)
  guard stated == UInt64(wanted) else {
    throw .wrongLength(wanted: wanted, found: Int(clamping: stated))
  }
  var result = 0
  let residuals = [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
    result = ZSTD_decompress(target.baseAddress, wanted, block, block.count)
    if ZSTD_isError(result) == 0 { count = result }
  }
  guard ZSTD_isError(result) == 0 else { throw .notCompressed(String(cString: ZSTD_getErrorName(result))) }
  guard residuals.count == wanted else { throw .wrongLength(wanted: wanted, found: residuals.count) }
  guard let frame = frame(of: size, fromResiduals: residuals) else { throw .wrongPredictor }
  return frame
}
