// Where layers stand: anchors, margins, safe areas, reading direction, one on top of another.

import ReelStage
import Testing

@Suite struct PlacingTests {
  /// A box of 40 by 20 pixels on a film of 200 by 100, whose shorter side is 100.
  private func place(_ fields: [String: JSON], _ more: [String: JSON] = [:]) throws -> [Int]? {
    var layer: [String: JSON] = ["box": ["colour": "#ff0000"], "width": "20%", "height": "20%"]
    layer.merge(fields) { _, new in new }
    return try GreyFilm(frames: 1).drawn([.object(layer)], more)[0].changed(from: 100)
  }

  @Test(arguments: [
    ("top-left", [4, 6]), ("top", [84, 6]), ("top-right", [156, 6]),
    ("left", [4, 46]), ("centre", [84, 46]), ("right", [156, 46]),
    ("bottom-left", [4, 74]), ("bottom", [84, 74]), ("bottom-right", [156, 74]),
    ("top-start", [4, 6]), ("end", [156, 46]), ("bottom-end", [156, 74]),
  ])
  func `margins lead away from the anchored edges, and right or down from the middle`(
    _ anchor: String, _ corner: [Int]
  ) throws {
    let box = try place(["anchor": .string(anchor), "margin": ["x": "4%", "y": "6%"]])
    #expect(box == corner + [40, 20])
  }

  @Test func `start and end change sides in an ad that is read from the right`() throws {
    let rightToLeft: [String: JSON] = ["direction": "right-to-left"]
    #expect(try place(["anchor": "top-start", "margin": ["x": "4%"]], rightToLeft) == [156, 0, 40, 20])
    #expect(try place(["anchor": "bottom-end"], rightToLeft) == [0, 80, 40, 20])
    #expect(try place(["anchor": "top-left"], rightToLeft) == [0, 0, 40, 20])
  }

  @Test func `the first text says how the ad is read`() throws {
    let box: JSON = ["box": ["colour": "#ff0000"], "anchor": "top-start", "width": "10%", "height": "10%"]
    let text: JSON = ["text": "12 ماء", "anchor": "bottom", "size": "8%"]
    let frame = try GreyFilm(frames: 1).drawn([box, text])[0]
    #expect(frame[199, 0] == [255, 0, 0])
    #expect(frame[0, 0] == [100, 100, 100])
  }

  @Test(arguments: [
    ("none", [0, 0, 200, 100]), ("tv", [10, 5, 180, 90]), ("reels", [12, 14, 176, 51]),
    ("stories", [0, 14, 200, 66]),
  ])
  func `layers keep inside the destination's safe area`(_ safe: String, _ area: [Int]) throws {
    let fields: [String: JSON] = ["anchor": "top-left", "width": "100%", "height": "100%"]
    #expect(try place(fields, ["safe": .string(safe)]) == area)
    let whole = fields.merging(["inside": "frame"]) { _, new in new }
    #expect(try place(whole, ["safe": .string(safe)]) == [0, 0, 200, 100])
  }

  @Test func `a safe area of one's own, and a mirrored one`() throws {
    let fields: [String: JSON] = ["anchor": "top-left", "width": "100%", "height": "100%"]
    #expect(
      try place(fields, ["safe": "tv", "safe_insets": ["top": "20%", "right": "0%"]]) == [10, 20, 190, 75])
    #expect(try place(fields, ["safe": "tiktok"]) == [12, 8, 160, 69])
    #expect(
      try place(fields, ["safe": "tiktok", "direction": "right-to-left"]) == [28, 8, 160, 69])
  }

  @Test func `a layer stands above or below an earlier one`() throws {
    func box(_ fields: [String: JSON]) -> JSON {
      .object(
        ["box": ["colour": "#ff0000"], "width": "10%", "height": "10%"].merging(fields) { _, new in new })
    }
    let base = box(["name": "base", "anchor": "left", "opacity": "0%"])
    let film = GreyFilm(frames: 1)
    let above = box(["above": "base", "anchor": "bottom-right", "margin": ["x": "0%", "y": "5%"]])
    #expect(try film.drawn([base, above])[0].changed(from: 100) == [180, 30, 20, 10])
    let below = box(["below": "base", "anchor": "left", "margin": ["y": "5%"]])
    #expect(try film.drawn([base, below])[0].changed(from: 100) == [0, 60, 20, 10])
    #expect(
      film.refusal([base, box(["below": "bsae"])])
        == "parameter 'layers[1].below': no layer before this one has the name 'bsae'; wanted one of 'base'")
    #expect(
      film.refusal([base, box(["below": "base", "above": "base"])])
        == "parameter 'layers[1].below': a layer stands above another or below it, not both")
    #expect(
      film.refusal([base, base])
        == "parameter 'layers[1].name': 'base' is the name of an earlier layer; give another one")
  }

  @Test(
    arguments: [
      ([:], "none of them"),
      (["text": "a", "box": ["colour": "#000000"]], "text and box"),
    ] as [(JSON, String)])
  func `a layer is one thing`(_ layer: JSON, _ found: String) {
    #expect(
      GreyFilm().refusal([layer])
        == "parameter 'layers[0]': a layer is one of text, image, box, card; found \(found)")
  }
}
