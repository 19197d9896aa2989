// Between sRGB code values and linear light, exactly.

import CKernels
import Glibc

/// The sRGB transfer function of IEC 61966-2-1: between code values (what a file holds) and linear light
/// (what adds up physically), both from 0 to 1.
public enum SRGB {
  /// The light of a code value.
  public static func linear(_ encoded: Double) -> Double {
    encoded <= 0.04045 ? encoded / 12.92 : pow((encoded + 0.055) / 1.055, 2.4)
  }

  /// The code value of a light.
  public static func encoded(_ linear: Double) -> Double {
    linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055
  }

  /// The light of each 8-bit code value.
  public static let linearOfByte: [Float] = (0...255).map { Float(linear(Double($0) / 255)) }

  /// The light of each 16-bit code value.
  static let linearOfShort: [Float] = (0...65535).map { Float(linear(Double($0) / 65535)) }

  /// The nearest 8-bit code value of each of `count` lights, those outside 0…1 clipped: as exact as the formula.
  public static func encode(
    _ light: UnsafePointer<Float>, into bytes: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    TransferFunction.encode(reel_transfer_srgb, light, halfways: halfwaysOfByte, into: bytes, count: count)
  }

  /// [256] The least light that is nearer to the next code than to this one; none for the last.
  static let halfwaysOfByte = TransferFunction.halfways(255, linear)

  /// [65536] As above.
  static let halfwaysOfShort = TransferFunction.halfways(65535, linear)
}
