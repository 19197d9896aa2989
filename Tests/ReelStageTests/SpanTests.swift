// Runs of frames: how films are cut, and which elements of a list matter to a run.

import ReelStage
import Testing

@Suite struct SpanTests {
  private static let rates = [
    FrameRate(24), FrameRate(25), FrameRate(30000, 1001), FrameRate(9, 2), FrameRate(240),
  ]

  @Test(arguments: rates) func spansCoverTheFilm(rate: FrameRate) {
    for frames in [0, 1, 2, 7, 24, 25, 49, 50, 51, 99, 150, 751] {
      let spans = Cut.spans(of: FilmLength(frames: frames, rate: rate), seconds: 2)
      #expect(spans.first?.lowerBound == 0 && spans.last?.upperBound == frames)
      #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      let wanted = 2 * rate.framesPerSecond
      if frames > 0 { #expect(spans.allSatisfy { !$0.isEmpty }) }
      if Double(frames) > wanted { #expect(spans.allSatisfy { Double($0.count) >= wanted / 2 - 1 }) }
      #expect(spans.allSatisfy { Double($0.count) <= wanted * 1.5 + 1 })
    }
  }

  /// A longer film has the same spans but for the last.
  @Test func aLongerFilmKeepsItsSpans() {
    let rate = FrameRate(30000, 1001)
    let long = Cut.spans(of: FilmLength(frames: 900, rate: rate), seconds: 2)
    for frames in 1...899 {
      let spans = Cut.spans(of: FilmLength(frames: frames, rate: rate), seconds: 2)
      #expect(Array(spans.dropLast()) == Array(long.prefix(spans.count - 1)))
    }
  }

  @Test func secondsAreNotRoundedUp() {
    let spans = Cut.spans(of: FilmLength(frames: 240, rate: FrameRate(24000, 1001)), seconds: 2)
    #expect(spans.map(\.count) == [48, 48, 48, 48, 48])
    #expect(
      Cut.spans(of: FilmLength(frames: 3, rate: FrameRate(25)), seconds: 0.01) == [0..<1, 1..<2, 2..<3])
  }

  @Test func momentsAreRoundedToFrames() {
    let film = FilmLength(frames: 50, rate: FrameRate(25))
    #expect([0, 0.41, 2, -2, -0.5].map { film.frame(at: $0) } == [0, 10, 50, 0, 38])
    #expect([2.03, -2.03].map { film.frame(at: $0) } == [nil, nil])
  }
}

@Suite struct SpanParametersTests {
  private static let parameters: [Parameter] = [
    .required(
      "layers",
      .list(
        .record([
          .optional("name", .text, help: ""), .optional("text", .text, help: ""),
          .optional("below", .text, help: ""),
          .optional("file", .file, help: ""), .optional("at", .number(-100...100), help: ""),
          .optional("until", .number(-100...100), help: ""),
        ]), count: 0...50),
      timing: ElementTiming(from: "at", until: "until", name: "name", references: ["below"], lead: "text"),
      help: ""),
    .optional("safe", .text, default: "none", help: ""),
  ]
  private static let film = FilmLength(frames: 100, rate: FrameRate(25))

  private func reduced(_ layers: [JSON], on frames: Range<Int>) throws -> SpanParameters {
    try SpanParameters(["layers": .array(layers)], of: Self.parameters, on: frames, of: Self.film)
  }

  @Test func onlyElementsOnTheSpanMatter() throws {
    let layers: [JSON] = [["file": "a"], ["file": "b", "at": 2, "until": -1], ["file": "c", "until": 1.0]]
    let values: JSON = ["layers": .array(layers), "safe": "none"]
    let span = try SpanParameters(values, of: Self.parameters, on: 50..<75, of: Self.film)
    #expect(
      span.digested(values)
        == [
          "layers": [["file": "a", "frames": [0, 100]], ["file": "b", "frames": [50, 75]]], "safe": "none",
        ])
    #expect(
      span.given(values)
        == [
          "layers": [["file": "a", "frames": [0, 100]], ["file": "b", "frames": [50, 75]], nil],
          "safe": "none",
        ])
    #expect(span.places == ["layers": [0, 1]])
    func concerns(_ index: Int) -> Bool {
      span.concern(ParameterPath([.name("layers"), .index(index), .name("file")]))
    }
    #expect([0, 1, 2].map(concerns) == [true, true, false])
    #expect(span.concern(ParameterPath([.name("safe")])))
  }

  @Test func elementsReferredToMatterWithoutFrames() throws {
    let layers: [JSON] = [
      ["name": "a", "until": 1.0], ["name": "b", "below": "a", "until": 1.0], ["below": "b", "at": 2],
      ["name": "d", "until": 1.0],
    ]
    let span = try reduced(layers, on: 75..<100)
    #expect(span.places == ["layers": [0, 1, 2]])
    #expect(
      span.digested(["layers": .array(layers)])["layers"]
        == [["name": "a"], ["name": "b", "below": "a"], ["below": "b", "frames": [50, 100]]])
  }

  @Test func theFirstTextLeadsEverywhere() throws {
    let layers: [JSON] = [
      ["file": "a", "until": 1.0], ["text": "مرحبا", "until": 1.0], ["text": "b", "at": 3],
    ]
    #expect(try reduced(layers, on: 75..<100).places == ["layers": [1, 2]])
    #expect(try reduced(layers, on: 50..<60).places == ["layers": [1]])
  }

  /// Parameters tell which frames an element is on; elements without are there for the others.
  @Test func stagesReadTheFrames() throws {
    let layers: [JSON] = [
      ["name": "a", "until": 1.0], ["file": "c", "at": 1.0, "until": 2], ["below": "a", "at": 2],
    ]
    let span = try reduced(layers, on: 75..<100)
    let records = Parameters(span.given(["layers": .array(layers)])).records("layers")
    #expect(records.map(\.path.description) == ["layers[0]", "layers[2]"])
    #expect(records.map(\.frames) == [nil, 50..<100])
  }

  @Test func elementsOutsideTheFilmAreRefused() {
    func refusal(_ layer: JSON) -> String {
      do {
        _ = try reduced([layer], on: 0..<10)
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(
      refusal(["at": 5]) == "parameter 'layers[0].at': 5 s is outside the film, which lasts 4 s")
    #expect(
      refusal(["until": -4.5]) == "parameter 'layers[0].until': -4.5 s is outside the film, which lasts 4 s")
    #expect(
      refusal(["at": 4])
        == "parameter 'layers[0].at': it is never seen: it comes at 4 s and is gone at 4 s")
    #expect(
      refusal(["at": 2, "until": -3])
        == "parameter 'layers[0].until': it is never seen: it comes at 2 s and is gone at 1 s")
  }
}
