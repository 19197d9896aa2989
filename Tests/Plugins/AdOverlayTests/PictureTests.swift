// Images, boxes and end cards: scaling, opacity, gradients, cropping.

import Glibc
import ReelStage
import StageTesting
import Testing

@Suite struct PictureTests {
  private func png(_ size: Size, _ folder: TemporaryFolder, _ pixel: (Int, Int) -> [UInt8]) throws -> JSON {
    let path = folder.path + "/picture.png"
    let pixels = (0..<size.height).flatMap { y in (0..<size.width).flatMap { x in pixel(x, y) } }
    try Image(size: size, pixels: pixels).writePNG(path)
    return .string(path)
  }

  @Test func `an image fits its box and keeps its shape`() throws {
    let folder = TemporaryFolder()
    let logo = try png(Size(width: 40, height: 20), folder) { _, _ in [255, 0, 0, 255] }
    let film = GreyFilm(frames: 1)
    func place(_ fields: [String: JSON]) throws -> [Int]? {
      try film.drawn([.object(fields.merging(["image": logo, "anchor": "top-left"]) { $1 })])[0].changed(
        from: 100)
    }
    #expect(try place([:]) == [0, 0, 200, 100])
    #expect(try place(["height": "50%"]) == [0, 0, 100, 50])
    #expect(try place(["width": "10%"]) == [0, 0, 20, 10])
    #expect(try place(["width": "10%", "height": "5%"]) == [0, 0, 10, 5])
    #expect(try film.drawn([["image": logo]])[0][100, 50] == [255, 0, 0])
  }

  @Test func `opacity mixes with the frame`() throws {
    let folder = TemporaryFolder()
    let glass = try png(Size(width: 2, height: 2), folder) { _, _ in [200, 200, 200, 128] }
    let film = GreyFilm(frames: 1)
    // 100 + (200 − 100) · 128/255 = 150.2, and half of that way is 125.1.
    #expect(try film.drawn([["image": glass]])[0][50, 50] == [150, 150, 150])
    #expect(try film.drawn([["image": glass, "opacity": "50%"]])[0][100, 50] == [125, 125, 125])
    // 100 + (255 − 100) · 64/255 = 138.9
    #expect(
      try film.drawn([["box": ["colour": "#ffffff40"], "width": "50%", "height": "50%"]])[0][100, 50]
        == [139, 139, 139])
  }

  @Test func `images shrink in linear light`() throws {
    let folder = TemporaryFolder()
    // Black and white columns in turn: half the light of white, which sRGB encodes as 188, not 128.
    let stripes = try png(Size(width: 400, height: 200), folder) { x, _ in
      x % 2 == 0 ? [255, 255, 255, 255] : [0, 0, 0, 255]
    }
    let frame = try GreyFilm(frames: 1).drawn([["image": stripes]])[0]
    #expect(frame[100, 50].allSatisfy { abs(Int($0) - 188) <= 2 }, "\(frame[100, 50])")
  }

  @Test func `transparent pixels lend no colour to their neighbours`() throws {
    let folder = TemporaryFolder()
    let disc = try png(Size(width: 200, height: 200), folder) { x, y in
      (x - 100) * (x - 100) + (y - 100) * (y - 100) < 6400 ? [255, 255, 255, 255] : [0, 0, 0, 0]
    }
    let frame = try GreyFilm(frames: 1, shade: 255).drawn([["image": disc]])[0]
    #expect(frame.pixels.allSatisfy { $0 >= 254 }, "no dark rim on white")
  }

  @Test func `a gradient runs the way it points`() throws {
    let film = GreyFilm(frames: 1)
    func ends(_ direction: String, _ more: [String: JSON] = [:]) throws -> [UInt8] {
      let box: JSON = ["colour": "#000000", "to": "#ffffff", "direction": .string(direction)]
      let frame = try film.drawn([["box": box, "width": "100%", "height": "100%"]], more)[0]
      return [frame[0, 50][0], frame[199, 50][0], frame[100, 0][0], frame[100, 99][0], frame[100, 50][0]]
    }
    #expect(try ends("right").prefix(2).map { $0 / 250 } == [0, 1])
    #expect(try ends("left").prefix(2).map { $0 / 250 } == [1, 0])
    #expect(try ends("forward", ["direction": "right-to-left"]).prefix(2).map { $0 / 250 } == [1, 0])
    #expect(try ends("down")[2...3].map { $0 / 250 } == [0, 1])
    #expect(try ends("up")[2...3].map { $0 / 250 } == [1, 0])
    #expect(try ends("down")[4].distance(to: 128).magnitude <= 3)
  }

  @Test func `a card fills the frame, its picture cropped`() throws {
    let folder = TemporaryFolder()
    // Red, green, blue thirds; on a frame twice as wide as high only the middle half of the height is left.
    let square = try png(Size(width: 60, height: 60), folder) { x, y in
      y < 15 || y >= 45 ? [0, 0, 255, 255] : x < 30 ? [255, 0, 0, 255] : [0, 255, 0, 255]
    }
    let frames = try GreyFilm(frames: 4).drawn(
      [["card": ["image": square], "at": 0.08]], ["safe": "reels"])
    #expect(frames[1] == Frame(size: Size(width: 200, height: 100), red: 100, green: 100, blue: 100))
    let card = frames[2]
    #expect(card[10, 50] == [255, 0, 0] && card[190, 50] == [0, 255, 0])
    #expect(card[50, 3][2] < 40 && card[50, 96][2] < 40, "the blue is cut off")
    let plain = try GreyFilm(frames: 1).drawn([["card": ["colour": "#123456"]]])[0]
    #expect(plain == Frame(size: plain.size, red: 0x12, green: 0x34, blue: 0x56))
  }

  @Test func `round corners`() throws {
    let box: JSON = ["box": ["colour": "#ff0000"], "width": "50%", "height": "50%", "radius": "100%"]
    let frame = try GreyFilm(frames: 1).drawn([box])[0]
    #expect(frame.changed(from: 100) == [50, 25, 100, 50])
    #expect(frame[51, 26] == [100, 100, 100])
    #expect(frame[51, 50] == [255, 0, 0])
    // A quarter circle of radius 25 covers π/4 of its square.
    let red =
      frame.pixels.enumerated().reduce(0.0) { $1.offset % 3 == 0 ? $0 + Double($1.element) - 100 : $0 } / 155
    #expect(abs(red - (5000 - (4 - Double.pi) * 625)) < 8)
  }

  @Test func `a picture that cannot be read is named`() throws {
    let film = GreyFilm(frames: 1)
    #expect(
      film.refusal([["image": "/nowhere/logo.png"]])
        == "/nowhere/logo.png: cannot open: no such file or directory")
    #expect(
      film.refusal([["image": "/proc/self/comm"]]).hasPrefix("/proc/self/comm: not a PNG picture: "))
  }
}
