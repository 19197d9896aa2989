// How alike two frames are.

import Glibc
import ReelStage

/// The peak signal-to-noise ratio of two frames of one size, in decibels; infinite for equal ones.
public func psnr(_ a: Frame, _ b: Frame) -> Double {
  var sum = 0.0
  for (x, y) in zip(a.pixels, b.pixels) {
    let difference = Double(x) - Double(y)
    sum += difference * difference
  }
  return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(a.pixels.count) / sum)
}
