// What a build tells of itself: its trace, its statistics, why it runs what it runs.

import ReelJSON
import Testing

@Suite struct TraceTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(seconds: 0.05, shots: ["a", "b", "c", "d"]))
  }

  /// Holds a trace against the rules of the format: what each kind of event must have, times in ascending order,
  /// and slices of one row that follow or enclose each other.
  private func check(_ trace: JSON) throws {
    let events = try #require(trace["traceEvents"]?.array)
    var time = 0
    // By row, the ends of the slices that are open.
    var open: [Int: [Int]] = [:]
    for event in events {
      #expect(event["name"]?.string != nil && event["pid"]?.integer != nil, "\(event)")
      switch event["ph"]?.string {
      case "M": #expect(event["tid"]?.integer != nil && event["args"]?.object?.count == 1)
      case "C":
        #expect(event["args"]?.object?.values.allSatisfy { $0.integer.map { $0 >= 0 } ?? false } == true)
      case "X":
        let (start, length) = (try #require(event["ts"]?.integer), try #require(event["dur"]?.integer))
        let row = try #require(event["tid"]?.integer)
        #expect(length >= 0)
        var ends = open[row] ?? []
        while let end = ends.last, end <= start { ends.removeLast() }
        #expect(ends.last.map { start + length <= $0 } ?? true, "\(event) ends after what it began in")
        open[row] = ends + [start + length]
      default: Issue.record("\(event)")
      }
      guard event["ph"] != "M" else { continue }
      let start = try #require(event["ts"]?.integer)
      #expect(start >= time, "\(event)")
      time = start
    }
  }

  @Test("the trace has a slice for each action that ran, as the records tell of it, and the host's phases")
  func trace() throws {
    let (finished, records) = try workspace.build("-j2", "--trace", "trace.json")
    #expect(finished.status == 0, "\(finished)")
    let trace = try JSON(parsing: try workspace.text("trace.json"))
    try check(trace)
    let slices = try #require(trace["traceEvents"]?.array).filter { $0["ph"] == "X" }
    let actions = slices.filter { $0["cat"] == "action" }
    #expect(
      try actions.map { try Record(try #require($0["args"])).description }.sorted()
        == records.map(\.description).sorted())
    let keys = try #require(try JSON(parsing: workspace.text("actions.json"))["actions"]?.array).map {
      $0["key"]
    }
    #expect(Set(actions.map { $0["args"]?["key"] }) == Set(keys))
    #expect(actions.allSatisfy { $0["args"]?["status"] == "ran" && $0["args"]?["threads"]?.integer != nil })
    // Two at a time: on two rows.
    #expect(Set(actions.map { $0["tid"] }).count == 2)
    let phases = Set(slices.compactMap { $0["args"]?["phase"]?.string })
    #expect(phases.isSuperset(of: ["read the pipeline", "expand the graph", "plan", "write outputs"]))
    #expect(slices.contains { $0["name"] == "renders/fast.txt" })
  }

  @Test("a build that fails or finds nothing to do leaves a trace too") func otherEnds() throws {
    try workspace.edit("campaign.yaml", "text: hello", to: "text: hello\n      fault: abort\n      shot: c")
    #expect(try workspace.reel("build", "-k", "--trace", "trace.json").status == 1)
    let trace = try JSON(parsing: try workspace.text("trace.json"))
    try check(trace)
    let failed = try #require(trace["traceEvents"]?.array).filter { $0["args"]?["status"] == "failed" }
    #expect(failed.map { $0["name"] } == ["work#3"])
    #expect(failed.first?["cname"] == "terrible")
    try workspace.edit("campaign.yaml", "fault: abort", to: "fault: none")
    #expect(try workspace.reel("build").status == 0)
    #expect(try workspace.reel("build", "--trace", "trace.json").status == 0)
    let idle = try JSON(parsing: try workspace.text("trace.json"))
    try check(idle)
    #expect(idle["traceEvents"]?.array?.contains { $0["cat"] == "action" } == false)
  }

  @Test("-d stats counts what was done, -d explain tells why before it is done") func debugging() throws {
    let first = try workspace.reel("build", "-d", "stats", "-d", "explain")
    #expect(first.status == 0)
    #expect(first.errors.split(separator: "\n").contains("work#2: runs: new"))
    #expect(try count("workers started", in: first.output) >= 3)
    #expect(try count("files hashed", in: first.output) > 0)
    let second = try workspace.reel("build", "-d", "stats")
    #expect(second.errors == "")
    #expect(try count("workers started", in: second.output) == 0)
  }

  private func count(_ name: String, in table: String) throws -> Int {
    let line = try #require(table.split(separator: "\n").first { $0.hasPrefix(name + " ") })
    return try #require(line.split(separator: " ").last.flatMap { Int($0) })
  }
}
