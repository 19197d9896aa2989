// How the resampler goes through a picture: along few rows at a time, each used for all rows that it is part of while
// it is near.
import CKernels
import ReelTensor

/// Pointers to rows of light, one after another.
typealias LightRows = UnsafePointer<UnsafePointer<Float>>

extension Resampler {
  /// Calls `body` for each row of the target, on several threads, with the source's rows that it is a sum of, each
  /// already resampled along, and their weights.
  ///
  /// - Parameters:
  ///   - channels: numbers a pixel, in the picture and in the rows given to `body`.
  ///   - decode: turns four rows of the picture into a line of light, as the loops want it.
  func forEachRow<Sample>(
    of picture: UnsafeBufferPointer<Sample>, channels: Int,
    decode: (_ rows: UnsafePointer<UnsafePointer<Sample>>, _ line: UnsafeMutablePointer<Float>) -> Void,
    body: (_ y: Int, _ rows: LightRows, _ weights: UnsafePointer<Float>) -> Void
  ) {
    let kernels = mediaKernels
    let pitch = source.width * channels
    rows.weights.withUnsafeBufferPointer { weights in
      columns.weights.withUnsafeBufferPointer { columnWeights in
        columns.starts.withUnsafeBufferPointer { starts in
          dispatch(target.height, grain: 32) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: source.width * 16) { line in
              withRowRing(channels: channels) { ring in
                for y in range {
                  let wanted = self.rows.starts[y]..<self.rows.starts[y] + self.rows.count
                  ring.advance(to: wanted) { first, outputs in
                    withFourRows(picture.baseAddress!, first, pitch) { decode($0, line.baseAddress!) }
                    kernels.resample_line(
                      target.width, line.baseAddress!, starts.baseAddress!, columnWeights.baseAddress!,
                      columns.count, channels, outputs)
                  }
                  body(y, ring.rows(from: wanted.lowerBound), weights.baseAddress! + y * self.rows.count)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Four rows of the picture from `first` on; beyond the last row comes the last again.
  private func withFourRows<Sample>(
    _ picture: UnsafePointer<Sample>, _ first: Int, _ pitch: Int,
    _ body: (UnsafePointer<UnsafePointer<Sample>>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Sample>.self, capacity: 4) { rows in
      for row in 0..<4 { rows[row] = picture + min(first + row, source.height - 1) * pitch }
      body(UnsafePointer(rows.baseAddress!))
    }
  }

  /// Memory for the rows that a target row is a sum of, and three more, since four are made at a time.
  private func withRowRing(channels: Int, _ body: (inout RowRing) -> Void) {
    let capacity = rows.count + 3
    // Whole vectors are read, and one number behind the last is written.
    let pitch = (target.width * channels + 1 + 15) / 16 * 16
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity * pitch) { numbers in
      withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: 2 * capacity) { slots in
        for slot in 0..<2 * capacity { slots[slot] = numbers.baseAddress! + slot % capacity * pitch }
        var ring = RowRing(slots: slots.baseAddress!, capacity: capacity)
        body(&ring)
      }
    }
  }
}

/// The last few rows of a picture, row y in the slot y modulo their number.
private struct RowRing {
  /// [2 × capacity] Each slot's address twice over, so that rows in order have their addresses in order.
  let slots: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  let capacity: Int
  /// The first row that has not been made.
  private var next = 0

  init(slots: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, capacity: Int) {
    (self.slots, self.capacity) = (slots, capacity)
  }

  /// Makes the rows up to the end of `wanted` that are not there yet, four at a time. Ranges come in rising order.
  mutating func advance(
    to wanted: Range<Int>,
    _ make: (_ first: Int, _ outputs: UnsafePointer<UnsafeMutablePointer<Float>>) -> Void
  ) {
    next = max(next, wanted.lowerBound)
    while next < wanted.upperBound {
      make(next, slots + next % capacity)
      next += 4
    }
  }

  /// The addresses of the rows from `first` on.
  func rows(from first: Int) -> LightRows {
    UnsafeRawPointer(slots + first % capacity).assumingMemoryBound(to: UnsafePointer<Float>.self)
  }
}
