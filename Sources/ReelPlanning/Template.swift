// Text with `${…}` in it.

/// Text cut at its `${…}` references.
///
/// `${vars.brief}`, `${matrix.market.headline}`: names joined by dots. `$${` stands for the characters
/// `${`; a dollar sign before anything else is itself.
struct Template {
  enum Piece: Equatable {
    case text(String)
    /// The names between the braces, and how many characters stand before it.
    case reference([String], at: Int)
  }

  private(set) var pieces: [Piece] = []
  private(set) var problems: [(problem: Problem, offset: Int)] = []

  /// Whether a text can be anything but itself.
  static func isPossible(in text: String) -> Bool {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == UInt8(ascii: "$"), byte == UInt8(ascii: "{") { return true }
      previous = byte
    }
    return false
  }

  init(_ text: String) {
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func begins(_ characters: StaticString) -> Bool {
      characters.withUTF8Buffer { rest.starts(with: $0) }
    }
    // Continuation bytes begin no character.
    var offset = 0
    func width(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xc0 != 0x80 } }
    while let byte = rest.first {
      if begins("$${") {
        literal += Array("${".utf8)
        rest = rest.dropFirst(3)
        offset += 3
      } else if begins("${") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          problems.append((.openReference(String(decoding: rest, as: UTF8.self)), offset))
          literal += rest
          break
        }
        let inside = String(decoding: rest[(rest.startIndex + 2)..<end], as: UTF8.self)
        let start = offset
        offset += width(rest[...end])
        rest = rest[(end + 1)...]
        guard let names = Self.names(inside) else {
          problems.append((.badReference(inside), start))
          continue
        }
        if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
        literal = []
        pieces.append(.reference(names, at: start))
      } else {
        literal.append(byte)
        offset += byte & 0xc0 != 0x80 ? 1 : 0
        rest = rest.dropFirst()
      }
    }
    if !literal.isEmpty || pieces.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
  }

  private static func names(_ text: String) -> [String]? {
    let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return names.count <= 32 && names.allSatisfy(isName) ? names : nil
  }

  /// Whether a text can stand between the dots of a reference: letters, digits, `_`, `-`.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0.isDigit || $0 == "_" || $0 == "-" }
  }
}

extension Unicode.Scalar {
  var isDigit: Bool { ("0"..."9").contains(self) }
}

/// Whether a text can be the id of a node or a row: it stands in file names and on the command line, so no
/// spaces, slashes, or signs with a meaning there.
func isIdentifier(_ text: String) -> Bool {
  guard let first = text.unicodeScalars.first, first != ".", first != "-" else { return false }
  return text.utf8.count <= 100
    && text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.generalCategory == .nonspacingMark
        || $0.properties.numericType != nil || "._-+".unicodeScalars.contains($0)
    }
}
