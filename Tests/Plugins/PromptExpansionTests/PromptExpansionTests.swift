// Briefs and shot lists: how many shots, how long, which seeds, and what an edit leaves alone.

import ReelStage
import Testing

@Suite struct PromptExpansionTests {
  @Test func `a brief makes as many shots as asked`() throws {
    let made = try shots(["brief": "a red can", "shots": 3, "seconds": 1.5, "negative_prompt": "blur"])
    #expect(made.map(\.name) == ["1", "2", "3"])
    #expect(made.map(\.shot.seconds) == [1.5, 1.5, 1.5])
    #expect(made.map(\.shot.negativePrompt) == ["blur", "blur", "blur"])
    for (_, shot) in made {
      let choices = shot.choices
      #expect(
        shot.prompt == "a red can, \(choices["camera"] ?? "none"), \(choices["light"] ?? "none")")
    }
    #expect(Set(made.map { $0.shot.choices["light"] }).count == 1, "one light for the film")
  }

  // The numbers are those of a Python script that follows the published FNV-1a and SplitMix64.
  @Test func `seeds come from the film's seed and the shot's name`() throws {
    let made = try shots(["brief": "a can", "shots": 2, "seed": 7])
    #expect(made.map(\.shot.seed) == [13_440_432_897_431_090_682, 313_583_312_504_353_223])
    let named = try shots([
      "shot_list": [["id": "hero", "prompt": "a can"], ["prompt": "a mug", "seed": 5]]
    ])
    #expect(named.map(\.name) == ["hero", "2"])
    #expect(named.map(\.shot.seed) == [3_043_466_330_638_288_671, 5])
  }

  @Test func `seconds are a shot's own, or a share of the total, or two`() throws {
    let list: JSON = [["prompt": "a", "seconds": 3], ["prompt": "b"]]
    #expect(try shots(["shot_list": list]).map(\.shot.seconds) == [3, 2])
    #expect(try shots(["shot_list": list, "total_seconds": 10]).map(\.shot.seconds) == [3, 5])
  }

  @Test func `an edited shot leaves the others as they were`() throws {
    func film(_ second: String) throws -> [Shot] {
      try shots([
        "shot_list": [["prompt": "{fizz|ice}"], ["prompt": .string(second)], ["prompt": "{fizz|ice}"]],
        "brief": "a {red|blue|white} can", "style": "{film|photo}", "seed": 11,
      ]).map(\.shot)
    }
    let (before, after) = (try film("a glass"), try film("{two|three} glasses, {a|b}"))
    #expect(before[0] == after[0])
    #expect(before[1] != after[1])
    #expect(before[2] == after[2])
  }

  @Test func `a new choice does not disturb the others`() throws {
    for seed in 0..<20 {
      let film: JSON = ["brief": "{a|b|c|d} {e|f|g|h}", "seed": .integer(seed)]
      let more: JSON = ["brief": "{x|y|z} {a|b|c|d} {e|f|g|h}", "seed": .integer(seed), "lights": ["one"]]
      let (few, many) = (try shots(film)[0].shot, try shots(more)[0].shot)
      #expect(many.prompt.dropFirst(2).prefix(3) == few.prompt.prefix(3))
      #expect(many.choices["camera"] == few.choices["camera"])
    }
  }

  @Test func `lists and fixed axes take the place of the usual ones`() throws {
    let made = try shots([
      "shot_list": [["camera": "a crane up"], ["backdrop": "a {white|white} studio"]], "brief": "a mug",
      "cameras": ["a tilt"], "lights": ["noon"], "backdrops": ["a kitchen"], "style": "35 mm film",
    ]).map(\.shot.prompt)
    #expect(
      made == [
        "a mug, set in a kitchen, a crane up, noon, 35 mm film",
        "a mug, set in a white studio, a tilt, noon, 35 mm film",
      ])
  }

  @Test(
    arguments: [
      (
        [:], "parameter 'brief': there is nothing to show; give a brief, or shots in 'shot_list'"
      ),
      (
        ["brief": "a", "shots": 2, "shot_list": [["prompt": "b"]]],
        "parameter 'shots': 'shot_list' already says how many; leave one of them out"
      ),
      (
        ["brief": "a", "seconds": 2, "total_seconds": 4],
        "parameter 'total_seconds': 'seconds' already says how long a shot is; leave one of them out"
      ),
      (
        ["shot_list": [["seconds": 2]]],
        "parameter 'shot_list[0].prompt': there is nothing to show; give a prompt, or a brief for all shots"
      ),
      (
        ["shot_list": [["id": "2", "prompt": "a"], ["prompt": "b"]]],
        "parameter 'shot_list[1].id': '2' is the id of an earlier shot; give another one"
      ),
      (
        ["shot_list": [["id": "../x", "prompt": "a"]]],
        "parameter 'shot_list[0].id': wanted up to 64 letters a–z, digits, - and _, found '../x'"
      ),
      (
        ["shot_list": [["prompt": "b"], ["prompt": "a {b"]]],
        "parameter 'shot_list[1].prompt': character 3: '{' is never closed; wanted a '}'"
      ),
      (
        ["brief": "a", "wildcards": [["name": "c", "file": "/nowhere/c.txt"]]],
        "/nowhere/c.txt: cannot open: no such file or directory"
      ),
      (
        ["brief": "a", "wildcards": [["name": "c"]]],
        "parameter 'wildcards[0].name': 'c' wants either 'values' or a 'file'"
      ),
    ] as [(JSON, String)])
  func `what cannot be is refused`(_ parameters: JSON, _ message: String) {
    #expect(refusal(parameters) == message)
  }
}
