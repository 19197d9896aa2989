// Between sRGB code values and linear light, exactly.

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

  /// The nearest 8-bit code value of each of `count` lights, those outside 0…1 clipped.
  ///
  /// A table foretells the code from the light's leading bits, and one comparison with the light that lies
  /// half-way between two codes corrects it: as exact as the formula.
  public static func encode(
    _ light: UnsafePointer<Float>, into bytes: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    foretold.withUnsafeBufferPointer { foretold in
      halfways.withUnsafeBufferPointer { halfways in
        for index in 0..<count {
          let value = max(0, min(1, light[index]))
          let code = foretold[Int(Int32(value * Float(steps)))]
          bytes[index] = code &+ (value >= halfways[Int(code)] ? 1 : 0)
        }
      }
    }
  }

  /// Steps of the table from 0 to 1: each is narrower than the narrowest code, so that it holds one half-way
  /// light at most.
  private static let steps = 4096

  /// [256] The least light that is nearer to the next code than to this one; none for the last.
  private static let halfways: [Float] = (0...255).map {
    $0 == 255 ? .infinity : Float(linear((Double($0) + 0.5) / 255))
  }

  /// [steps + 1] The code of the light at which a step begins.
  private static let foretold: [UInt8] = (0...steps).map { step in
    let light = Float(step) / Float(steps)
    return UInt8(halfways.firstIndex { light < $0 }!)
  }
}
