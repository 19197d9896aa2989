// Language tags: what BCP 47 allows, and what it does not.

import AdOverlay
import ReelStage
import Testing

@Suite struct LanguageTagTests {
  /// Examples of RFC 5646, appendix A.
  @Test(arguments: [
    "de", "zh-Hant", "zh-cmn-Hans-CN", "sr-Latn-RS", "sl-rozaj-biske", "de-CH-1901", "es-419",
    "de-CH-x-phonebk",
    "en-US-u-islamcal", "ar-EG",
  ])
  func `well-formed tags are taken`(_ tag: String) { #expect(LanguageTag.isWellFormed(tag)) }

  @Test(arguments: [
    "", "d", "de_DE", "de-DE NEU", "de-", "-de", "de--DE", "1de", "deutschland", "de-DE\n", "größe",
  ])
  func `others are refused`(_ tag: String) {
    #expect(!LanguageTag.isWellFormed(tag))
    #expect(
      throws: StageError.parameter("language", "wanted a language tag such as ar or zh-Hant, found '\(tag)'")
    ) { try LanguageTag.check(tag) }
  }
}
