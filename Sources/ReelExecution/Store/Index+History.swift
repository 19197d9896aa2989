// The runs that the index remembers: how they ended, and what became of their actions.

import ReelPlanning
import ReelStage

/// A run that is over, or was killed, or is at work.
public struct PastRun: Hashable, Sendable {
  /// Counted from 1 in each store.
  public let number: Int
  /// Nanoseconds since 1970.
  public let started: Int
  /// The pipeline file, as it was named.
  public let campaign: String
  /// What was asked for; empty for all outputs.
  public let targets: [String]
  /// The exit status; `nil` where the run has not ended, or was killed.
  public let status: Int?
  public let seconds: Double
  public let counts: [ActionRecord.Status: Int]

  public var json: JSON {
    var members: [String: JSON] = [
      "run": .integer(number), "started": .string(localTimestamp(of: started / 1_000_000_000)),
      "campaign": .string(campaign), "targets": .array(targets.map { .string($0) }),
      "seconds": .number(seconds),
      "status": status.map { .integer($0) } ?? .null,
    ]
    for status in ActionRecord.Status.allCases { members[status.rawValue] = .integer(counts[status] ?? 0) }
    return .object(members)
  }
}

extension Index {
  /// How many runs are remembered; with a later one the earliest is forgotten.
  static let historyLimit = 200

  /// Notes a run that has something to tell.
  ///
  /// - Parameter started: nanoseconds since 1970.
  /// - Returns: its number.
  func beginRun(started: Int, campaign: String, targets: [String]) throws(StoreError) -> Int {
    let names = JSON.array(targets.map { .string($0) }).text
    let number = try attempt { database throws(DatabaseError) in
      var number = 1
      try database.query("SELECT max(number) FROM runs") { number += $0.integer(0) }
      return number
    }
    try put(
      [
        .integer(number), .integer(started), .text(campaign), .text(names), .null, .number(0), .text("{}"),
      ], in: .runs)
    for table in ["runs WHERE number", "records WHERE run"] {
      try write("DELETE FROM \(table) <= ?", [.integer(number - Self.historyLimit)])
    }
    return number
  }

  /// Notes how a run ended, and what became of its actions.
  func endRun(_ number: Int, _ summary: RunSummary) throws(StoreError) {
    let counts = ActionRecord.Status.allCases.map { ($0.rawValue, JSON.integer(summary.count($0))) }
    guard var row = try row(of: .runs, [.integer(number)]) else { return }
    row[4...6] = [
      .integer(Int(summary.exitCode.status)), .number(summary.seconds),
      .text(JSON.object(Dictionary(uniqueKeysWithValues: counts)).text),
    ]
    try put(row, in: .runs)
    for (position, record) in summary.records.enumerated() where record.status != .cached {
      try put([.integer(number), .integer(position), .text(record.json.text)], in: .records)
    }
  }

  /// The runs remembered, the latest first.
  func runs() throws(StoreError) -> [PastRun] {
    try rows(of: .runs, "ORDER BY number DESC").map { row in
      let counts = (try? JSON(parsing: row[6].text)) ?? .null
      return PastRun(
        number: row[0].integer ?? 0, started: row[1].integer ?? 0, campaign: row[2].text,
        targets: (try? JSON(parsing: row[3].text))?.array?.compactMap(\.string) ?? [],
        status: row[4].integer, seconds: row[5].number,
        counts: Dictionary(
          uniqueKeysWithValues: ActionRecord.Status.allCases.map {
            ($0, counts[$0.rawValue]?.integer ?? 0)
          }))
    }
  }

  /// What became of a run's actions, but for those that were found in the store, as `build --json` writes it.
  func records(of run: Int) throws(StoreError) -> [JSON] {
    try rows(of: .records, "WHERE run = ? ORDER BY position", [.integer(run)]).compactMap {
      try? JSON(parsing: $0[2].text)
    }
  }
}
