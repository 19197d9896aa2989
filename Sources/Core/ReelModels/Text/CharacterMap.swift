// SentencePiece's precompiled map from characters to their normal forms: a double-array trie and the forms.

/// The map of a `Precompiled` normalizer (NMT-NFKC and its like), as `sentencepiece` writes it: the size of the
/// trie in bytes, the trie's units (darts-clone), then the normal forms, each ended by a zero byte.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let forms: [UInt8]

  /// Reads the bytes of a map; `nil` where they are not one.
  init?(_ bytes: [UInt8]) {
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
    }
    guard bytes.count >= 4 else { return nil }
    let size = Int(word(0))
    guard size > 0, size % 4 == 0, size <= bytes.count - 4 else { return nil }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    forms = Array(bytes[(4 + size)...])
  }

  /// `text` with every character in its normal form.
  ///
  /// A grapheme of fewer than 6 bytes is looked up whole and replaced whole by the form of the *shortest* prefix
  /// that the map has; the scalars of other graphemes are looked up one by one. That is what the `tokenizers`
  /// library does, and what the models were trained on.
  func normalize(_ text: String, into output: inout BoundedText) throws(ModelError) {
    for grapheme in text {
      let whole = Array(grapheme.utf8)
      if whole.count < 6, let form = form(of: whole) {
        try output.append(form)
        continue
      }
      for scalar in grapheme.unicodeScalars {
        let bytes = Array(UTF8.encode(scalar)!)
        try output.append(form(of: bytes) ?? bytes[...])
      }
    }
  }

  /// The form of the shortest prefix of `key` that the map has.
  private func form(of key: [UInt8]) -> ArraySlice<UInt8>? {
    guard let start = firstValue(key), start < forms.count else { return nil }
    return forms[start...].prefix { $0 != 0 }
  }

  /// Walks the trie: the value of the first leaf on the way of `key`.
  private func firstValue(_ key: [UInt8]) -> Int? {
    var position = 0
    var unit = units[0]
    position ^= Self.offset(unit)
    for byte in key where byte != 0 {
      position ^= Int(byte)
      guard position < units.count else { return nil }
      unit = units[position]
      guard unit & (1 << 31 | 0xff) == UInt32(byte) else { return nil }
      position ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 {
        guard position < units.count else { return nil }
        return Int(units[position] & 0x7fff_ffff)
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }
}
