// Between the code values of video and the light of the scene, exactly.

import CKernels
import Glibc

/// The transfer function of ITU-R BT.709-6: between the light that a camera saw and code values, both from 0 to 1.
///
/// Pictures are resampled in the light of ``SRGB``, footage among them: frames are what a screen shows, and screens
/// show video by BT.1886, which is nearer to sRGB than to a camera's curve.
public enum BT709 {
  /// The light of a code value.
  public static func linear(_ encoded: Double) -> Double {
    encoded < 0.081 ? encoded / 4.5 : pow((encoded + 0.099) / 1.099, 1 / 0.45)
  }

  /// The code value of a light.
  public static func encoded(_ linear: Double) -> Double {
    linear < 0.018 ? linear * 4.5 : 1.099 * pow(linear, 0.45) - 0.099
  }

  /// The light of each 8-bit code value.
  public static let linearOfByte: [Float] = (0...255).map { Float(linear(Double($0) / 255)) }

  /// The nearest 8-bit code value of each of `count` lights, those outside 0…1 clipped: as exact as the formula.
  public static func encode(
    _ light: UnsafePointer<Float>, into bytes: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    TransferFunction.encode(
      reel_transfer_bt709, light, halfways: halfwaysOfByte, into: bytes, count: count)
  }

  /// [256] The least light that is nearer to the next code than to this one; none for the last.
  private static let halfwaysOfByte = TransferFunction.halfways(255, linear)
}
