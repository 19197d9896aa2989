// A tokenizer read from tokenizer.json: from text to the numbers of tokens.

/// Turns a prompt into token numbers as the `tokenizers` library does with the same file: added tokens, then
/// normalization, pre-tokenization, the Unigram model and the special tokens of the template.
public struct Tokenizer: Sendable {
  let file: String
  /// Added tokens that are looked for in the text as it is given, and those looked for in normalized text.
  let rawTokens: AddedTokens
  let normalizedTokens: AddedTokens
  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  let model: UnigramModel
  let template: Template

  /// The special tokens before and after those of a text.
  struct Template: Sendable {
    var prefix: [Int] = []
    var suffix: [Int] = []
  }

  /// How many tokens the vocabulary has, added ones not counted.
  public var vocabularySize: Int { model.vocabulary.count }

  /// The token numbers of `text`, with the special tokens of the template.
  ///
  /// - Parameter limit: the largest number of tokens, special ones included; the text's last tokens are cut off.
  /// - Throws: ``ModelError/request(part:reason:)`` for a text longer than 64 KiB; an error about the file where
  ///   a character is unknown and the vocabulary has no piece for the unknown.
  public func encode(_ text: String, limit: Int = .max) throws(ModelError) -> [Int32] {
    guard text.utf8.count <= BoundedText.limit else { throw BoundedText.tooLong }
    let raw = Array(text.utf8)
    var tokens: [Int] = []
    for stretch in rawTokens.split(raw) {
      switch stretch {
      case .token(let id): tokens.append(id)
      case .text(let range):
        try encode(part: raw[range], beginsText: range.lowerBound == 0, into: &tokens)
      }
    }
    let room = max(0, limit - template.prefix.count - template.suffix.count)
    return (template.prefix + tokens.prefix(room) + template.suffix).map { Int32($0) }
  }

  /// A part without raw added tokens.
  private func encode(part: ArraySlice<UInt8>, beginsText: Bool, into tokens: inout [Int]) throws(ModelError)
  {
    var text = String(decoding: part, as: UTF8.self)
    if let normalizer { text = try normalizer.normalize(text) }
    let normalized = Array(text.utf8)
    for stretch in normalizedTokens.split(normalized) {
      switch stretch {
      case .token(let id): tokens.append(id)
      case .text(let range):
        let whole = PreTokenizer.Piece(
          scalars: Array(String(decoding: normalized[range], as: UTF8.self).unicodeScalars),
          beginsText: beginsText && range.lowerBound == 0)
        for piece in preTokenizer?.apply(to: [whole]) ?? [whole] {
          guard let pieces = model.encode(piece.scalars.flatMap { Array(UTF8.encode($0)!) }) else {
            throw .wrongValue(
              file: file, place: "model.unk_id", wanted: "a piece for unknown characters", found: "nothing")
          }
          tokens += pieces
        }
      }
    }
  }
}
