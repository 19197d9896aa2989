// Checking parameters against their declaration: text gets its type, defaults fill in, problems have places.

import ReelStage
import Testing

@Suite struct ParameterTypeTests {
  @Test(arguments: [
    (ParameterType.boolean, "true", JSON.bool(true)),
    (.integer(1...200), "20", 20),
    (.number(0...10), "2", 2.0),
    (.number(0...10), "1e-3", 0.001),
    (.percent(0...100), "8%", 8.0),
    (.text, "20", "20"),
    (.choice(["crop", "blur"]), "blur", "blur"),
    (.size, "1920x1080", "1920x1080"),
    (.aspectRatio, "1920x1080", "16:9"),
    (.aspectRatio, "18:32", "9:16"),
    (.frameRate, "50/2", "25"),
    (.frameRate, "29.97", "30000/1001"),
    (.colour, "#FF8800", "#ff8800"),
    (.colour, "#ff8800ff", "#ff8800"),
    (.file, "logo.png", "logo.png"),
  ])
  func `text becomes what the declaration says`(type: ParameterType, text: String, value: JSON) throws {
    #expect(try type.resolve(.string(text)).get() == value)
    #expect(try type.resolve(value).get() == value, "the normal form resolves to itself")
  }

  @Test(arguments: [
    (ParameterType.boolean, JSON.string("yes"), "true or false", "'yes'"),
    (.integer(1...200), "abc", "a whole number from 1 to 200", "'abc'"),
    (.integer(1...200, unit: "steps"), "0", "a whole number from 1 to 200 steps", "'0'"),
    (.integer(1...200), "2.5", "a whole number from 1 to 200", "'2.5'"),
    (.number(0...1.5, unit: "seconds"), "nan", "a number from 0 to 1.5 seconds", "'nan'"),
    (.number(0...1), "0x1p-2", "a number from 0 to 1", "'0x1p-2'"),
    (.percent(0...50), "60%", "a percentage from 0% to 50%", "'60%'"),
    (.text, .array(["a"]), "text", "a list"),
    (.choice(["crop", "blur"]), "zoom", "one of 'crop', 'blur'", "'zoom'"),
    (.size, "1920×1080", "a size such as 1920x1080, of sides from 1 to 16384", "'1920×1080'"),
    (.size, "0x10", "a size such as 1920x1080, of sides from 1 to 16384", "'0x10'"),
    (.aspectRatio, "16:0", "a shape such as 16:9 or 1920x1080, of sides from 1 to 16384", "'16:0'"),
    (.aspectRatio, "1.78", "a shape such as 16:9 or 1920x1080, of sides from 1 to 16384", "'1.78'"),
    (.aspectRatio, "1:2:3", "a shape such as 16:9 or 1920x1080, of sides from 1 to 16384", "'1:2:3'"),
    (.frameRate, "25/0", "a frame rate from 1 to 240, such as 25 or 30000/1001", "'25/0'"),
    (.colour, "#12345", "a colour such as #ff8800 or #ff880080", "'#12345'"),
    (.file, "", "a file's path", "''"),
    (.list(.text, count: 1...2), .array([]), "a list of at least 1", "0"),
    (.list(.text, count: 1...2), .array(["a", "b", "c"]), "a list of at most 2", "3"),
    (.record([]), "a", "a mapping", "'a'"),
  ])
  func `what was wanted and what was found`(type: ParameterType, given: JSON, wanted: String, found: String) {
    #expect(
      type.resolve(given)
        == .failure(
          ParameterProblems(list: [
            ParameterProblem(path: ParameterPath(), reason: .wrong(wanted: wanted, found: found))
          ])))
  }

  static let layers = ParameterType.record([
    .required("name", .text, help: "a name"),
    .optional(
      "layers",
      .list(
        .record([
          .required("text", .text, help: "words"),
          .optional("size", .percent(1...50), default: 6.0, help: "height"),
        ]), count: 0...3), default: [], help: "on top"),
  ])

  @Test func `defaults fill in at every depth`() throws {
    #expect(
      try Self.layers.resolve(["name": "a", "layers": [["text": "b"]]]).get()
        == ["name": "a", "layers": [["text": "b", "size": 6.0]]])
    #expect(try Self.layers.resolve(["name": "a"]).get() == ["name": "a", "layers": []])
  }

  @Test func `every problem is found at once, each with its place`() {
    let result = Self.layers.resolve(["layers": [["text": "a", "size": "99%"], ["txt": "b"]], "nam": "x"])
    guard case .failure(let problems) = result else {
      Issue.record("wanted problems")
      return
    }
    func problem(_ steps: ParameterPathStep..., reason: ParameterProblem.Reason) -> ParameterProblem {
      ParameterProblem(path: ParameterPath(steps), reason: reason)
    }
    #expect(
      problems.list == [
        problem(.name("nam"), reason: .unknown(name: "nam", known: ["name", "layers"])),
        problem(reason: .missing(name: "name")),
        problem(
          .name("layers"), .index(0), .name("size"),
          reason: .wrong(wanted: "a percentage from 1% to 50%", found: "'99%'")),
        problem(
          .name("layers"), .index(1), .name("txt"), reason: .unknown(name: "txt", known: ["text", "size"])),
        problem(.name("layers"), .index(1), reason: .missing(name: "text")),
      ])
    #expect(
      problems.list.map(\.path.description) == ["nam", "", "layers[0].size", "layers[1].txt", "layers[1]"])
  }
}
