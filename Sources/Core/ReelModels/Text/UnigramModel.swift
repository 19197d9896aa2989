// The Unigram language model of a tokenizer: the most probable way to cut a text into pieces of a vocabulary.

/// Cuts text into the pieces whose scores (log probabilities) have the largest sum, by Viterbi's algorithm.
///
/// The order of additions and the rule for ties are those of the `tokenizers` library, so that equal scores give
/// equal cuts.
struct UnigramModel: Sendable {
  let vocabulary: Vocabulary
  /// The piece that stands for text which no piece covers.
  let unknownPiece: Int?
  /// Whether text that no piece covers is spelled with the pieces `<0x00>` … `<0xFF>` where those exist.
  let fallsBackToBytes: Bool

  /// How much worse than the worst piece an unknown character scores.
  private static let unknownPenalty = 10.0

  /// The way that leads to a place in the text.
  private struct Arrival {
    var score = 0.0
    /// Where the last piece begins; -1 while no way leads here.
    var start = -1
    var piece = 0
  }

  /// The numbers of the pieces that `text` (UTF-8) is cut into; `nil` where a character is unknown and the
  /// vocabulary has no piece for the unknown.
  func encode(_ text: [UInt8]) -> [Int]? {
    guard let arrivals = bestArrivals(text) else { return nil }
    var ranges: [Range<Int>] = []
    var end = text.count
    var endsInUnknown = false
    while end > 0 {
      let arrival = arrivals[end]
      let isUnknown = arrival.piece == unknownPiece
      if isUnknown && endsInUnknown {
        // A run of unknown characters is one unknown piece.
        ranges[ranges.count - 1] = arrival.start..<ranges[ranges.count - 1].upperBound
      } else {
        ranges.append(arrival.start..<end)
      }
      endsInUnknown = isUnknown
      end = arrival.start
    }
    var pieces: [Int] = []
    for range in ranges.reversed() {
      guard append(text[range], to: &pieces) else { return nil }
    }
    return pieces
  }

  /// For every place in the text the best way to it; `nil` where there is no way to the end.
  private func bestArrivals(_ text: [UInt8]) -> [Arrival]? {
    let unknownScore = vocabulary.lowestScore - Self.unknownPenalty
    var arrivals = [Arrival](repeating: Arrival(), count: text.count + 1)
    var start = 0
    while start < text.count {
      let here = arrivals[start].score
      let character = Self.characterLength(text[start])
      var coversCharacter = false
      func consider(_ length: Int, _ piece: Int, _ score: Double) {
        let end = min(start + length, text.count)
        if arrivals[end].start < 0 || score > arrivals[end].score {
          arrivals[end] = Arrival(score: score, start: start, piece: piece)
        }
      }
      vocabulary.forEachPrefix(of: text, from: start) { length, piece in
        consider(length, piece, vocabulary.score(of: piece) + here)
        if length == character { coversCharacter = true }
      }
      if !coversCharacter {
        guard let unknownPiece else { return nil }
        consider(character, unknownPiece, unknownScore + here)
      }
      start += character
    }
    return arrivals
  }

  private func append(_ text: ArraySlice<UInt8>, to pieces: inout [Int]) -> Bool {
    if let piece = vocabulary.piece(text) {
      pieces.append(piece)
      return true
    }
    if fallsBackToBytes {
      let bytes = text.compactMap { vocabulary.piece(Self.byteSpelling($0)[...]) }
      if bytes.count == text.count {
        pieces += bytes
        return true
      }
    }
    guard let unknownPiece else { return false }
    pieces.append(unknownPiece)
    return true
  }

  /// "<0x0A>" for 10.
  private static func byteSpelling(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]] + Array(">".utf8)
  }

  /// How many bytes the UTF-8 character has that begins with `lead`.
  private static func characterLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0xf0...: 4
    case 0xe0...: 3
    case 0xc0...: 2
    default: 1
    }
  }
}
