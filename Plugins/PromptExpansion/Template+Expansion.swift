// From a template to one text.

/// Makes texts from templates for one shot.
struct Expansion {
  let dice: Dice
  /// The shot's place in the film, from 0, for what is chosen in turn.
  let index: Int
  let wildcards: Wildcards

  /// The text with every choice made.
  ///
  /// - Throws: ``TemplateError`` for what is wrong in `text`, or in a wildcard's line that it leads to.
  func expand(_ text: String) throws(TemplateError) -> String {
    var length = 0
    return try expand(Template(text), within: "", depth: 0, length: &length)
  }

  private func expand(
    _ template: Template, within path: String, depth: Int, length: inout Int
  ) throws(TemplateError) -> String {
    var result = ""
    for piece in template.pieces {
      // A choice counts as a byte, so that empty ones come to an end too.
      if case .text(let text) = piece { length += text.utf8.count } else { length += 1 }
      guard length <= Template.maximumLength else {
        throw TemplateError(position: 1, reason: .tooLong(limit: Template.maximumLength))
      }
      switch piece {
      case .text(let text): result += text
      case .choice(let choice): result += try expand(choice, within: path, depth: depth, length: &length)
      case .wildcard(let wildcard):
        result += try expand(wildcard, within: path, depth: depth, length: &length)
      }
    }
    return result
  }

  private func expand(
    _ choice: Template.Choice, within path: String, depth: Int, length: inout Int
  ) throws(TemplateError) -> String {
    let name = path + choice.name
    let spread = choice.picks.upperBound - choice.picks.lowerBound + 1
    let count = choice.picks.lowerBound + (spread > 1 ? dice.pick(name + " count", from: spread) : 0)
    var left = Array(choice.options.indices)
    var picked: [String] = []
    for pick in 0..<count {
      let option: Template.Option
      if choice.isCyclical {
        option = choice.options[(index + pick) % choice.options.count]
      } else {
        let named = pick == 0 ? name : "\(name) pick \(pick)"
        option =
          choice.options[left.remove(at: dice.pick(named, weights: left.map { choice.options[$0].weight }))]
      }
      picked.append(try expand(option.text, within: path, depth: depth, length: &length))
    }
    return picked.joined(separator: choice.separator)
  }

  private func expand(
    _ wildcard: Template.Wildcard, within path: String, depth: Int, length: inout Int
  ) throws(TemplateError) -> String {
    guard depth < Template.maximumDepth else {
      throw TemplateError(position: wildcard.position, reason: .tooDeep(limit: Template.maximumDepth))
    }
    let lines = wildcards.lines(wildcard.pattern)
    guard !lines.isEmpty else {
      throw TemplateError(
        position: wildcard.position, reason: .unknownWildcard(wildcard.pattern, known: wildcards.names))
    }
    let name = path + wildcard.name
    let place =
      wildcard.isCyclical ? index % lines.count : dice.pick(name, weights: lines.map(\.weight))
    return try expand(Template(lines[place].text), within: name + "/", depth: depth + 1, length: &length)
  }
}
