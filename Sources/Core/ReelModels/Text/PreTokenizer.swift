// The pre-tokenizers of a tokenizer.json: where a text is cut before the model sees it.

/// One step of pre-tokenization.
indirect enum PreTokenizer: Sendable {
  /// Cuts at white space and drops it.
  case whitespaceSplit
  case metaspace(Metaspace)
  case sequence([PreTokenizer])

  /// A part of the text.
  struct Piece: Sendable, Equatable {
    var scalars: [Unicode.Scalar]
    /// Whether it begins where the whole text begins.
    let beginsText: Bool
  }

  func apply(to pieces: [Piece]) -> [Piece] {
    switch self {
    case .whitespaceSplit:
      pieces.flatMap { piece in
        piece.scalars.split(whereSeparator: \.properties.isWhitespace).map {
          Piece(scalars: Array($0), beginsText: piece.beginsText && $0.startIndex == 0)
        }
      }
    case .metaspace(let metaspace): pieces.flatMap(metaspace.apply)
    case .sequence(let steps): steps.reduce(pieces) { $1.apply(to: $0) }
    }
  }
}

/// Writes spaces as a visible character, so that words carry the space before them.
struct Metaspace: Sendable {
  /// Which pieces get the character in front where they do not begin with it.
  enum Prepending: String, Sendable, CaseIterable {
    case first, never, always
  }

  let replacement: Unicode.Scalar
  let prepending: Prepending
  /// Whether a piece is cut before every such character.
  let splits: Bool

  func apply(to piece: PreTokenizer.Piece) -> [PreTokenizer.Piece] {
    var scalars = piece.scalars.map { $0 == " " ? replacement : $0 }
    guard let first = scalars.first else { return [] }
    let prepends =
      switch prepending {
      case .always: true
      case .first: piece.beginsText
      case .never: false
      }
    if prepends && first != replacement { scalars.insert(replacement, at: 0) }
    guard splits else { return [PreTokenizer.Piece(scalars: scalars, beginsText: piece.beginsText)] }
    var pieces: [PreTokenizer.Piece] = []
    for scalar in scalars {
      if scalar == replacement || pieces.isEmpty {
        pieces.append(PreTokenizer.Piece(scalars: [], beginsText: piece.beginsText && pieces.isEmpty))
      }
      pieces[pieces.count - 1].scalars.append(scalar)
    }
    return pieces
  }
}
