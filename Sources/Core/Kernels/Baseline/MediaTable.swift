// The table of the loops over pixels at this CPU level: how the other modules reach them.
import CKernels

/// The loops over pixels of this module.
public func mediaKernelTable() -> ReelMediaKernels {
  ReelMediaKernels(
    yuv_rows: {
      yuvRows(width: $0, upper: $1, lower: $2, upperLuma: $3, lowerLuma: $4, blues: $5, reds: $6)
    },
    rgb_row: {
      rgbRow(
        width: $0, luma: $1, nearBlues: $2, farBlues: $3, nearReds: $4, farReds: $5, pixels: $6)
    },
    blend: { blend(count: $0, colour: $1, cover: $2, opacity: $3, target: $4) },
    light_of_bytes: { lightOfBytes(width: $0, rows: $1, light: $2, line: $3) },
    light_of_shorts: { lightOfShorts(width: $0, rows: $1, light: $2, line: $3) },
    light_of_floats: { lightOfFloats(width: $0, rows: $1, line: $2) },
    resample_line: {
      resampleLine(
        width: $0, line: $1, starts: $2, weights: $3, terms: $4, channels: $5, outputs: $6)
    },
    sum_rows: { sumRows(count: $0, rows: $1, weights: $2, terms: $3, sums: $4) },
    sum_rows_to_bytes: {
      sumRowsToBytes(count: $0, rows: $1, weights: $2, terms: $3, halfways: $4, codes: $5)
    },
    sum_rows_to_shorts: {
      sumRowsToShorts(count: $0, rows: $1, weights: $2, terms: $3, halfways: $4, codes: $5)
    },
    bytes_of_light: { bytesOfLight(transfer: $0, count: $1, light: $2, halfways: $3, codes: $4) },
    window_difference: {
      windowDifference(
        side: $0, first: $1, firstPitch: $2, firstWeights: $3, second: $4, secondPitch: $5, secondWeights: $6,
        weights: $7)
    },
    compensate_row: { compensateRow($0.pointee, y: $1, pixels: $2) },
    shuffle_row: { shuffleRow(width: $0, channels: $1, factor: $2, row: $3, outputs: $4) })
}
