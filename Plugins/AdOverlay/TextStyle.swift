// How a text is set: family, weight, alignment, spacing; the families that stand in for scripts it lacks.

import ReelStage

/// A font's weight, by the names of CSS. A family that lacks one gives its nearest.
package enum Weight: String, Hashable, Sendable, CaseIterable {
  case thin
  case light
  case regular
  case medium
  case semibold
  case bold
  case black

  /// 100 to 900, as OpenType counts.
  var value: Int {
    switch self {
    case .thin: 100
    case .light: 300
    case .regular: 400
    case .medium: 500
    case .semibold: 600
    case .bold: 700
    case .black: 900
    }
  }
}

/// How the lines of a text stand above each other; by each paragraph's own direction.
package enum Alignment: String, Hashable, Sendable, CaseIterable {
  case start
  case centre
  case end
}

/// How a text is set, apart from its size.
package struct TextStyle: Hashable, Sendable {
  /// In the order in which they are asked for a character.
  var families: [String]
  var weight: Weight = .regular
  var isItalic = false
  var alignment: Alignment = .start
  /// Of paragraphs that have no strong characters.
  var direction: Direction = .leftToRight
  /// From line to line, in ems, whatever the font's own idea of it.
  var lineHeight = 1.25
  /// Space added between letters, in ems. Letters that join get none.
  var tracking = 0.0
  /// The text's language as in BCP 47, for shapes that differ by it.
  var language: String?

  package init(
    families: [String], weight: Weight = .regular, direction: Direction = .leftToRight
  ) {
    (self.families, self.weight, self.direction) = (families, weight, direction)
  }
}

/// Why a text cannot be set.
package enum FontProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case noFamily(String, suggestion: String?)
  case noGlyph(Unicode.Scalar, families: [String])

  package var description: String {
    switch self {
    case .noFamily(let name, let suggestion):
      "no font family '\(name)' is installed"
        + (suggestion.map { "; did you mean '\($0)'? Else install it" } ?? "; install it")
        + ", or name its file in 'fonts'"
    case .noGlyph(let character, let families):
      "no font has the character \(Self.shown(character)): looked in "
        + families.map { "'\($0)'" }.joined(separator: ", ")
        + " and the Noto families; install a font that has it, or name its file in 'fonts'"
    }
  }

  private static func shown(_ character: Unicode.Scalar) -> String {
    let digits = String(character.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return character.properties.generalCategory == .control ? code : "'\(character)' (\(code))"
  }
}

extension FontCollection {
  /// The families to set `text` in: the named ones, then those that have what they lack. Debian's Noto fonts
  /// are one family a script, so 'Noto Sans' stands for 'Noto Sans Arabic' too.
  ///
  /// The pipeline's own fonts are asked first, then families that extend the first one's name, then Noto of
  /// the same kind, then any Noto. Of each group, the family with the most of the missing characters comes
  /// first; then the language's, the shorter name, the alphabet.
  ///
  /// - Throws: ``FontProblem`` for a name that is not exactly a family's, or a character that no family has.
  package func families(for text: String, named: [String], language: String?) throws(FontProblem) -> [String]
  {
    for name in named where !families.contains(name) {
      throw .noFamily(name, suggestion: nearest(to: name))
    }
    var chosen = named
    var missing = Self.drawn(text).filter { character in !named.contains { family($0, has: character) } }
    for group in groups(beside: named[0]) {
      while !missing.isEmpty {
        let best = group.map { name in (name, missing.count { family(name, has: $0) }) }
          .max { Self.isLess($0, $1, language: language) }
        guard let best, best.1 > 0 else { break }
        chosen.append(best.0)
        missing.removeAll { family(best.0, has: $0) }
      }
    }
    if let character = missing.first { throw .noGlyph(character, families: named) }
    return chosen
  }

  private func groups(beside name: String) -> [[String]] {
    // Naskh is to Arabic what a serif is to Latin.
    let kin = name.contains("Serif") ? ["Noto Serif", "Noto Naskh", "Noto Sans"] : ["Noto Sans"]
    let prefixes = [name + " "] + kin + ["Noto "]
    return [ownFamilies] + prefixes.map { prefix in families.filter { $0.hasPrefix(prefix) } }
  }

  private static func isLess(_ a: (String, Int), _ b: (String, Int), language: String?) -> Bool {
    if a.1 != b.1 { return a.1 < b.1 }
    let wanted = hanSuffix(of: language)
    if a.0.hasSuffix(wanted) != b.0.hasSuffix(wanted) { return b.0.hasSuffix(wanted) }
    return a.0.count != b.0.count ? a.0.count > b.0.count : a.0 > b.0
  }

  /// How Noto CJK names the shapes that a language gives to Chinese characters.
  private static func hanSuffix(of language: String?) -> String {
    let parts = (language ?? "").lowercased().split(separator: "-")
    switch parts.first {
    case "ja": return " JP"
    case "ko": return " KR"
    case "zh" where parts.contains("hk"): return " HK"
    case "zh" where parts.contains("tw") || parts.contains("hant"): return " TC"
    default: return " SC"
    }
  }

  /// The characters that need a glyph, each once, in the order of the text.
  private static func drawn(_ text: String) -> [Unicode.Scalar] {
    var seen: Set<Unicode.Scalar> = []
    return text.unicodeScalars.filter { character in
      let properties = character.properties
      return !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint
        && seen.insert(character).inserted
    }
  }

  /// The family whose name is at most a third of its length away.
  private func nearest(to name: String) -> String? {
    let lowercased = name.lowercased()
    let distances = families.map { ($0, editDistance(lowercased, $0.lowercased())) }
    guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.count / 3) else { return nil }
    return best.0
  }
}

/// How many letters must be changed, added or dropped to turn one word into the other (Levenshtein).
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      (diagonal, row[j + 1]) = (
        row[j + 1], min(diagonal + (letter == other ? 0 : 1), row[j] + 1, row[j + 1] + 1)
      )
    }
  }
  return row[b.count]
}
