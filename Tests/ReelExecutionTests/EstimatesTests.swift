// Tests of how long actions are thought to take.

import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct EstimatesTests {
  private let manifest = Manifest(
    name: "render", version: 1, summary: "draws", outputs: [Port("frames", .frames, help: "them")],
    parameters: [
      .optional("size", .size, help: "the size"), .optional("steps", .integer(1...100), help: "how many"),
      .optional("text", .text, help: "the words"),
    ])

  private func explanation(_ stage: String, size: String, steps: Int, text: String = "x", parts: Int = 1)
    -> JSON
  {
    [
      "stage": .string(stage),
      "parameters": ["size": .string(size), "steps": .integer(steps), "text": .string(text)],
      "inputs": ["frames": .array(Array(repeating: "d", count: parts))],
    ]
  }

  private func index(_ history: [(JSON, Double)]) throws -> Index {
    let index = try Index()
    for (number, (explanation, seconds)) in history.enumerated() {
      try index.record(
        ActionEntry(parts: [], explanation: explanation, seconds: seconds), as: Digest(of: "\(number)"))
    }
    return index
  }

  @Test func theMedianOfTheNearestIsTaken() throws {
    let index = try index([
      (explanation("render", size: "8x8", steps: 10), 1),
      (explanation("render", size: "8x8", steps: 10, text: "y"), 9),
      (explanation("render", size: "8x8", steps: 10, text: "z"), 2),
      (explanation("render", size: "80x80", steps: 10), 40),
      (explanation("render", size: "8x8", steps: 40), 7),
      (explanation("renderer", size: "8x8", steps: 10), 100),
      (explanation("render", size: "8x8", steps: 10, parts: 9), 20),
    ])
    var estimates = Estimates(index)
    func seconds(_ size: String, _ steps: Int, parts: Int = 1) throws -> Double? {
      try estimates.seconds(
        for: explanation("render", size: size, steps: steps, text: "new", parts: parts), of: manifest)
    }
    #expect(try seconds("8x8", 10) == 2)
    #expect(try seconds("70x80", 10) == 40)
    #expect(try seconds("8x8", 50) == 7)
    #expect(try seconds("8x8", 10, parts: 8) == 20)
  }

  @Test func whatHasNoHistoryHasNoEstimate() throws {
    var estimates = Estimates(try index([(explanation("renderer", size: "8x8", steps: 1), 5)]))
    #expect(try estimates.seconds(for: explanation("render", size: "8x8", steps: 1), of: manifest) == nil)
  }

  @Test func jobsShareTheTime() {
    #expect(Plan.time(for: [], jobs: 2) == 0)
    #expect(Plan.time(for: [1, 2, 3, 4], jobs: 1) == 10)
    #expect(Plan.time(for: [1, 2, 3, 4], jobs: 2) == 5)
    #expect(Plan.time(for: [1, 7, 1], jobs: 8) == 7)
  }

  @Test func theLatestActionsOfANodeAreCountedTogether() throws {
    let index = try index([
      (explanation("render", size: "8x8", steps: 1), 5), (explanation("render", size: "8x8", steps: 2), 6),
    ])
    for shot in 0...1 {
      try index.setLatestKey(
        Digest(of: "\(shot)"), of: ActionName(node: "n", variant: "m=us", span: "\(shot)"))
    }
    #expect(try index.latestSeconds(node: "n", variant: "m=us") == 11)
    #expect(try index.latestSeconds(node: "n", variant: "") == nil)
    #expect(
      try index.latestNames()[Digest(of: "1")] == [ActionName(node: "n", variant: "m=us", span: "1")])
  }
}
