// Finding a model's words in what a person wrote.

/// The words of a text, lower-case, without punctuation.
private struct Words {
  private(set) var list: [Substring] = []
  /// By word, whether a clause ends after it.
  private(set) var endsClause: [Bool] = []

  init(_ text: String) {
    let text = text.lowercased()
    var start: String.Index?
    for place in text.indices {
      let character = text[place]
      if character.isLetter || character.isNumber || character == "'" {
        start = start ?? place
        continue
      }
      if let from = start { append(text[from..<place]) }
      start = nil
      if ",.;:!?\n—–".contains(character), !list.isEmpty { endsClause[list.count - 1] = true }
    }
    if let from = start { append(text[from...]) }
    if !list.isEmpty { endsClause[list.count - 1] = true }
  }

  private mutating func append(_ word: Substring) {
    list.append(word)
    endsClause.append(false)
  }

  /// Whether the pattern's words stand at `place`; the last one may be a plural.
  func have(_ pattern: [Substring], at place: Int) -> Bool {
    guard place + pattern.count <= list.count else { return false }
    return pattern.indices.allSatisfy { index in
      let (word, wanted) = (list[place + index], pattern[index])
      return word == wanted || index == pattern.count - 1 && (word == wanted + "s" || word == wanted + "es")
    }
  }
}

/// A model's words as they were found in a text.
struct CaptionMatch: Hashable, Sendable {
  /// By axis, the model's own word.
  private(set) var words: [String: String] = [:]

  /// A way to say one of the model's words.
  private struct Phrase {
    let axis: String
    let word: String
    let pattern: [Substring]
    /// Said with the model's own word, not a synonym.
    let isOwn: Bool
  }

  /// A phrase at a place in the text.
  private struct Found {
    let phrase: Phrase
    let range: Range<Int>
  }

  /// Looks for the words of every axis. Longer phrases are found before shorter ones, and no word counts
  /// twice: "snowy mountains" is one backdrop, and "a blue studio" colours no can.
  init(_ text: String, in captions: Captions) {
    let text = Words(text)
    let phrases = Self.phrases(of: captions).sorted { a, b in
      (b.pattern.count, a.isOwn ? 0 : 1) < (a.pattern.count, b.isOwn ? 0 : 1)
    }
    var taken = Set<Int>()
    var found: [Found] = []
    for phrase in phrases {
      for place in text.list.indices where text.have(phrase.pattern, at: place) {
        let range = place..<place + phrase.pattern.count
        guard taken.isDisjoint(with: range) else { continue }
        taken.formUnion(range)
        found.append(Found(phrase: phrase, range: range))
      }
    }
    for axis in captions.everyAxis where axis != "colour" {
      words[axis] = Self.first(axis, found)?.phrase.word
    }
    words["colour"] = Self.colour(found, in: text)
  }

  /// The axis' first word in the text; the model's own words go before synonyms, so that a can of tea is a
  /// can.
  private static func first(_ axis: String, _ found: [Found]) -> Found? {
    let candidates = found.filter { $0.phrase.axis == axis }
    let own = candidates.filter(\.phrase.isOwn)
    return (own.isEmpty ? candidates : own).min { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The colour of the product: the nearest of the four words before it in its clause, or a colour that ends
  /// a clause soon after it ("the can is red"). Without a product, the first colour.
  private static func colour(_ found: [Found], in text: Words) -> String? {
    let colours = found.filter { $0.phrase.axis == "colour" }.sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
    guard let product = first("product", found)?.range else { return colours.first?.phrase.word }
    let prepositions: Set<Substring> = [
      "in", "on", "at", "with", "by", "near", "under", "over", "before", "of",
    ]
    let before = colours.last { colour in
      let gap = colour.range.upperBound..<max(colour.range.upperBound, product.lowerBound)
      return colour.range.upperBound <= product.lowerBound && gap.count <= 4
        && !gap.contains { prepositions.contains(text.list[$0]) }
    }
    let after = colours.first { colour in
      colour.range.lowerBound >= product.upperBound && colour.range.lowerBound - product.upperBound <= 2
        && text.endsClause[colour.range.upperBound - 1]
    }
    return (before ?? after)?.phrase.word
  }

  private static func phrases(of captions: Captions) -> [Phrase] {
    captions.words.flatMap { axis, words in
      let tail = followers(of: axis, in: captions.everyClause)
      return words.flatMap { word in
        ([word.word + tail] + word.synonyms).enumerated().flatMap { index, said in
          filled(said, of: word.word, in: captions).map { said, meant in
            Phrase(axis: axis, word: meant, pattern: withoutArticle(Words(said).list), isOwn: index == 0)
          }
        }
      }
    }.filter { !$0.pattern.isEmpty }
  }

  /// The words that follow the axis' slot in its clause: "left" is a light only as "left light".
  private static func followers(of axis: String, in clauses: [String]) -> String {
    for clause in clauses {
      guard let slot = clause.range(of: "{\(axis)}") else { continue }
      return String(clause[slot.upperBound...].prefix { $0 != "{" }).trimmedEnd
    }
    return ""
  }

  /// A phrase whose slot, if it has one, is filled with every word that it may hold and every synonym of
  /// those.
  private static func filled(
    _ said: String, of word: String, in captions: Captions
  ) -> [(said: String, meant: String)] {
    guard let slot = Captions.slots(word).first else { return [(said, word)] }
    return (captions.words[slot] ?? []).flatMap { filler in
      ([filler.word] + filler.synonyms).map {
        (said.replacing("{\(slot)}", with: $0), word.replacing("{\(slot)}", with: filler.word))
      }
    }
  }

  private static func withoutArticle(_ words: [Substring]) -> [Substring] {
    words.count > 1 && ["a", "an", "the"].contains(words[0]) ? Array(words.dropFirst()) : words
  }
}

extension String {
  /// Without the spaces at the end.
  fileprivate var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

  /// The first place where `other` stands.
  fileprivate func range(of other: String) -> Range<String.Index>? { firstRange(of: other) }
}
