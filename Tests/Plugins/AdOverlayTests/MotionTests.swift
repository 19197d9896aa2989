// When layers come and go, and how: times, fades, slides, easing.

import ReelStage
import Testing

@Suite struct MotionTests {
  private func box(_ fields: [String: JSON]) -> JSON {
    .object(
      ["box": ["colour": "#ffffff"], "anchor": "top-left", "width": "10%", "height": "20%"]
        .merging(fields) { _, new in new })
  }

  /// By frame, the red of the pixel at 5, 5 after a black film of 50 frames, 2 s, has been drawn on.
  private func reds(_ fields: [String: JSON]) throws -> [UInt8] {
    try GreyFilm(shade: 0).drawn([box(fields)]).map { $0[5, 5][0] }
  }

  @Test(
    arguments: [
      ([:], 0..<50), (["at": 0.4], 10..<50), (["until": 1], 0..<25), (["at": 0.41, "until": 0.46], 10..<12),
      (["at": -0.4], 40..<50), (["at": -1, "until": -0.2], 25..<45), (["until": 2], 0..<50),
    ] as [([String: JSON], Range<Int>)])
  func `a layer is seen from its frame to its end`(_ times: [String: JSON], _ seen: Range<Int>) throws {
    #expect(try reds(times) == (0..<50).map { seen.contains($0) ? 255 : 0 })
  }

  // The frame's middle is 0.1, 0.3, … of the way. The curves' values are those of a Python script that looks
  // the cubic Bézier curves of CSS up by dense sampling.
  @Test(arguments: [
    ("linear", [0.1, 0.3, 0.5, 0.7, 0.9]),
    ("ease-in", [0.01703, 0.12958, 0.31536, 0.55481, 0.83943]),
    ("ease-out", [0.16057, 0.44519, 0.68464, 0.87042, 0.98297]),
    ("ease-in-out", [0.01972, 0.1874, 0.5, 0.8126, 0.98028]),
  ])
  func `fades follow the curve`(_ easing: String, _ progress: [Double]) throws {
    func isNear(_ found: some Sequence<UInt8>, _ wanted: [Double]) -> Bool {
      zip(found, wanted).allSatisfy { abs(Double($0) - 255 * $1) <= 0.51 }
    }
    let coming = try reds(["enter": ["seconds": 0.2, "easing": .string(easing)]])
    #expect(isNear(coming.prefix(5), progress), "\(coming.prefix(5))")
    #expect(coming.dropFirst(5).allSatisfy { $0 == 255 })
    let leaving = try reds(["leave": ["seconds": 0.2, "easing": .string(easing)]])
    #expect(isNear(leaving.suffix(5), progress.map { 1 - $0 }), "\(leaving.suffix(5))")
    #expect(leaving.prefix(45).allSatisfy { $0 == 255 })
  }

  @Test func `a slide ends in place, and begins its distance away`() throws {
    // 20% of the shorter side are 20 pixels; one frame in five is 4, and a frame stands for its middle.
    func lefts(_ slide: String, _ more: [String: JSON] = [:]) throws -> [Int?] {
      let enter: JSON = [
        "seconds": 0.2, "fade": false, "slide": .string(slide), "distance": "20%", "easing": "linear",
      ]
      let layer = box(["anchor": "centre", "enter": enter])
      return try GreyFilm(frames: 6, shade: 0).drawn([layer], more).map { $0.changed(from: 0)?[0] }
    }
    #expect(try lefts("right") == [72, 76, 80, 84, 88, 90])
    #expect(try lefts("left") == [108, 104, 100, 96, 92, 90])
    #expect(try lefts("forward", ["direction": "right-to-left"]) == [108, 104, 100, 96, 92, 90])
    #expect(try lefts("back", ["direction": "right-to-left"]) == [72, 76, 80, 84, 88, 90])
    #expect(try lefts("up") == [90, 90, 90, 90, 90, 90])
  }

  @Test func `between two pixels a layer is shared by both`() throws {
    let enter: JSON = [
      "seconds": 0.04, "fade": false, "slide": "right", "distance": "1%", "easing": "linear",
    ]
    let frame = try GreyFilm(frames: 2, shade: 0).drawn([
      box(["anchor": "left", "margin": ["x": "10%"], "enter": enter])
    ])[0]
    // Half a pixel to the left of 10…30.
    #expect([8, 9, 10, 28, 29, 30].map { frame[$0, 50][0] } == [0, 128, 255, 255, 128, 0])
  }

  @Test func `frames without a layer pass unchanged, whatever the threads`() throws {
    let layer = box(["at": 1, "enter": ["seconds": 0.5, "slide": "up"]])
    let one = try GreyFilm(shade: 77).drawn([layer])
    let untouched = Frame(size: Size(width: 200, height: 100), red: 77, green: 77, blue: 77)
    #expect(one.prefix(25).allSatisfy { $0 == untouched })
    #expect(one.dropFirst(25).allSatisfy { $0 != untouched })
    #expect(try GreyFilm(shade: 77).drawn([layer], threads: 4) == one)
  }

  @Test(
    arguments: [
      (["at": 3], "parameter 'layers[0].at': 3 s is outside the film, which lasts 2 s"),
      (["at": -2.5], "parameter 'layers[0].at': -2.5 s is outside the film, which lasts 2 s"),
      (["until": 2.04], "parameter 'layers[0].until': 2.04 s is outside the film, which lasts 2 s"),
      (
        ["at": 1, "until": 0.5],
        "parameter 'layers[0].until': it is never seen: it comes at 1 s and is gone at 0.5 s"
      ),
      (["at": 2], "parameter 'layers[0].at': it is never seen: it comes at 2 s and is gone at 2 s"),
    ] as [([String: JSON], String)])
  func `times outside the film are refused`(_ times: [String: JSON], _ message: String) {
    #expect(GreyFilm().refusal([box(times)]) == message)
  }
}
