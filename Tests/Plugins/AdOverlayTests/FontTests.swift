// Shaping, stand-in families, and fonts or characters that are not there.

import AdOverlay
import ReelStage
import Testing

@Suite struct FontTests {
  /// Glyphs and advances for 1000 pixels to the em, as hb-shape --no-glyph-names prints them for the fonts of
  /// Debian 12's fonts-noto-core, from the left.
  @Test(
    arguments: [
      ("ب", [100: 993]),
      ("ببب", [101: 1093, 104: 343, 102: 269]),
      ("سلام", [769: 484, 705: 599, 1077: 784]),
    ] as [(String, KeyValuePairs<UInt32, Int>)])
  func `Arabic letters join as HarfBuzz joins them`(_ text: String, _ shaped: KeyValuePairs<UInt32, Int>)
    throws
  {
    let fonts = try FontCollection()
    let style = TextStyle(
      families: try fonts.families(for: text, named: ["Noto Sans"], language: nil), direction: .rightToLeft)
    let glyphs = TextLayout(text, style: style, size: 1000, width: nil, fonts: fonts).glyphs
    #expect(glyphs.map(\.index) == shaped.map(\.key))
    #expect(glyphs.map { Int($0.width.rounded()) } == shaped.map(\.value))
    #expect(glyphs.allSatisfy { $0.family == "Noto Sans Arabic" })
  }

  @Test(arguments: [
    ("Noto Sans", "water", []), ("Noto Sans", "ماء water", ["Noto Sans Arabic"]),
    ("Noto Sans", "מים", ["Noto Sans Hebrew"]),
    ("Noto Serif", "מים ठंडा", ["Noto Serif Devanagari", "Noto Serif Hebrew"]),
    ("DejaVu Sans", "ठंडा", ["Noto Sans Devanagari"]), ("Noto Serif", "ماء", ["Noto Naskh Arabic"]),
    ("Noto Sans", "a\u{200D}b\u{200F} \n", []),
  ])
  func `families stand in for scripts that the named one lacks`(
    _ font: String, _ text: String, _ others: [String]
  ) throws {
    #expect(try FontCollection().families(for: text, named: [font], language: nil) == [font] + others)
  }

  @Test func `a named second family goes before the stand-ins`() throws {
    let found = try FontCollection().families(
      for: "ماء", named: ["Noto Sans", "Noto Kufi Arabic"], language: "ar")
    #expect(found == ["Noto Sans", "Noto Kufi Arabic"])
  }

  @Test func `a character without a glyph is noticed in the layout too`() throws {
    let fonts = try FontCollection()
    func missing(_ text: String) -> Unicode.Scalar? {
      TextLayout(text, style: TextStyle(families: ["Noto Sans"]), size: 20, width: nil, fonts: fonts)
        .missingCharacter
    }
    #expect(missing("water") == nil)
    #expect(missing("a\u{10FFFD}b") == "\u{10FFFD}")
  }

  @Test(
    arguments: [
      (
        ["text": "a", "font": "Noto Snas"],
        "parameter 'layers[0].font': no font family 'Noto Snas' is installed; did you mean 'Noto Sans'? "
          + "Else install it, or name its file in 'fonts'"
      ),
      (
        ["text": "a", "font": "noto sans"],
        "parameter 'layers[0].font': no font family 'noto sans' is installed; did you mean 'Noto Sans'? "
          + "Else install it, or name its file in 'fonts'"
      ),
      (
        ["text": "a", "font": "Xyzzyx Grotesk 55"],
        "parameter 'layers[0].font': no font family 'Xyzzyx Grotesk 55' is installed; install it, or "
          + "name its file in 'fonts'"
      ),
      (["text": "a", "font": " , "], "parameter 'layers[0].font': wanted a font family, found none"),
      (
        ["text": "fizz \u{E123}"],
        "parameter 'layers[0].text': no font has the character '\u{E123}' (U+E123): looked in 'Noto Sans' and "
          + "the Noto families; install a font that has it, or name its file in 'fonts'"
      ),
      (
        ["text": "fizz\u{7}"],
        "parameter 'layers[0].text': no font has the character U+0007: looked in 'Noto Sans' and the Noto "
          + "families; install a font that has it, or name its file in 'fonts'"
      ),
    ] as [(JSON, String)])
  func `what no font has is named`(_ layer: JSON, _ message: String) {
    #expect(GreyFilm(frames: 1).refusal([layer]) == message)
  }

  @Test func `a font file of one's own`() throws {
    let film = GreyFilm(frames: 1)
    let path = "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf"
    #expect(try film.drawn([["text": "a", "font": "DejaVu Serif"]], ["fonts": [.string(path)]]).count == 1)
    #expect(
      film.refusal([["text": "a"]], ["fonts": ["/proc/self/stat"]])
        == "/proc/self/stat: is no font that can be read; wanted an OpenType or TrueType file")
  }
}
