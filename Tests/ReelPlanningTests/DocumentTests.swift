// Tests of the YAML reader: what it accepts, where things stand, and hostile files.

import ReelPlanning
import ReelStage
import Testing

@Suite struct DocumentTests {
  private func document(_ text: String) throws -> Document {
    try Document(file: "a.yaml", bytes: Array(text.utf8))
  }

  /// What is wrong with a file.
  private func problem(_ bytes: [UInt8]) -> String {
    do {
      return try Document(file: "a.yaml", bytes: bytes).diagnostics.map(\.description).joined(separator: "\n")
    } catch {
      return error.description
    }
  }

  private func problem(_ text: String) -> String { problem(Array(text.utf8)) }

  @Test func placesAreLinesAndCharacters() throws {
    let root = try document("# é\nã: {b: [c, \"d\ne\"]}\r\nf:\n  - g\n").root
    #expect(root["ã"]?["b"]?.list?.map(\.place.description) == ["a.yaml:2:9", "a.yaml:2:12"])
    #expect(root["f"]?.list?[0].place == Place(file: "a.yaml", line: 5, column: 5))
    #expect(root.record?.map(\.place.line) == [2, 4])
    #expect(root.json == ["ã": ["b": ["c", "d e"]], "f": ["g"]])
  }

  @Test func scalarsStayTextButNullIsNothing() throws {
    let json = try document("{a: 5, b: yes, c: ~, d: null, e: 'null', f: , g: \"\", h: !!str null, i: 1_0}")
      .root.json
    #expect(
      json == [
        "a": "5", "b": "yes", "c": nil, "d": nil, "e": "null", "f": nil, "g": "", "h": "null", "i": "1_0",
      ])
  }

  @Test func theJSONShowsPlaces() throws {
    #expect(
      try document("a: [b, ]").json.text
        == #"{"file":"a.yaml","root":{"at":"1:1","record":[{"at":"1:1","name":"a","value":{"at":"1:4","list":"#
        + #"[{"at":"1:5","text":"b"}]}}]}}"#)
  }

  @Test(arguments: [
    ("a:\n\tb: 1", "a.yaml:2:1: indented with a tab; YAML wants spaces"),
    ("a:\n  b: 1\n  \tc: 2", "a.yaml:3:3: indented with a tab; YAML wants spaces"),
    (
      "a: 1\nb: 2\na: 3\nb: 4",
      "a.yaml:3:1: key 'a' is given twice; first in line 1\na.yaml:4:1: key 'b' is given twice; first in line 2"
    ),
    ("a: [1", "a.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence that began at 1:4"),
    ("a: *b", "a.yaml:1:4: no anchor '&b' stands before the alias '*b'"),
    ("a: &bc 1\nb: *bd", "a.yaml:2:4: no anchor '&bd' stands before the alias '*bd'; did you mean '*bc'?"),
    ("a: &b [*b]", "a.yaml:1:8: no anchor '&b' stands before the alias '*b'"),
    ("a: 1\n---\nb: 2", "a.yaml:2:1: a second document begins; a pipeline file has one"),
    ("", "a.yaml:1:1: the file is empty; wanted a pipeline, which begins with 'reel: 1'"),
    ("# nothing\n", "a.yaml:1:1: the file is empty; wanted a pipeline, which begins with 'reel: 1'"),
    ("[a]: b\n? {c: d}\n: [e]\nf: g", "a.yaml:1:1: a key must be text\na.yaml:2:3: a key must be text"),
    ("a: &x [1]\n*x : 2", "a.yaml:2:1: a key must be text"),
    (
      "a: !thing 1\nb: !!binary aa",
      "a.yaml:1:4: tag '!thing' has no meaning here; remove it\na.yaml:2:4: tag '!!binary' has no meaning here; remove it"
    ),
    (
      "<<: 4\na: {<<: [3]}",
      "a.yaml:1:5: '<<' wanted a mapping or a list of mappings, found '4'\na.yaml:2:10: '<<' wanted a mapping or a list of mappings, found '3'"
    ),
    ("a: \u{7}", "a.yaml:1:4: character U+0007 cannot stand in a text file; remove it"),
    ("a: é\u{0}", "a.yaml:1:5: character U+0000 cannot stand in a text file; remove it"),
    ("a: b: c", "a.yaml:1:5: mapping values are not allowed in this context"),
  ])
  func errorsHaveTheirPlace(text: String, message: String) {
    #expect(problem(text) == message)
  }

  @Test func badUTF8HasItsPlace() {
    for bytes: [UInt8] in [
      [0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82],
    ] {
      #expect(
        problem(Array("a: 1\né: ".utf8) + bytes)
          == "a.yaml:2:4: the text is not UTF-8; save the file as UTF-8")
    }
    // UTF-16 is not UTF-8.
    #expect(problem([0xff, 0xfe, 0x61, 0x00]) == "a.yaml:1:1: the text is not UTF-8; save the file as UTF-8")
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try document("\u{feff}a: 1").root.json == ["a": "1"])
  }

  @Test func aliasBombsEndEarly() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(
      problem(bomb).hasSuffix(
        ": the file holds more than 250000 values, aliases counted as what they stand for"))
    #expect(problem(bomb).hasPrefix("a.yaml:6:"))
  }

  @Test func bracketsAreBounded() {
    #expect(
      problem(String(repeating: "[", count: 10 << 20)) == "a.yaml: the file has 10 MB; at most 4 MB are read")
    for opening in ["[", "{a: ", "- ", "? ", "[{a: "] {
      let text = String(repeating: opening, count: (3 << 20) / opening.utf8.count)
      #expect(problem(text).hasSuffix(": lists and mappings nest deeper than 64"), "\(opening)")
    }
    #expect(problem("[" + String(repeating: "a,", count: 1 << 20)).hasPrefix("a.yaml:1:"))
    // Nested as deep as is allowed.
    #expect(problem(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == "")
  }
}
