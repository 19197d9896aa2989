// Other people's words on a terminal: what would command it is spelt out.

/// `text` with every character that a terminal obeys or that hides the order of the others written as `\u{1b}`.
///
/// Pipelines, feeds, plugins and file names come from anywhere; their words reach people in messages and reports.
///
/// - Parameter keepsLines: whether line breaks stay; else they are `\n`.
public func escaped(_ text: String, keepsLines: Bool = true) -> String {
  guard text.unicodeScalars.contains(where: { isUnsafe($0, keepsLines: keepsLines) }) else { return text }
  var safe = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if !isUnsafe(scalar, keepsLines: keepsLines) {
      safe.append(scalar)
    } else if scalar == "\n" {
      safe += "\\n".unicodeScalars
    } else {
      safe += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
    }
  }
  return String(safe)
}

private func isUnsafe(_ scalar: Unicode.Scalar, keepsLines: Bool) -> Bool {
  switch scalar.value {
  case 0x0a: !keepsLines
  // Embeddings, overrides and isolates of the bidirectional algorithm, and the line breaks that are no LF.
  case 0x00...0x08, 0x0b...0x1f, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: true
  default: false
  }
}
