// The trace of a run: rows, slices and counters, as Chrome's trace event format has them.

import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct RunTraceTests {
  private static func name(_ shot: String) -> ActionName {
    ActionName(node: "footage", variant: "market=jp", span: shot)
  }

  private static func ended(_ shot: String, _ status: ActionRecord.Status, message: String? = nil) -> RunEvent
  {
    .ended(
      ActionRecord(
        name: name(shot), stage: "patch-diffusion",
        variant: Variant([Variant.Cell(axis: "market", row: "jp")]),
        key: Digest(of: shot), status: status, seconds: 1, why: "new", message: message))
  }

  /// The events of a trace that are not metadata.
  private func timed(_ json: JSON) throws -> [JSON] {
    try #require(json["traceEvents"]?.array).filter { $0["ph"] != "M" }
  }

  @Test("actions at the same time stand on rows of their own, and a row that is free is taken again")
  func rows() throws {
    var now = 100.0
    var trace = RunTrace { now }
    for (time, event) in [
      (100.5, .began(Self.name("1"), why: "new", threads: 1)),
      (100.5, .tick(running: 1, waiting: 2)),
      (101, .began(Self.name("2"), why: "new", threads: 1)),
      (102, .stopped(Self.name("1"))), (102, Self.ended("1", .ran)),
      (102, .tick(running: 1, waiting: 1)), (102.5, .tick(running: 1, waiting: 1)),
      (103, .began(Self.name("3"), why: "new", threads: 2)),
      (104, .stopped(Self.name("2"))), (104, Self.ended("2", .failed, message: "too dark")),
    ] as [(Double, RunEvent)] {
      now = time
      trace.hear(event)
    }
    now = 105
    let json = trace.json(
      RunSummary(),
      phases: [
        Phase("plan", start: 100, end: 100.25),
        Phase("write outputs", detail: "a.mp4", row: .outputs, start: 104, end: 104.5),
      ])
    let slices = try timed(json).filter { $0["ph"] == "X" }
    #expect(
      slices.map { $0["name"] } == [
        "plan", "footage@market=jp#1", "footage@market=jp#2", "footage@market=jp#3", "a.mp4",
      ])
    #expect(slices.map { $0["tid"] } == [1, 3, 4, 3, 2])
    #expect(slices.map { $0["ts"] } == [0, 500_000, 1_000_000, 3_000_000, 4_000_000])
    #expect(slices.map { $0["dur"] } == [250_000, 1_500_000, 3_000_000, 2_000_000, 500_000])
    #expect(
      slices[2]["args"] == [
        "name": "footage@market=jp#2", "node": "footage", "variant": ["market": "jp"],
        "stage": "patch-diffusion", "span": "2",
        "key": .string("\(Digest(of: "2"))"), "why": "new", "status": "failed", "error": "too dark",
        "threads": 1,
      ])
    #expect(slices[1]["cname"] == nil && slices[2]["cname"] == "terrible")
    // Still at work when the run ended.
    #expect(
      slices[3]["args"] == ["node": "footage", "status": "ended without a result", "threads": 2])
    let counters = try timed(json).filter { $0["ph"] == "C" }
    #expect(
      counters.map { $0["args"] } == [
        ["running": 1, "waiting": 2], ["running": 1, "waiting": 1], ["running": 0, "waiting": 0],
      ])
    let names = try #require(json["traceEvents"]?.array).filter { $0["name"] == "thread_name" }
    #expect(names.map { $0["args"]?["name"] } == ["reel", "outputs", "slot 1", "slot 2"])
  }

  @Test("an attempt that is followed by another one has a slice of its own") func attempts() throws {
    var now = 0.0
    var trace = RunTrace { now }
    for event in [
      .began(Self.name("1"), why: "new", threads: 1), .stopped(Self.name("1")),
      .began(Self.name("1"), why: "new", threads: 1), .stopped(Self.name("1")), Self.ended("1", .ran),
    ] as [RunEvent] {
      trace.hear(event)
      now += 1
    }
    let slices = try timed(trace.json(RunSummary(), phases: [])).filter { $0["ph"] == "X" }
    #expect(slices.map { $0["args"]?["status"] } == ["ended without a result", "ran"])
    #expect(slices.map { $0["tid"] } == [3, 3])
  }

  @Test("a slice that encloses another one comes before it") func nesting() throws {
    var trace = RunTrace { 9 }
    let json = trace.json(
      RunSummary(), phases: [Phase("inner", start: 1, end: 2), Phase("outer", start: 1, end: 3)])
    #expect(try timed(json).map { $0["name"] } == ["outer", "inner", "actions"])
  }

  @Test("the table of -d stats adds the times of equal phases up") func statistics() {
    let phases = [
      Phase("plan", start: 0, end: 0.001), Phase("write outputs", start: 1, end: 2.5),
      Phase("plan", start: 3, end: 3.00024),
    ]
    #expect(
      Measurements.text(of: phases, counts: [("files hashed", 12), ("SQL statements", 3)]) == """
        phase           times       ms
        plan                2     1.24
        write outputs       1  1500.00
        count
        files hashed       12
        SQL statements      3

        """)
  }
}
