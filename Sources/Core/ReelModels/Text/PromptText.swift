// What the reference's pipelines do to a prompt before they tokenize it.

public enum PromptText {
  /// Resolves HTML's character references twice, makes every run of white space one space and drops it at both
  /// ends.
  public static func clean(_ prompt: String) -> String {
    let text = HTMLText.unescape(HTMLText.unescape(prompt))
    let words = text.unicodeScalars.split(whereSeparator: isSpace)
    return words.map { String($0) }.joined(separator: " ")
  }

  /// White space as Python's `\s` sees it: Unicode's, and the four separators U+001C to U+001F.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value)
  }
}
