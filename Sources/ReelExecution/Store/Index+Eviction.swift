// What the index tells of all its actions together: to count them, to check them, and to evict some.

import ReelPlanning
import ReelStage

extension Index {
  /// An action as its table has it.
  struct ActionRow: Hashable {
    /// As it stands there.
    let key: String
    /// `nil` where they cannot be read.
    let parts: [StoredPart]?
    /// Nanoseconds since 1970.
    let used: Int
  }

  /// Every action, the least recently used first; none whose row does not fit its seal.
  func allActions() throws(StoreError) -> [ActionRow] {
    try rows(of: .actions, "ORDER BY used, key").map { row in
      ActionRow(key: row[0].text, parts: Self.parts(row[1].text), used: row[5].integer ?? 0)
    }
  }

  /// Forgets actions, and what was called by their names.
  func forgetActions(_ keys: [String]) throws(StoreError) {
    try transaction { () throws(StoreError) in
      for key in keys { try write("DELETE FROM actions WHERE key = ?", [.text(key)]) }
      try write("DELETE FROM latest WHERE key NOT IN (SELECT key FROM actions)", [])
    }
  }

  /// Actions that were used this many nanoseconds ago or less are not noted again: a build that runs nothing
  /// writes nothing, but once an hour.
  static let usePrecision = 3_600_000_000_000

  /// Of `keys`, the actions whose last use is not noted precisely enough at `moment`.
  package func staleKeys(among keys: [Digest], at moment: Int) throws(StoreError) -> [Digest] {
    try attempt { database throws(DatabaseError) in
      var stale: [Digest] = []
      for key in keys {
        try database.query("SELECT used FROM actions WHERE key = ?", [.text("\(key)")]) { row in
          // A time to come is left as it is: what a clock that was set back used is not old for that.
          if moment - row.integer(0) > Self.usePrecision { stale.append(key) }
        }
      }
      return stale
    }
  }

  package func noteUse(of key: Digest, at moment: Int) throws(StoreError) {
    guard var row = try row(of: .actions, [.text("\(key)")]) else { return }
    row[5] = .integer(moment)
    // In its place: thousands of them are noted at once.
    try write(
      "UPDATE actions SET used = ?, seal = ? WHERE key = ?", [row[5], .text(Table.actions.seal(row)), row[0]])
  }

  /// What SQLite itself finds wrong with the file.
  package func damages() throws(StoreError) -> [String] {
    try attempt { database throws(DatabaseError) in
      var found: [String] = []
      try database.query("PRAGMA integrity_check(20)") { found.append($0.text(0)) }
      return found == ["ok"] ? [] : found
    } + (try schemaDamages())
  }
}
