// A changed text on one line: what is the same, and the words that changed, marked.

import ReelPlanning

/// The old or the new side of a difference: `- a [red] can` or `+ a [blue] can`.
struct WordLine {
  private let isOld: Bool
  /// What stands on this side, and whether the other lacks it.
  private let pieces: [(text: String, isChanged: Bool)]

  /// Of what is the same, so many characters are shown beside what is not.
  private static let margin = 30

  init(_ difference: TextDifference, isOld: Bool) {
    self.isOld = isOld
    let last = difference.runs.count - 1
    pieces = difference.runs.enumerated().compactMap { index, run in
      switch run {
      case .same(let text): (Self.shortened(text, isFirst: index == 0, isLast: index == last), false)
      case .removed(let text): isOld ? (text, true) : nil
      case .added(let text): isOld ? nil : (text, true)
      }
    }
  }

  /// In colours on a terminal, else with the changed words in brackets.
  func text(isPainted: Bool) -> String {
    let sign = isOld ? "-" : "+"
    let colour = isOld ? "31" : "32"
    let words = pieces.map { piece in
      let text = piece.text.replacing("\n", with: "\\n").replacing("\r", with: "\\r").replacing(
        "\u{1b}", with: "\\e")
      if !piece.isChanged { return text }
      return isPainted ? "\u{1b}[1;7m\(text)\u{1b}[22;27m" : "[\(text)]"
    }
    let line = "\(sign) \(words.joined())"
    return isPainted ? "\u{1b}[\(colour)m\(line)\u{1b}[0m" : line
  }

  private static func shortened(_ text: String, isFirst: Bool, isLast: Bool) -> String {
    guard text.count > 2 * margin + 10 else { return text }
    return (isFirst ? "" : String(text.prefix(margin))) + "…" + (isLast ? "" : String(text.suffix(margin)))
  }
}
