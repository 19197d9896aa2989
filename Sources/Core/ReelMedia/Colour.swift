// A colour as a pipeline writes it.

/// An sRGB colour with opacity, one byte each, written "#rrggbb" or "#rrggbbaa".
public struct Colour: Hashable, Sendable, CustomStringConvertible {
  public let red: UInt8
  public let green: UInt8
  public let blue: UInt8
  /// 255 is opaque.
  public let alpha: UInt8

  public init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// Reads "#rrggbb" or "#rrggbbaa" in either case; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let digits = text.dropFirst()
    guard text.first == "#", digits.utf8.count == 6 || digits.utf8.count == 8,
      digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16)
    else { return nil }
    let rgba = digits.utf8.count == 6 ? value << 8 | 0xff : value
    self.init(
      red: UInt8(rgba >> 24), green: UInt8(rgba >> 16 & 0xff), blue: UInt8(rgba >> 8 & 0xff),
      alpha: UInt8(rgba & 0xff))
  }

  /// Lower case; the opacity only where it is not full.
  public var description: String {
    let bytes = alpha == 255 ? [red, green, blue] : [red, green, blue, alpha]
    return "#" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
