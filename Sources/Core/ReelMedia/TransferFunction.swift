// What the transfer functions share: the boundaries between codes, and the codes of many lights at once.

import CKernels
import ReelTensor

enum TransferFunction {
  /// For each code up to `last` the least light that is nearer to the next code; none for the last one.
  ///
  /// - Parameter linear: the light of a code value from 0 to 1.
  static func halfways(_ last: Int, _ linear: (Double) -> Double) -> [Float] {
    (0...last).map { $0 == last ? .infinity : Float(linear((Double($0) + 0.5) / Double(last))) }
  }

  /// The nearest of 256 codes of each of `count` lights, those outside 0…1 clipped.
  static func encode(
    _ transfer: ReelTransfer, _ light: UnsafePointer<Float>, halfways: [Float],
    into bytes: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let kernels = mediaKernels
    halfways.withUnsafeBufferPointer { halfways in
      dispatch(count, grain: 32768) { range in
        kernels.bytes_of_light(
          transfer, range.count, light + range.lowerBound, halfways.baseAddress!, bytes + range.lowerBound)
      }
    }
  }
}
