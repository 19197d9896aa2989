// Languages as BCP 47 writes them.

import ReelStage

/// The form of a language tag: `de`, `zh-Hant`, `es-419`, `de-CH-1996`.
package enum LanguageTag {
  /// Whether `text` is well-formed (RFC 5646, section 2.1, without its registered exceptions): subtags of one to
  /// eight letters or digits, joined by hyphens, the first of two to eight letters.
  package static func isWellFormed(_ text: String) -> Bool {
    let subtags = text.utf8.split(separator: 45, omittingEmptySubsequences: false)
    func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) }
    func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    return subtags.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy { isLetter($0) || isDigit($0) } }
      && subtags[0].count >= 2 && subtags[0].allSatisfy(isLetter)
  }

  /// - Throws: what is wrong with the parameter `language`.
  package static func check(_ text: String) throws(StageError) {
    if isWellFormed(text) { return }
    throw .parameter("language", "wanted a language tag such as ar or zh-Hant, found '\(text)'")
  }
}
