// Reading tokenizer.json: every part that is there must be known, as a skipped one would give wrong tokens.

import ReelJSON

extension Tokenizer {
  /// The largest tokenizer.json that is read, in bytes; that of UMT5-XXL has 17 million.
  private static let largestFile = 1 << 27

  /// Reads the tokenizer.json at `path`.
  public init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path, limit: Self.largestFile)
    file = path
    let normalizer = try root.objectIfGiven("normalizer").map { part throws(ModelError) in
      try Normalizer(part)
    }
    self.normalizer = normalizer
    preTokenizer = try root.objectIfGiven("pre_tokenizer").map { part throws(ModelError) in
      try PreTokenizer(part)
    }
    model = try UnigramModel(root.object("model"))
    template =
      try root.objectIfGiven("post_processor").map { part throws(ModelError) in
        try Template(part)
      } ?? Template()
    (rawTokens, normalizedTokens) = try Self.addedTokens(root, normalizer: normalizer)
  }

  private static func addedTokens(
    _ root: Configuration, normalizer: Normalizer?
  ) throws(ModelError) -> (raw: AddedTokens, normalized: AddedTokens) {
    var raw: [AddedToken] = []
    var normalized: [AddedToken] = []
    for (place, value) in try root.list("added_tokens", limit: 1 << 16, default: []) {
      let entry = try Configuration(file: root.file, prefix: place + ".", values: value)
      var content = try entry.string("content")
      let isNormalized = try entry.bool("normalized", default: false)
      if isNormalized, let normalizer { content = try normalizer.normalize(content) }
      let token = AddedToken(
        id: try entry.integer("id", in: 0...Int(Int32.max)), content: Array(content.utf8),
        isSingleWord: try entry.bool("single_word", default: false),
        stripsLeft: try entry.bool("lstrip", default: false),
        stripsRight: try entry.bool("rstrip", default: false))
      if isNormalized { normalized.append(token) } else { raw.append(token) }
    }
    return (AddedTokens(raw), AddedTokens(normalized))
  }
}

extension Normalizer {
  private static let kinds = [
    "Sequence", "Precompiled", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Replace",
  ]

  init(_ part: Configuration) throws(ModelError) {
    let kind = try part.string("type")
    if let form = UnicodeNormalization(rawValue: kind) {
      self = .unicode(form)
      return
    }
    switch kind {
    case "Sequence":
      var steps: [Normalizer] = []
      for (place, value) in try part.list("normalizers", limit: 64) {
        steps.append(try Normalizer(part.element(place, value)))
      }
      self = .sequence(steps)
    case "Precompiled":
      let text = try part.string("precompiled_charsmap")
      guard let map = Base64.decode(text).flatMap({ CharacterMap($0) }) else {
        throw part.wrong("precompiled_charsmap", wanted: "a character map in base64", found: "other bytes")
      }
      self = .characterMap(map)
    case "Lowercase": self = .lowercase
    case "Replace":
      let pattern = try part.object("pattern")
      let replacement = try part.string("content")
      if pattern.has("String") {
        self = .replace(ReplacePattern(text: try pattern.string("String")), with: replacement)
      } else {
        let expression = try pattern.string("Regex")
        guard let pattern = ReplacePattern(regularExpression: expression) else {
          throw part.wrong(
            "pattern.Regex", wanted: "one repeated character, such as ' {2,}'", found: .string(expression))
        }
        self = .replace(pattern, with: replacement)
      }
    default: throw part.unknown("type", kind, known: Self.kinds)
    }
  }
}

extension PreTokenizer {
  init(_ part: Configuration) throws(ModelError) {
    switch try part.string("type") {
    case "Sequence":
      var steps: [PreTokenizer] = []
      for (place, value) in try part.list("pretokenizers", limit: 64) {
        steps.append(try PreTokenizer(part.element(place, value)))
      }
      self = .sequence(steps)
    case "WhitespaceSplit": self = .whitespaceSplit
    case "Metaspace": self = .metaspace(try Metaspace(part))
    case let kind: throw part.unknown("type", kind, known: ["Sequence", "WhitespaceSplit", "Metaspace"])
    }
  }
}

extension Metaspace {
  /// Newer files say `prepend_scheme`, older ones `add_prefix_space`.
  init(_ part: Configuration) throws(ModelError) {
    let text = try part.string("replacement")
    guard text.unicodeScalars.count == 1, let replacement = text.unicodeScalars.first else {
      throw part.wrong("replacement", wanted: "one character", found: .string(text))
    }
    let addsSpace = try part.bool("add_prefix_space", default: true)
    let scheme = try part.string("prepend_scheme", default: addsSpace ? "always" : "never")
    guard let prepending = Prepending(rawValue: scheme) else {
      throw part.unknown("prepend_scheme", scheme, known: Prepending.allCases.map(\.rawValue))
    }
    self.init(
      replacement: replacement, prepending: prepending, splits: try part.bool("split", default: true))
  }
}

extension UnigramModel {
  init(_ part: Configuration) throws(ModelError) {
    let kind = try part.string("type", default: "Unigram")
    guard kind == "Unigram" else { throw part.unknown("type", kind, known: ["Unigram"]) }
    var pieces: [(text: String, score: Double)] = []
    for (place, value) in try part.list("vocab", limit: 1 << 21) {
      guard let pair = value.array, pair.count == 2, let text = pair[0].string, let score = pair[1].number
      else {
        throw part.wrong(place, wanted: "a piece and its score", found: value)
      }
      guard text.utf8.count <= Vocabulary.longestPiece else {
        throw part.wrong(
          place, wanted: "a piece of at most \(Vocabulary.longestPiece) bytes", found: "\(text.utf8.count)")
      }
      pieces.append((text, score))
    }
    guard !pieces.isEmpty else {
      throw part.wrong("vocab", wanted: "at least one piece", found: "an empty list")
    }
    let unknown = part.has("unk_id") ? try part.integer("unk_id", in: 0...pieces.count - 1) : nil
    self.init(
      vocabulary: Vocabulary(pieces), unknownPiece: unknown,
      fallsBackToBytes: try part.bool("byte_fallback", default: false))
  }
}

extension Tokenizer.Template {
  /// Reads the `single` template of a `TemplateProcessing`: special tokens, the sequence A, special tokens.
  init(_ part: Configuration) throws(ModelError) {
    let kind = try part.string("type")
    guard kind == "TemplateProcessing" else {
      throw part.unknown("type", kind, known: ["TemplateProcessing"])
    }
    let special = try part.object("special_tokens")
    var sequences = 0
    for (place, value) in try part.list("single", limit: 64) {
      let element = try part.element(place, value)
      if element.has("Sequence") {
        sequences += 1
        continue
      }
      let name = try element.object("SpecialToken").string("id")
      let ids = try special.object(name).integers("ids", in: 0...Int(Int32.max))
      if sequences == 0 { prefix += ids } else { suffix += ids }
    }
    guard sequences == 1 else {
      throw part.wrong("single", wanted: "the sequence once", found: "\(sequences) times")
    }
  }
}
