// What the index tells of all its actions together: to count them, to check them, and to evict some.

import ReelPlanning
import ReelStage

extension Index {
  /// A row of the actions' table.
  struct ActionRow: Hashable {
    /// As it stands there.
    let key: String
    /// `nil` where the row does not fit its seal.
    let parts: [StoredPart]?
    /// Nanoseconds since 1970.
    let used: Int
  }

  /// Every action, the least recently used first.
  func allActions() throws(StoreError) -> [ActionRow] {
    try attempt { database throws(DatabaseError) in
      var rows: [ActionRow] = []
      let columns = "key, used, parts, explanation, seconds, seal"
      try database.query("SELECT \(columns) FROM actions ORDER BY used, key") { row in
        let key = row.text(0)
        rows.append(
          ActionRow(
            key: key, parts: Self.entry(key: key, row, firstColumn: 2)?.parts, used: row.integer(1)))
      }
      return rows
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
  func staleKeys(among keys: [Digest], at moment: Int) throws(StoreError) -> [Digest] {
    try attempt { database throws(DatabaseError) in
      var stale: [Digest] = []
      for key in keys {
        try database.query("SELECT used FROM actions WHERE key = ?", [.text("\(key)")]) { row in
          // A time to come is one of a clock that was set back.
          if abs(moment - row.integer(0)) > Self.usePrecision { stale.append(key) }
        }
      }
      return stale
    }
  }

  package func noteUse(of key: Digest, at moment: Int) throws(StoreError) {
    try write("UPDATE actions SET used = ? WHERE key = ?", [.integer(moment), .text("\(key)")])
  }

  /// What SQLite itself finds wrong with the file.
  func damages() throws(StoreError) -> [String] {
    try attempt { database throws(DatabaseError) in
      var found: [String] = []
      try database.query("PRAGMA integrity_check(20)") { found.append($0.text(0)) }
      return found == ["ok"] ? [] : found
    }
  }
}
