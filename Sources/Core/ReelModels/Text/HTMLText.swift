// Character references in a text ("&amp;", "&#8217;") turned into the characters they stand for.

/// HTML's character references, resolved as Python's `html.unescape` does, which the pipelines of the reference
/// call on every prompt.
enum HTMLText {
  /// The longest name that is looked for after an ampersand, in scalars.
  private static let longestName = 32

  static func unescape(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    let scalars = Array(text.unicodeScalars)
    var output = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      if scalars[index] == "&", let (replacement, length) = reference(scalars[(index + 1)...]) {
        output.append(contentsOf: replacement.unicodeScalars)
        index += 1 + length
      } else {
        output.append(scalars[index])
        index += 1
      }
    }
    return String(output)
  }

  /// The reference that begins after an ampersand, and its length in scalars; `nil` where there is none.
  private static func reference(_ rest: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
    rest.first == "#" ? numericReference(rest) : namedReference(rest)
  }

  private static func numericReference(_ rest: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
    let isHexadecimal = rest.dropFirst().first.map { $0 == "x" || $0 == "X" } ?? false
    let intro = isHexadecimal ? 2 : 1
    let digits = rest.dropFirst(intro).prefix {
      isHexadecimal ? $0.properties.isASCIIHexDigit : isDecimal($0)
    }
    guard !digits.isEmpty else { return nil }
    var number = 0
    for digit in digits {
      number = min(
        number * (isHexadecimal ? 16 : 10) + Int(digit.properties.numericValue ?? hexValue(digit)), 0x11_0000)
    }
    let closes = rest.dropFirst(intro + digits.count).first == ";"
    return (character(number), intro + digits.count + (closes ? 1 : 0))
  }

  private static func isDecimal(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func hexValue(_ scalar: Unicode.Scalar) -> Double {
    Double(scalar.value & 0xdf) - 55  // "A" is 65
  }

  /// The character of a number: Windows-1252's for the C1 controls, nothing for non-characters.
  private static func character(_ number: Int) -> String {
    if number == 0x0d { return "\r" }
    if let index = windowsControls.firstIndex(where: { $0.number == number }) {
      return windowsControls[index].character
    }
    guard number != 0, let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
      return "\u{fffd}"
    }
    switch number {
    case 0x01...0x08, 0x0b, 0x0e...0x1f, 0x7f...0x9f, 0xfdd0...0xfdef: return ""
    default: return number & 0xfffe == 0xfffe ? "" : String(Character(scalar))
    }
  }

  /// Numbers 128 to 159 mean Windows-1252 where that has a character.
  private static let windowsControls: [(number: Int, character: String)] = Array(
    zip(
      [
        0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90,
        0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
      ],
      "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ".unicodeScalars.map { String(Character($0)) }
    )
  )

  private static func namedReference(_ rest: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
    let stops: Set<Unicode.Scalar> = ["\t", "\n", "\u{0c}", " ", "<", "&", "#", ";"]
    let name = Array(rest.prefix(longestName).prefix { !stops.contains($0) })
    guard !name.isEmpty else { return nil }
    let closes = rest.dropFirst(name.count).first == ";"
    if closes, let found = names.closed[String(String.UnicodeScalarView(name))] {
      return (found, name.count + 1)
    }
    // Without a semicolon the longest beginning that may stand so.
    for length in stride(from: name.count, through: 2, by: -1) {
      if let found = names.open[String(String.UnicodeScalarView(name[..<length]))] { return (found, length) }
    }
    return nil
  }

  /// Names that need their semicolon or have it, and those that may stand without.
  private static let names: (closed: [String: String], open: [String: String]) = {
    var closed: [String: String] = [:]
    var open: [String: String] = [:]
    for entry in namedReferences.split(whereSeparator: \.isWhitespace) {
      let parts = entry.split(separator: "=")
      let name = String(parts[0].drop { $0 == "*" })
      let scalars = parts[1].split(separator: "+").compactMap {
        UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
      }
      let text = String(String.UnicodeScalarView(scalars))
      closed[name] = text
      if entry.hasPrefix("*") { open[name] = text }
    }
    return (closed, open)
  }()
}
