// A model's own captions: its words found in a person's, the rest chosen.

import ReelStage
import StageTesting
import Testing

@Suite struct CaptionTests {
  private func shot(
    _ brief: String, _ more: [String: JSON] = [:], log: ProgressLog = ProgressLog()
  ) throws -> Shot {
    let folder = TemporaryFolder()
    var parameters = more
    parameters["brief"] = .string(brief)
    parameters["model"] = .string(folder.model())
    return try shots(.object(parameters), log: log)[0].shot
  }

  @Test func `the prompt leads with the caption`() throws {
    let shot = try shot(
      "a crimson tin of sparkling water in snowy mountains, diffuse light, slow push in", ["style": "sharp"])
    #expect(
      shot.prompt
        == "a red can in snowy mountains, soft light, push in, "
        + "a crimson tin of sparkling water in snowy mountains, diffuse light, slow push in, sharp")
    #expect(
      shot.choices == [
        "colour": "red", "product": "can", "backdrop": "snowy mountains", "light": "soft", "move": "push in",
      ])
  }

  @Test(arguments: [
    ("colour", "a red can in a white room", "red"),
    ("colour", "white snow behind a navy bottle", "blue"),
    ("colour", "a can, red", "red"),
    ("colour", "red and white cans", "white"),
    ("colour", "a white, shiny can in front of a crimson backdrop", "white"),
    ("product", "a can of tea", "can"),
    ("product", "a water bottle", "bottle"),
    ("product", "Three MUGS", "mug"),
    ("product", "a drink, candid", "can"),
    ("backdrop", "a can on a navy backdrop", "a blue studio"),
    ("backdrop", "a can in a red studio", "a red studio"),
    ("backdrop", "a can in the mountains under stars", "snowy mountains"),
    ("light", "a can, lit from the left", "left"),
    ("light", "a can in left light", "left"),
    ("move", "orbits the can", "orbit right"),
    ("move", "orbit left, a can", "orbit left"),
    ("move", "a can, push-in", "push in"),
  ])
  func `words are found whole, the longest first`(_ axis: String, _ brief: String, _ word: String) throws {
    #expect(try shot(brief).choices[axis] == word)
  }

  /// What the log says of the listed shots, or of three of the brief.
  private func notes(_ brief: String, _ more: [String: JSON] = [:]) throws -> [String] {
    let log = ProgressLog()
    _ = try shot(brief, more["shot_list"] == nil ? more.merging(["shots": 3]) { $1 } : more, log: log)
    return log.lines
  }

  @Test func `what the model does not know is told once, with what it does`() throws {
    #expect(try notes("a red can in the snow") == [])
    #expect(
      try notes("a red bicycle in the snow", ["seed": 1]) == [
        "'a red bicycle in the snow' names no product (bottle, can, mug) that the model knows; 'mug' was chosen"
      ])
    #expect(
      try notes("a fuchsia toaster in the snow", ["seed": 1]) == [
        "'a fuchsia toaster in the snow' names no colour (blue, red, white), no product (bottle, can, mug) that the "
          + "model knows; 'blue', 'mug' were chosen"
      ])
    #expect(
      try notes("a red can", ["seed": 1, "backdrops": ["a castle"], "lights": ["soft"]]) == [
        "the model knows no backdrop 'a castle' (a {colour} studio, outer space, snowy mountains); "
          + "'snowy mountains' was chosen"
      ])
    #expect(
      try notes(
        "a red can in the snow",
        ["shot_list": [["camera": "barrel roll", "prompt": "pushing in"], ["camera": "dolly in"]]]
      ) == [
        "the model knows no camera 'barrel roll' (orbit left, orbit right, push in, static); 'push in' was chosen"
      ])
  }

  @Test func `of an optional clause nothing is chosen, and the log says so`() throws {
    let (folder, log) = (TemporaryFolder(), ProgressLog())
    folder.write(
      #"{"captions": {"clauses": ["a {product}"], "optional": ["{light} light"], "#
        + #""words": {"product": {"can": []}, "light": {"left": [], "soft": []}}}}"#, to: "reel.json")
    let written = try shots(
      ["brief": "a can", "shot_list": [["light": "candles"]], "model": .string(folder.path)], log: log)
    #expect(written[0].shot.prompt.hasPrefix("a can"))
    #expect(log.lines == ["the model knows no light 'candles' (left, soft); none was chosen"])
  }

  @Test func `what only looks like a word does not count`() throws {
    // "left" is no light by itself, "scant" holds a can, and "orbit around" is a place.
    let found = try (0..<40).map {
      try shot("scant, to the left, orbit around", ["seed": .integer($0)]).choices
    }
    #expect(Set(found.map { $0["light"] }) == ["left", "soft"])
    #expect(Set(found.map { $0["product"] }) == ["can", "bottle", "mug"])
    #expect(Set(found.map { $0["move"] }) == ["static", "push in", "orbit left", "orbit right"])
    #expect(Set(found.map { $0["backdrop"] }) == ["outer space"])
  }

  @Test func `a shot's words go before the brief's, a fixed axis before both`() throws {
    let folder = TemporaryFolder()
    let made = try shots([
      "brief": "a red can in snowy mountains", "model": .string(folder.model()),
      "shot_list": [
        ["prompt": "static, a white bottle"], ["camera": "a slow orbit left", "light": "left"],
        ["backdrop": "a navy studio"],
      ],
    ]).map(\.shot.choices)
    #expect(made.map { $0["product"] } == ["bottle", "can", "can"])
    #expect(made.map { $0["colour"] } == ["white", "red", "red"])
    #expect(made.map { $0["backdrop"] } == ["snowy mountains", "snowy mountains", "a blue studio"])
    #expect(made[0]["move"] == "static")
    #expect(made[1]["move"] == "orbit left")
    #expect(made[1]["light"] == "left")
  }

  @Test func `a chosen studio is not of the product's colour`() throws {
    for seed in 0..<60 {
      let backdrop = try shot("a red can", ["seed": .integer(seed)]).choices["backdrop"]
      #expect(backdrop != "a red studio")
      #expect(backdrop?.contains("{") == false)
    }
  }

  @Test func `complete captions have the model's words alone, and optional ones where they were said`() throws
  {
    let folder = TemporaryFolder()
    folder.write(
      """
      {"captions": {
        "clauses": ["a {colour} {product}", "{move}"], "optional": ["{motion}"], "complete": true,
        "words": {
          "colour": {"red": ["crimson"]}, "product": {"can": ["tin"]}, "move": {"static": ["tripod"]},
          "motion": {"spinning": ["turning slowly"], "steaming": []}
        }
      }}
      """, to: "reel.json")
    let made = try prompts([
      "model": .string(folder.path), "style": "bold",
      "shot_list": [
        ["prompt": "a crimson tin of sparkling water"], ["prompt": "a crimson tin, turning slowly, on ice"],
      ],
    ])
    #expect(made == ["a red can, static", "a red can, static, spinning"])
  }

  @Test func `a declaration that makes no sense is refused`() {
    let folder = TemporaryFolder()
    let path = folder.write(
      "{\"captions\": {\"clauses\": [\"a {size} can\"], \"words\": {}}}", to: "reel.json")
    #expect(
      refusal(["brief": "a", "model": .string(folder.path)])
        == "\(path): the clauses have a slot '{size}' that 'words' does not list")
    folder.write(
      "{\"captions\": {\"clauses\": [\"a can\"], \"words\": {}, \"complete\": 1}}", to: "reel.json")
    #expect(
      refusal(["brief": "a", "model": .string(folder.path)])
        == "\(path): 'complete' of 'captions' wants true or false")
    folder.write(
      "{\"captions\": {\"clauses\": [\"a can\"], \"words\": {}, \"optional\": [1]}}", to: "reel.json")
    #expect(
      refusal(["brief": "a", "model": .string(folder.path)])
        == "\(path): 'optional' of 'captions' wants a list of texts")
    folder.write("{", to: "reel.json")
    #expect(refusal(["brief": "a", "model": .string(folder.path)]).hasPrefix("\(path): line 1, column 1: "))
  }
}
