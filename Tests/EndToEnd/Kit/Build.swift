// `reel build`, and what it says it did.

import ReelJSON
import Testing

/// One action as `build --json` records it.
struct Record: Hashable, CustomStringConvertible {
  let node: String
  /// By axis, the row: `["market": "ae"]`.
  let variant: [String: String]
  /// The shot; empty for an action that is not cut.
  let span: String
  let status: String
  let why: String

  init(_ json: JSON) throws {
    node = try #require(json["node"]?.string)
    variant = json["variant"]?.object?.compactMapValues(\.string) ?? [:]
    span = json["span"]?.string ?? ""
    status = try #require(json["status"]?.string)
    why = json["why"]?.string ?? ""
  }

  /// As the program names it, with the axes in ascending order: `work@market=ae#1`.
  var description: String {
    let rows = variant.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return node + (rows.isEmpty ? "" : "@" + rows) + (span.isEmpty ? "" : "#" + span)
  }
}

extension Workspace {
  /// Runs `reel build` to its end.
  ///
  /// - Returns: How it ended, and its record of each action.
  func build(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> (finished: Finished, records: [Record]) {
    let finished = try start(["build", "--json", "actions.json"] + arguments, environment: environment).wait()
    guard exists("actions.json") else { return (finished, []) }
    return (finished, try records())
  }

  /// What the last build wrote with `--json`.
  func records() throws -> [Record] {
    let json = try JSON(parsing: try text("actions.json"))
    return try #require(json["actions"]?.array).map { try Record($0) }
  }

  /// Builds, which must end well, and names the actions that ran.
  func buildAndListRun(_ arguments: String...) throws -> [String] {
    let finished = try start(["build", "--json", "actions.json"] + arguments).wait()
    try #require(finished.status == 0, "\(finished)")
    return try records().filter { $0.status == "ran" }.map(\.description).sorted()
  }
}
