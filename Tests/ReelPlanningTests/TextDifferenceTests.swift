// Tests of how texts are compared word by word.

import ReelPlanning
import ReelStage
import Testing

@Suite struct TextDifferenceTests {
  private func marked(_ old: String, _ new: String) -> String {
    TextDifference(from: old, to: new).runs.map { run in
      switch run {
      case .same(let text): text
      case .removed(let text): "[-\(text)-]"
      case .added(let text): "{+\(text)+}"
      }
    }.joined()
  }

  @Test(arguments: [
    ("a red can", "a blue can", "a [-red-]{+blue+} can"), ("", "", ""), ("", "new", "{+new+}"),
    ("old", "", "[-old-]"), ("same words", "same words", "same words"),
    ("a red can, shining", "a red can; shining", "a red can[-,-]{+;+} shining"),
    (
      "the snowy mountains at dawn", "the green hills at dawn",
      "the [-snowy mountains-]{+green hills+} at dawn"
    ),
    ("can on ice", "tall can on blue ice", "{+tall +}can on{+ blue+} ice"),
    ("涼しい缶", "涼しい瓶", "涼しい[-缶-]{+瓶+}"), ("a  b", "a b", "a[-  -]{+ +}b"),
    ("one two three", "three two one", "[-one-]{+three+} two [-three-]{+one+}"),
  ])
  func wordsAreMarked(old: String, new: String, expected: String) {
    #expect(marked(old, new) == expected)
  }

  /// Whatever the texts, one side of the difference is the old text and the other the new one.
  @Test func bothTextsAreInTheDifference() {
    var random = SplitMix(state: 4)
    let words = ["a", "can", " ", " ", ", ", "雪", "snow", "\n", "é"]
    for _ in 0..<2_000 {
      func text() -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in words.randomElement(using: &random)! }
          .joined()
      }
      let (old, new) = (text(), text())
      let runs = TextDifference(from: old, to: new).runs
      let sides = runs.reduce(into: ("", "")) { sides, run in
        switch run {
        case .same(let text): (sides.0, sides.1) = (sides.0 + text, sides.1 + text)
        case .removed(let text): sides.0 += text
        case .added(let text): sides.1 += text
        }
      }
      #expect(sides == (old, new))
      #expect(runs.contains { if case .same = $0 { false } else { true } } == (old != new))
    }
  }

  @Test func longTextsAreComparedAtTheirEnds() {
    let (old, new) = (
      Array(repeating: "old ", count: 5_000).joined(), Array(repeating: "new ", count: 5_000).joined()
    )
    #expect(
      TextDifference(from: "a " + old + "z", to: "a " + new + "z").runs.first == .same("a "))
    #expect(TextDifference(from: "a " + old + "z", to: "a " + new + "z").json.array?.count == 4)
  }
}
