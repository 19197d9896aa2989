// The added tokens of a tokenizer.json: texts such as "</s>" that are one token wherever they stand.

/// One added token.
struct AddedToken: Sendable {
  let id: Int
  let content: [UInt8]
  /// Only where no word character stands on either side.
  let isSingleWord: Bool
  /// Takes the white space before it, or after it, along.
  let stripsLeft: Bool
  let stripsRight: Bool
}

/// Finds added tokens: the leftmost first, of several at one place the longest.
struct AddedTokens: Sendable {
  private let byFirstByte: [UInt8: [AddedToken]]

  init(_ tokens: [AddedToken]) {
    byFirstByte = Dictionary(grouping: tokens.filter { !$0.content.isEmpty }, by: { $0.content[0] })
      .mapValues { $0.sorted { $0.content.count > $1.content.count } }
  }

  /// A stretch of a text: an added token, or what stands between two.
  enum Stretch {
    case token(Int)
    case text(Range<Int>)
  }

  func split(_ text: [UInt8]) -> [Stretch] {
    var stretches: [Stretch] = []
    var done = 0
    var place = 0
    while place < text.count {
      guard let token = match(text, at: place) else {
        place += 1
        continue
      }
      var (start, end) = (place, place + token.content.count)
      place = end
      if token.isSingleWord && !Self.standsAlone(start..<end, in: text) { continue }
      if token.stripsLeft { start = max(done, start - Self.trailingSpace(text[..<start])) }
      if token.stripsRight { end += Self.leadingSpace(text[end...]) }
      if done < start { stretches.append(.text(done..<start)) }
      stretches.append(.token(token.id))
      done = end
      place = max(place, end)
    }
    if done < text.count { stretches.append(.text(done..<text.count)) }
    return stretches
  }

  private func match(_ text: [UInt8], at place: Int) -> AddedToken? {
    byFirstByte[text[place]]?.first { text[place...].starts(with: $0.content) }
  }

  private static func standsAlone(_ range: Range<Int>, in text: [UInt8]) -> Bool {
    let before = String(decoding: text[..<range.lowerBound].suffix(4), as: UTF8.self).unicodeScalars.last
    let after = String(decoding: text[range.upperBound...].prefix(4), as: UTF8.self).unicodeScalars.first
    return ![before, after].contains { $0.map(isWordCharacter) ?? false }
  }

  /// `\w` of Unicode Technical Standard 18.
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: scalar.properties.isAlphabetic || scalar.properties.isJoinControl
    }
  }

  private static func trailingSpace(_ text: ArraySlice<UInt8>) -> Int {
    String(decoding: text, as: UTF8.self).unicodeScalars.reversed()
      .prefix(while: \.properties.isWhitespace).reduce(0) { $0 + UTF8.width($1) }
  }

  private static func leadingSpace(_ text: ArraySlice<UInt8>) -> Int {
    String(decoding: text, as: UTF8.self).unicodeScalars
      .prefix(while: \.properties.isWhitespace).reduce(0) { $0 + UTF8.width($1) }
  }
}
