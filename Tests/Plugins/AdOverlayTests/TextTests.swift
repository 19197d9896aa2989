// Texts in pixels: sizes, fitting, wrapping, aligning, decoration.

import ReelStage
import Testing

@Suite struct TextTests {
  private let film = GreyFilm(size: Size(width: 400, height: 200), frames: 1, shade: 0)

  private func frame(_ fields: [String: JSON], _ more: [String: JSON] = [:]) throws -> Frame {
    let layer = JSON.object(["size": "20%", "anchor": "top-left"].merging(fields) { _, new in new })
    return try film.drawn([layer], more)[0]
  }

  /// The rectangle that the ink of a text covers: left, top, width, height.
  private func ink(_ fields: [String: JSON], _ more: [String: JSON] = [:]) throws -> [Int] {
    try #require(try frame(fields, more).changed(from: 0))
  }

  @Test func `a size is the em`() throws {
    // hb-shape --show-extents NotoSans-Bold.ttf H: 90 units to the left, 714 high, 585 wide; 1000 units to
    // the em.
    let box = try ink(["text": "H", "size": "50%", "weight": "bold"])
    #expect(abs(box[0] - 9) <= 1 && abs(box[2] - 59) <= 2 && abs(box[3] - 71) <= 2, "\(box)")
  }

  @Test func `letters scale without hinting`() throws {
    let widths = try [10, 20, 40].map { try ink(["text": "sparkling", "size": .string("\($0)%")])[2] }
    #expect(abs(widths[1] - 2 * widths[0]) <= 2)
    #expect(abs(widths[2] - 4 * widths[0]) <= 4)
  }

  @Test func `a text shrinks until it fits its box`() throws {
    #expect(try ink(["text": "sparkling water"])[2] > 250)
    let fitted = try ink(["text": "sparkling water", "width": "45%", "height": "20%", "minimum_size": "5%"])
    #expect((170...180).contains(fitted[2]), "no smaller than need be, but inside: \(fitted)")
    // With room for two lines it stays large.
    let wrapped = try ink(["text": "sparkling water", "width": "50%", "height": "60%"])
    #expect(wrapped[3] > 2 * fitted[3])
  }

  @Test func `a text that cannot fit is refused with the size that would`() throws {
    let box: [String: JSON] = ["text": "sparkling water", "size": "20%", "width": "45%", "height": "20%"]
    for (more, asked) in [(["minimum_size": "15%"], "15%"), (["fit": "error"], "20%")]
      as [([String: JSON], String)]
    {
      let parts = film.refusal([.object(box.merging(more) { $1 })]).split(separator: "; it would fit at ")
      #expect(
        parts.first
          == "parameter 'layers[0].text': 'sparkling water' does not fit its box of 180x40 pixels at \(asked)"
      )
      // hb-shape adds the advances up to 7296 thousandths of an em; 180 pixels are 90% of the shorter side.
      let size = try #require(parts.last.flatMap { Double($0.prefix { $0 != "%" }) })
      #expect(size <= 90 / 7.296 && size > 0.98 * 90 / 7.296)
      #expect(parts.last?.hasSuffix("%: shorten it, or widen the box") == true)
    }
    #expect(
      film.refusal([["text": "sparkling", "size": "20%", "width": "0.5%"]])
        == "parameter 'layers[0].text': 'sparkling' does not fit its box of 2x200 pixels at 10%; "
        + "not even at 0.4%: shorten it, or widen the box")
    #expect(
      film.refusal([["text": "a", "size": "5%", "minimum_size": "6%"]])
        == "parameter 'layers[0].minimum_size': 6% is more than the size, 5%")
    #expect(
      film.refusal([["text": " \n"]])
        == "parameter 'layers[0].text': is empty; leave the layer out, or exclude the variant")
  }

  @Test func `lines are balanced`() throws {
    let text: [String: JSON] = ["text": "aaa aaa aaa aaa a", "size": "16%", "width": "50%"]
    let (full, balanced) = (try ink(text.merging(["wrap": "full"]) { $1 }), try ink(text))
    #expect(balanced[3] == full[3], "as many lines")
    #expect(balanced[2] < full[2] * 17 / 20)
  }

  @Test(arguments: [
    ("start", "abc abc\na", false), ("end", "abc abc\na", true), ("start", "ماء ماء\nا", true),
    ("end", "ماء ماء\nا", false), ("start", "abc abc\nا", true), ("end", "ماء ماء\na", true),
  ])
  func `a line begins where its own paragraph begins`(
    _ align: String, _ text: String, _ isOnTheRight: Bool
  ) throws {
    for direction in ["left-to-right", "right-to-left"] {
      let frame = try frame(
        ["text": .string(text), "align": .string(align)], ["direction": .string(direction)])
      let box = try #require(frame.changed(from: 0))
      // The second, short line stands in the 50 pixels of the second line height.
      let columns = frame.columns(from: 0, rows: 55..<100)
      let middle = Double(zip(0..., columns).reduce(0) { $0 + $1.0 * $1.1 }) / Double(columns.reduce(0, +))
      #expect((middle > Double(box[0]) + Double(box[2]) / 2) == isOnTheRight)
    }
  }

  @Test func `a pill holds the text in its middle`() throws {
    let background: JSON = ["colour": "#0000ff", "padding_x": "100%", "padding_y": "50%", "radius": "100%"]
    let frame = try frame(["text": "H", "colour": "#ff0000", "background": background])
    // 20% of 200 are 40 pixels to the em: a line of 50, and 20 above and below it.
    let box = try #require(frame.changed(from: 0))
    #expect(Array(box[..<2]) == [0, 0] && box[3] == 90)
    // The advance of H is 765/1000 for bold, 741 for regular.
    #expect(abs(box[2] - (80 + 30)) <= 1)
    #expect(frame[box[2] / 2 - 30, 45] == [0, 0, 255])
    #expect(frame[1, 1] == [0, 0, 0], "a round corner")
    let reds = frame.columns(from: 0)
    #expect(reds.firstIndex { $0 > 0 }! > 40 && reds.lastIndex { $0 > 0 }! < box[2] - 40)
  }

  @Test func `shadow and outline reach out of the letters`() throws {
    let bare = try ink(["text": "H", "anchor": "centre"])
    let outlined = try ink([
      "text": "H", "anchor": "centre", "outline": ["colour": "#00ff00", "width": "20%"],
    ])
    // 20% of 40 pixels, half of it outside: 4 on each side.
    #expect(abs(outlined[2] - bare[2] - 8) <= 1 && abs(outlined[3] - bare[3] - 8) <= 1)
    let shadow: JSON = ["colour": "#ffffff", "blur": "0%", "x": "10%", "y": "0%"]
    let shadowed = try ink(["text": "H", "anchor": "centre", "shadow": shadow])
    #expect(shadowed == [bare[0], bare[1], bare[2] + 20, bare[3]])
    let soft: JSON = ["colour": "#ffffff", "blur": "2%", "x": "0%", "y": "0%"]
    let blurred = try ink(["text": "H", "anchor": "centre", "shadow": soft])
    #expect(blurred[0] < bare[0] - 3 && blurred[2] > bare[2] + 6)
  }
}
