// The syntax of Dynamic Prompts: choices, weights, picks, wildcards, and what is wrong with them.

import ReelStage
import StageTesting
import Testing

@Suite struct TemplateTests {
  /// The brief's text alone, over many seeds.
  private func texts(_ brief: String, _ more: [String: JSON] = [:], seeds: Int = 200) throws -> [String] {
    try (0..<seeds).map { seed in
      var parameters = more
      parameters["brief"] = .string(brief)
      parameters["seed"] = .integer(seed)
      parameters["cameras"] = [""]
      parameters["lights"] = [""]
      return try prompts(.object(parameters))[0]
    }
  }

  @Test(arguments: [
    ("{red|blue}", ["blue", "red"]),
    ("a{ fizzy|} can", ["a can", "a fizzy can"]),
    ("{a|{b|c} d}", ["a", "b d", "c d"]),
    ("{0::a|b}", ["b"]),
    ("{2$$a|b|c}", ["a, b", "a, c", "b, a", "b, c", "c, a", "c, b"]),
    ("{1-2$$ and $$a|b}", ["a", "a and b", "b", "b and a"]),
    ("{-1$$a|b}x", ["ax", "bx", "x"]),
    ("{2-$$+$$a|b}", ["a+b", "b+a"]),
    (#"\{a\|b\} 5 \$ | 6"#, ["{a|b} 5 $ | 6"]),
    ("__drink__", ["cola", "juice", "tea"]),
    ("__dr*__, __hot/*__", ["cola, cocoa", "juice, cocoa", "tea, cocoa"]),
    ("{2$$ & $$__hot/cocoa__|b}", ["b & cocoa", "cocoa & b"]),
  ])
  func `all that a text can become`(_ brief: String, _ wanted: [String]) throws {
    let wildcards: JSON = [
      ["name": "drink", "values": ["cola", "{juice|tea}"]], ["name": "hot/cocoa", "values": ["cocoa"]],
    ]
    #expect(Set(try texts(brief, ["wildcards": wildcards])).sorted() == wanted)
  }

  @Test func `weights say how often`() throws {
    let many = try texts("{3::a|b}", seeds: 2000).count { $0 == "a" }
    // 1500 are expected; the standard deviation is 19.4.
    #expect(abs(many - 1500) < 100)
    let lines = try texts("__w__", ["wildcards": [["name": "w", "values": ["3::a", "b"]]]], seeds: 2000)
    #expect(abs(lines.count { $0 == "a" } - 1500) < 100)
  }

  @Test func `in turn, shot by shot`() throws {
    let made = try prompts([
      "brief": "{@a|b} __@w__ {@2$$x|y|z}", "shots": 4, "cameras": [""], "lights": [""],
      "wildcards": [["name": "w", "values": ["1", "2", "3"]]],
    ])
    #expect(made == ["a 1 x, y", "b 2 y, z", "a 3 z, x", "b 1 x, y"])
  }

  @Test func `a brief's choices are the film's, a shot's are its own`() throws {
    let shot: JSON = ["prompt": "{a|b|c|d|e|f|g|h}"]
    let made = try prompts([
      "brief": "{1|2|3|4|5|6|7|8}", "shot_list": .array([JSON](repeating: shot, count: 20)), "cameras": [""],
      "lights": [""],
    ])
    #expect(Set(made.map { $0.prefix(1) }).count == 1)
    #expect(Set(made.map { $0.suffix(1) }).count > 3)
  }

  @Test func `a wildcard file has one value a line`() throws {
    let folder = TemporaryFolder()
    let path = folder.write("# drinks\n\ncola\n  tea\r\n", to: "drinks.txt")
    let found = try texts("__drink__", ["wildcards": [["name": "drink", "file": .string(path)]]])
    #expect(Set(found) == ["cola", "tea"])
  }

  @Test(arguments: [
    ("a {b|c", "character 3: '{' is never closed; wanted a '}'"),
    ("a {b|{c}", "character 3: '{' is never closed; wanted a '}'"),
    ("a}", "character 2: '}' closes nothing; write '\\}' for the character"),
    ("a __b", "character 3: '__' begins a wildcard that is never closed; wanted '__name__'"),
    ("a ____", "character 3: a wildcard without a name; wanted '__name__'"),
    ("__ab__", "character 1: no wildcard 'ab'; wanted one of b0, b1, b10, b11, b12, b13, b14, b15, …"),
    ("{x::a|b}", "character 2: wanted a weight from 0 to 1000000 before '::', found 'x'"),
    ("{0::a|0::b}", "character 1: every option has the weight 0; give one of them more"),
    ("{x$$a|b}", "character 2: wanted a number of picks such as 2 or 1-3 before '$$', found 'x'"),
    ("{3-2$$a|b|c}", "character 2: wanted a number of picks such as 2 or 1-3 before '$$', found '3-2'"),
    ("{3$$a|b}", "character 1: wanted 3 picks of 2 options; add options, or lower the number"),
    ("a ${v=!{b|c}}", "character 3: '${' begins a variable, which the pipeline's own 'vars' are for"),
    (
      "__loop__",
      "character 1: choices stand more than 32 deep in each other; does a wildcard name itself?"
    ),
    (
      String(repeating: "{", count: 40),
      "character 33: choices stand more than 32 deep in each other; does a wildcard name itself?"
    ),
    ("__b0__", "character 1: the text grows past 20000 bytes and choices"),
    ("__v0__", "character 1: the text grows past 20000 bytes and choices"),
  ])
  func `errors have a place`(_ brief: String, _ message: String) {
    // Each stands for the next one twice: 2³⁰ texts, or nothing as often.
    let doubled = ["b", "v"].flatMap { letter in
      (0..<30).map { depth -> JSON in
        let next = "__\(letter)\(depth + 1)__"
        return ["name": .string("\(letter)\(depth)"), "values": [.string(next + next)]]
      }
    }
    let ends: [JSON] = [
      ["name": "b30", "values": ["boom"]], ["name": "v30", "values": ["{|}"]],
      ["name": "loop", "values": ["__loop__"]],
    ]
    let found = refusal(["brief": .string(brief), "wildcards": .array(doubled + ends)])
    #expect(found == "parameter 'brief': " + message)
  }
}
