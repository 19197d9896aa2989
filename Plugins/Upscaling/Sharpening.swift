// Lifting the finest detail of a frame.

import ReelStage

/// The frame with `amount` (0…1) of the difference to a softened copy of itself added: an unsharp mask with
/// the weights 1, 2, 1 in both directions, on code values, as the eye sees them.
func sharpened(_ frame: Frame, by amount: Double) -> Frame {
  guard amount > 0 else { return frame }
  let (width, height) = (frame.width, frame.height)
  let pixels = [UInt8](unsafeUninitializedCapacity: frame.pixels.count) { output, count in
    frame.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let rows = [max(y - 1, 0), y, min(y + 1, height - 1)].map { pixels.baseAddress! + $0 * width * 3 }
        for x in 0..<width {
          let columns = (max(x - 1, 0) * 3, x * 3, min(x + 1, width - 1) * 3)
          for channel in 0..<3 {
            func across(_ row: UnsafePointer<UInt8>) -> Double {
              Double(row[columns.0 + channel]) + 2 * Double(row[columns.1 + channel])
                + Double(row[columns.2 + channel])
            }
            let soft = (across(rows[0]) + 2 * across(rows[1]) + across(rows[2])) / 16
            let value = Double(rows[1][columns.1 + channel])
            let sharp = value + amount * (value - soft)
            output[y * width * 3 + x * 3 + channel] = UInt8(max(0, min(255, sharp.rounded())))
          }
        }
      }
    }
    count = output.count
  }
  return Frame(size: frame.size, pixels: pixels)
}
