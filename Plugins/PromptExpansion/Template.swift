// A text with choices in it, as people write them for Dynamic Prompts, parsed.

/// A parsed text. The syntax:
///
/// - `{red|blue}`: one of them; `{3::red|blue}` red three times as often; options may be empty and may nest.
/// - `{2$$a|b|c}`: two of them, joined by ", "; `{1-2$$ and $$a|b|c}`: one or two, joined by " and ".
/// - `__colour__`: a line of the wildcard of that name; `__col*__`: of all whose names match.
/// - `{@a|b}`, `__@colour__`: in turn, shot by shot, instead of at random; `~` says at random.
/// - `\` before any of `{ } | \ _ $ :` makes it an ordinary character.
struct Template: Hashable, Sendable {
  let pieces: [Piece]

  enum Piece: Hashable, Sendable {
    case text(String)
    case choice(Choice)
    case wildcard(Wildcard)
  }

  struct Choice: Hashable, Sendable {
    /// What the dice are called: the choice as it is written, and which of those alike.
    let name: String
    let isCyclical: Bool
    let options: [Option]
    /// How many options are picked.
    let picks: ClosedRange<Int>
    let separator: String
  }

  struct Option: Hashable, Sendable {
    let weight: Double
    let text: Template
  }

  struct Wildcard: Hashable, Sendable {
    let name: String
    let isCyclical: Bool
    /// A name, or a pattern with `*` and `?`.
    let pattern: String
    /// Where it stands in the text, in characters from 1.
    let position: Int
  }

  /// - Throws: ``TemplateError`` with the place of what is wrong.
  init(_ text: String) throws(TemplateError) {
    guard text.utf8.count <= Self.maximumLength else {
      throw TemplateError(position: Self.maximumLength, reason: .tooLong(limit: Self.maximumLength))
    }
    var parser = TemplateParser(text)
    self = try parser.template(depth: 0)
  }

  init(pieces: [Piece]) { self.pieces = pieces }

  /// The longest text that is read or made, in bytes.
  static let maximumLength = 20_000
  /// How deep choices may stand in each other, wildcards included.
  static let maximumDepth = 32
}

/// What is wrong with a text, and where.
struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In characters from 1.
  let position: Int
  let reason: Reason

  enum Reason: Hashable, Sendable {
    case unclosedChoice
    case unopenedChoice
    case unclosedWildcard
    case emptyWildcard
    case wrongWeight(String)
    case noWeight
    case wrongCount(String)
    case tooManyPicks(wanted: Int, options: Int)
    case variable
    case tooDeep(limit: Int)
    case tooLong(limit: Int)
    case unknownWildcard(String, known: [String])
  }

  var description: String { "character \(position): \(words)" }

  private var words: String {
    switch reason {
    case .unclosedChoice: "'{' is never closed; wanted a '}'"
    case .unopenedChoice: "'}' closes nothing; write '\\}' for the character"
    case .unclosedWildcard: "'__' begins a wildcard that is never closed; wanted '__name__'"
    case .emptyWildcard: "a wildcard without a name; wanted '__name__'"
    case .wrongWeight(let text): "wanted a weight from 0 to 1000000 before '::', found '\(text)'"
    case .noWeight: "every option has the weight 0; give one of them more"
    case .wrongCount(let text): "wanted a number of picks such as 2 or 1-3 before '$$', found '\(text)'"
    case .tooManyPicks(let wanted, let options):
      "wanted \(wanted) picks of \(options) options; add options, or lower the number"
    case .variable: "'${' begins a variable, which the pipeline's own 'vars' are for"
    case .tooDeep(let limit):
      "choices stand more than \(limit) deep in each other; does a wildcard name itself?"
    case .tooLong(let limit): "the text grows past \(limit) bytes and choices"
    case .unknownWildcard(let name, let known):
      "no wildcard '\(name)'; "
        + (known.isEmpty
          ? "none is given in 'wildcards'"
          : "wanted one of \(known.prefix(8).joined(separator: ", "))" + (known.count > 8 ? ", …" : ""))
    }
  }
}
