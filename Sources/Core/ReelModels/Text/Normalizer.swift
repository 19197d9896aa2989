// The normalizers of a tokenizer.json: what is done to a text before it is cut.

/// One step of normalization.
indirect enum Normalizer: Sendable {
  case characterMap(CharacterMap)
  case unicode(UnicodeNormalization)
  /// Every scalar in lower case by itself, without regard to its neighbours.
  case lowercase
  case replace(ReplacePattern, with: String)
  case sequence([Normalizer])

  func normalize(_ text: String) throws(ModelError) -> String {
    var output = BoundedText()
    switch self {
    case .characterMap(let map): try map.normalize(text, into: &output)
    case .unicode(let form): try output.append(form.apply(to: text).utf8)
    case .lowercase:
      for scalar in text.unicodeScalars { try output.append(scalar.properties.lowercaseMapping.utf8) }
    case .replace(let pattern, let replacement):
      try pattern.replace(in: text, with: replacement, into: &output)
    case .sequence(let steps):
      var text = text
      for step in steps { text = try step.normalize(text) }
      return text
    }
    return output.text
  }
}

/// What a `Replace` normalizer looks for: a text, or one scalar (or any white space) repeated.
///
/// General regular expressions are refused: one of them can run for ever.
enum ReplacePattern: Sendable, Equatable {
  case text([Unicode.Scalar])
  case run(RunElement, length: ClosedRange<Int>)

  enum RunElement: Sendable, Equatable {
    case scalar(Unicode.Scalar)
    case whitespace

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .scalar(let wanted): scalar == wanted
      case .whitespace: scalar.properties.isWhitespace
      }
    }
  }

  /// Reads the regular expressions that tokenizers use here: one character or `\s`, then nothing, `+` or
  /// `{2,}`, or a plain text; `nil` for any other.
  init?(regularExpression: String) {
    var rest = Array(regularExpression.unicodeScalars)
    let special: Set<Unicode.Scalar> = [
      "\\", "[", "]", "(", ")", "{", "}", "*", "+", "?", ".", "|", "^", "$",
    ]
    let element: RunElement
    if rest.starts(with: ["\\", "s"]) {
      element = .whitespace
      rest.removeFirst(2)
    } else if rest.count > 1, rest[0] == "\\", special.contains(rest[1]) {
      element = .scalar(rest[1])
      rest.removeFirst(2)
    } else if let first = rest.first, !special.contains(first) {
      if rest.allSatisfy({ !special.contains($0) }) {
        self = .text(rest)
        return
      }
      element = .scalar(first)
      rest.removeFirst()
    } else {
      return nil
    }
    switch String(String.UnicodeScalarView(rest)) {
    case "": self = .run(element, length: 1...1)
    case "+": self = .run(element, length: 1...Int.max)
    case let bounds where bounds.hasPrefix("{") && bounds.hasSuffix(",}"):
      guard let least = Int(bounds.dropFirst().dropLast(2)), (1...1000).contains(least) else { return nil }
      self = .run(element, length: least...Int.max)
    default: return nil
    }
  }

  init(text: String) { self = .text(Array(text.unicodeScalars)) }

  func replace(in text: String, with replacement: String, into output: inout BoundedText) throws(ModelError) {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let length = matchLength(scalars[index...])
      if length > 0 {
        try output.append(replacement.utf8)
        index += length
      } else {
        try output.append(UTF8.encode(scalars[index])!)
        index += 1
      }
    }
  }

  /// How many scalars match at the beginning of `scalars`; 0 for none.
  private func matchLength(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    switch self {
    case .text(let wanted): return !wanted.isEmpty && scalars.starts(with: wanted) ? wanted.count : 0
    case .run(let element, let wanted):
      let length = scalars.prefix(wanted.upperBound).prefix(while: element.matches).count
      return length >= wanted.lowerBound ? length : 0
    }
  }
}
