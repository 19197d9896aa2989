// From a text to its choices.

/// Reads a template from left to right.
struct TemplateParser {
  private let characters: [Character]
  private var place = 0
  /// How often each choice or wildcard has been seen, as it is written.
  private var seen: [String: Int] = [:]

  init(_ text: String) { characters = Array(text) }

  /// Reads up to the end; inside a choice, up to the `|` or `}` that ends the option.
  mutating func template(depth: Int) throws(TemplateError) -> Template {
    var pieces: [Template.Piece] = []
    var text = ""
    func flushed() -> [Template.Piece] { text.isEmpty ? pieces : pieces + [.text(text)] }
    while place < characters.count {
      switch characters[place] {
      case "|" where depth > 0: return Template(pieces: flushed())
      case "}" where depth > 0: return Template(pieces: flushed())
      case "}": throw error(.unopenedChoice)
      case "$" where next == "{": throw error(.variable)
      case "{":
        pieces = flushed() + [.choice(try choice(depth: depth + 1))]
        text = ""
      case "_" where next == "_":
        pieces = flushed() + [.wildcard(try wildcard())]
        text = ""
      case "\\" where next.map { "{}|\\_$:".contains($0) } ?? false:
        text.append(characters[place + 1])
        place += 2
      case let character:
        text.append(character)
        place += 1
      }
    }
    return Template(pieces: flushed())
  }

  private var next: Character? { place + 1 < characters.count ? characters[place + 1] : nil }

  private func error(_ reason: TemplateError.Reason, at position: Int? = nil) -> TemplateError {
    TemplateError(position: (position ?? place) + 1, reason: reason)
  }

  private mutating func choice(depth: Int) throws(TemplateError) -> Template.Choice {
    guard depth <= Template.maximumDepth else { throw error(.tooDeep(limit: Template.maximumDepth)) }
    let start = place
    place += 1
    let isCyclical = order()
    let (count, separator) = try picks()
    var options: [Template.Option] = []
    repeat {
      let weight = try weight()
      options.append(Template.Option(weight: weight, text: try template(depth: depth)))
      guard place < characters.count else { throw error(.unclosedChoice, at: start) }
      place += 1
    } while characters[place - 1] == "|"
    guard options.contains(where: { $0.weight > 0 }) else { throw error(.noWeight, at: start) }
    let likely = options.count { $0.weight > 0 }
    let range = count ?? 1...1
    let picks = range.lowerBound...(range.upperBound == .max ? likely : range.upperBound)
    guard picks.upperBound <= likely else {
      throw error(.tooManyPicks(wanted: picks.upperBound, options: likely), at: start)
    }
    return Template.Choice(
      name: name(of: start..<place), isCyclical: isCyclical, options: options, picks: picks,
      separator: separator)
  }

  /// `@` or `~` before what is chosen from. Whether it is chosen in turn.
  private mutating func order() -> Bool {
    guard place < characters.count, characters[place] == "@" || characters[place] == "~" else { return false }
    place += 1
    return characters[place - 1] == "@"
  }

  /// `2$$`, `1-3$$`, `-3$$` or `2-$$`, then perhaps a separator and `$$`.
  private mutating func picks() throws(TemplateError) -> (ClosedRange<Int>?, String) {
    guard let count = header(endingIn: "$$") else { return (nil, ", ") }
    let start = place
    place += count.count + 2
    let bounds = count.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let low = bounds[0].isEmpty ? 0 : Int(bounds[0])
    let high = bounds.count == 1 ? low : bounds[1].isEmpty ? Int.max : Int(bounds[1])
    guard bounds.count <= 2, !count.isEmpty, count != "-", let low, let high, low >= 0, low <= high else {
      throw error(.wrongCount(count), at: start)
    }
    guard let separator = header(endingIn: "$$") else { return (low...high, ", ") }
    place += separator.count + 2
    return (low...high, separator)
  }

  private mutating func weight() throws(TemplateError) -> Double {
    guard let text = header(endingIn: "::") else { return 1 }
    let digits = text.filter { $0 != " " }
    guard let weight = Double(digits), (0...1_000_000).contains(weight) else {
      throw error(.wrongWeight(text))
    }
    place += text.count + 2
    return weight
  }

  /// What stands before `mark`, if that comes before anything else of the syntax.
  private func header(endingIn mark: String) -> String? {
    let mark = Array(mark)
    var end = place
    while end + 1 < characters.count, !"{}|\\".contains(characters[end]) {
      if Array(characters[end...end + 1]) == mark { return String(characters[place..<end]) }
      end += 1
    }
    return nil
  }

  private mutating func wildcard() throws(TemplateError) -> Template.Wildcard {
    let start = place
    place += 2
    let isCyclical = order()
    var pattern = ""
    while place < characters.count, !(characters[place] == "_" && next == "_") {
      let character = characters[place]
      guard character.isLetter || character.isNumber || "_-/*?.".contains(character) else {
        throw error(.unclosedWildcard, at: start)
      }
      pattern.append(character)
      place += 1
    }
    guard place < characters.count else { throw error(.unclosedWildcard, at: start) }
    guard !pattern.isEmpty else { throw error(.emptyWildcard, at: start) }
    place += 2
    return Template.Wildcard(
      name: name(of: start..<place), isCyclical: isCyclical, pattern: pattern, position: start + 1)
  }

  /// The characters as they are written, and which of those alike they are.
  private mutating func name(of range: Range<Int>) -> String {
    let written = String(characters[range])
    seen[written, default: 0] += 1
    return "\(written)#\(seen[written]!)"
  }
}
