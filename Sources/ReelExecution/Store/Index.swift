// The store's index: which actions were run and what they made, and what is known of files.

import Glibc
import ReelPlanning
import ReelStage

/// A part as the index keeps it: a blob, and where it stands in an action's result.
public struct StoredPart: Hashable, Sendable {
  public let port: String
  public let shot: String?
  public let digest: Digest
  /// Bytes.
  public let size: Int
  /// How long it is, for a frame sequence.
  public let length: FilmLength?

  package init(port: String, shot: String?, digest: Digest, size: Int, length: FilmLength? = nil) {
    self.port = port
    self.shot = shot
    self.digest = digest
    self.size = size
    self.length = length
  }
}

/// A finished action.
public struct ActionEntry: Hashable, Sendable {
  public let parts: [StoredPart]
  /// What went into its key.
  public let explanation: JSON
  /// How long it took.
  public let seconds: Double

  package init(parts: [StoredPart], explanation: JSON, seconds: Double) {
    self.parts = parts
    self.explanation = explanation
    self.seconds = seconds
  }
}

/// Who asks for an action: the node, its variant, and what of the film it makes, by name. Only explanations and
/// reports use it.
public struct ActionName: Hashable, Sendable {
  public let node: String
  public let variant: String
  /// A shot's name, or the first and the last frame of a run; `nil` for an action that makes the whole result.
  public let span: String?

  public init(node: String, variant: String, span: String?) {
    self.node = node
    self.variant = variant
    self.span = span
  }
}

/// The SQLite file. Used by one thread at a time; other processes may use it at the same time.
///
/// A damaged file is put aside and begun anew: what it said is work to be done again, never an error.
package final class Index {
  private let path: String
  private var database: Database
  /// Whether the file had to be begun anew.
  package private(set) var wasDamaged = false

  /// Raised when a table changes; an index of another format is begun anew.
  private static let format = 1

  /// - Parameter path: the file; `nil` for an index that is kept in memory and forgotten.
  package init(path: String?) throws(StoreError) {
    self.path = path ?? ":memory:"
    do throws(DatabaseError) {
      database = try Self.open(self.path)
    } catch {
      guard Self.isDamage(error, path) else { throw .index(path: self.path, reason: error.reason) }
      database = try Self.begin(self.path)
      wasDamaged = true
    }
  }

  private static func isDamage(_ error: DatabaseError, _ path: String?) -> Bool {
    guard let path, path != ":memory:" else { return false }
    return error.isDamage || error.isRefusalToWrite && access(path, R_OK | W_OK) == 0
  }

  private static func open(_ path: String) throws(DatabaseError) -> Database {
    let database = try Database(path: path)
    // Without FULL, the last actions before a power cut may be forgotten; the file stays whole.
    try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    var found = -1
    try database.query("PRAGMA user_version") { found = $0.integer(0) }
    if found == format {
      try database.execute(acceptedTable)
      return database
    }
    guard found == 0 else { throw DatabaseError(code: 11, reason: "the index is of format \(found)") }
    try database.transaction { () throws(DatabaseError) in
      try database.execute(
        """
        CREATE TABLE IF NOT EXISTS actions(
          key TEXT PRIMARY KEY, parts TEXT NOT NULL, explanation TEXT NOT NULL, seconds REAL NOT NULL,
          finished INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS latest(
          node TEXT NOT NULL, variant TEXT NOT NULL, shot TEXT NOT NULL, key TEXT NOT NULL,
          PRIMARY KEY(node, variant, shot)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS files(
          device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
          changed INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS manifests(
          plugin TEXT NOT NULL, core TEXT NOT NULL, stage TEXT NOT NULL, manifest TEXT NOT NULL,
          PRIMARY KEY(plugin, core, stage)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS outputs(
          path TEXT PRIMARY KEY, content TEXT NOT NULL, identity TEXT NOT NULL) WITHOUT ROWID;
        \(acceptedTable)
        PRAGMA user_version = \(format);
        """)
    }
    return database
  }

  /// Came to the format later: an index without it is as good as one in which it is empty.
  private static let acceptedTable =
    "CREATE TABLE IF NOT EXISTS accepted(digest TEXT PRIMARY KEY) WITHOUT ROWID;"

  /// Puts the file aside and makes a new one.
  private static func begin(_ path: String) throws(StoreError) -> Database {
    do {
      for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
      return try open(path)
    } catch {
      throw .index(path: path, reason: "\(error)")
    }
  }

  /// Calls `body`; where it finds the file damaged, once more on a new one.
  private func attempt<Result>(_ body: (Database) throws(DatabaseError) -> Result) throws(StoreError)
    -> Result
  {
    do throws(DatabaseError) {
      return try body(database)
    } catch {
      guard Self.isDamage(error, path), !wasDamaged else { throw .index(path: path, reason: error.reason) }
    }
    wasDamaged = true
    // The old connection must be gone before the file goes.
    database = try Self.replacement
    database = try Self.begin(path)
    do throws(DatabaseError) { return try body(database) } catch {
      throw .index(path: path, reason: error.reason)
    }
  }

  private static var replacement: Database {
    get throws(StoreError) {
      do throws(DatabaseError) { return try Database(path: ":memory:") } catch {
        throw .index(path: ":memory:", reason: error.reason)
      }
    }
  }

  /// Does all of `body` at once: after a crash either all of it is there or nothing.
  func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    try attempt { database throws(DatabaseError) in try database.execute("BEGIN IMMEDIATE") }
    do throws(StoreError) {
      try body()
      try attempt { database throws(DatabaseError) in try database.execute("COMMIT") }
    } catch {
      try? database.execute("ROLLBACK")
      throw error
    }
  }

  // MARK: Actions

  /// The action of this key, if it was ever finished and its row is readable.
  package func action(_ key: Digest) throws(StoreError) -> ActionEntry? {
    try attempt { database throws(DatabaseError) in
      var entry: ActionEntry?
      try database.query("SELECT parts, explanation, seconds FROM actions WHERE key = ?", [.text("\(key)")]) {
        row in
        guard let parts = Self.parts(row.text(0)), let explanation = try? JSON(parsing: row.text(1)) else {
          return
        }
        entry = ActionEntry(parts: parts, explanation: explanation, seconds: row.number(2))
      }
      return entry
    }
  }

  package func record(_ entry: ActionEntry, as key: Digest) throws(StoreError) {
    let parts = JSON.array(
      entry.parts.map { part in
        var members: [String: JSON] = [
          "port": .string(part.port), "digest": .string("\(part.digest)"), "size": .integer(part.size),
        ]
        members["shot"] = part.shot.map { .string($0) }
        members["frames"] = part.length.map { .integer($0.frames) }
        members["rate"] = part.length.map { [.integer($0.rate.numerator), .integer($0.rate.denominator)] }
        return .object(members)
      })
    try attempt { database throws(DatabaseError) in
      try database.run(
        "INSERT OR REPLACE INTO actions VALUES(?, ?, ?, ?, ?)",
        [
          .text("\(key)"), .text(parts.text), .text(entry.explanation.text), .number(entry.seconds),
          .integer(fileClock()),
        ])
    }
  }

  private static func parts(_ text: String) -> [StoredPart]? {
    guard let list = (try? JSON(parsing: text))?.array else { return nil }
    var parts: [StoredPart] = []
    for item in list {
      guard let port = item["port"]?.string, let digest = item["digest"]?.string.flatMap({ Digest($0) }),
        let size = item["size"]?.integer
      else { return nil }
      parts.append(
        StoredPart(
          port: port, shot: item["shot"]?.string, digest: digest, size: size, length: Self.length(item)))
    }
    return parts
  }

  private static func length(_ item: JSON) -> FilmLength? {
    guard let frames = item["frames"]?.integer, frames >= 0, let rate = item["rate"]?.array, rate.count == 2,
      let numerator = rate[0].integer, let denominator = rate[1].integer, numerator > 0, denominator > 0
    else { return nil }
    return FilmLength(frames: frames, rate: FrameRate(numerator, denominator))
  }

  /// Every readable entry's parts.
  func allParts() throws(StoreError) -> [[StoredPart]] {
    try attempt { database throws(DatabaseError) in
      var all: [[StoredPart]] = []
      try database.query("SELECT parts FROM actions") { row in all.append(Self.parts(row.text(0)) ?? []) }
      return all
    }
  }

  /// The key that this action had in the latest run that made or found it.
  package func latestKey(of name: ActionName) throws(StoreError) -> Digest? {
    try attempt { database throws(DatabaseError) in
      var key: Digest?
      let values: [DatabaseValue] = [.text(name.node), .text(name.variant), .text(name.span ?? "")]
      try database.query("SELECT key FROM latest WHERE node = ? AND variant = ? AND shot = ?", values) {
        row in
        key = Digest(row.text(0))
      }
      return key
    }
  }

  package func setLatestKey(_ key: Digest, of name: ActionName) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run(
        "INSERT OR REPLACE INTO latest VALUES(?, ?, ?, ?)",
        [.text(name.node), .text(name.variant), .text(name.span ?? ""), .text("\(key)")])
    }
  }

  // MARK: Files

  /// The digest recorded for a file of exactly this identity.
  package func digest(of identity: FileIdentity) throws(StoreError) -> Digest? {
    try attempt { database throws(DatabaseError) in
      var digest: Digest?
      try database.query(
        """
        SELECT digest FROM files
        WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
        """,
        identity.values
      ) { digest = Digest($0.text(0)) }
      return digest
    }
  }

  func record(_ digest: Digest, of identity: FileIdentity) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run(
        "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?, ?)", identity.values + [.text("\(digest)")])
    }
  }

  /// Every output that was written: its path, and the identity of the file after that.
  func outputs() throws(StoreError) -> [(path: String, identity: String)] {
    try attempt { database throws(DatabaseError) in
      var outputs: [(String, String)] = []
      try database.query("SELECT path, identity FROM outputs ORDER BY path") { row in
        outputs.append((row.text(0), row.text(1)))
      }
      return outputs
    }
  }

  func forgetOutput(_ path: String) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run("DELETE FROM outputs WHERE path = ?", [.text(path)])
    }
  }

  /// What was last written to the output `path`, and the identity of the file after that.
  func output(_ path: String) throws(StoreError) -> (content: String, identity: String)? {
    try attempt { database throws(DatabaseError) in
      var output: (String, String)?
      try database.query("SELECT content, identity FROM outputs WHERE path = ?", [.text(path)]) { row in
        output = (row.text(0), row.text(1))
      }
      return output
    }
  }

  func recordOutput(_ path: String, content: String, identity: String) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run(
        "INSERT OR REPLACE INTO outputs VALUES(?, ?, ?)", [.text(path), .text(content), .text(identity)])
    }
  }

  // MARK: Parameters

  /// Whether a stage once took the parameters that this is the digest of.
  func isAccepted(_ digest: Digest) throws(StoreError) -> Bool {
    try attempt { database throws(DatabaseError) in
      var isThere = false
      try database.query("SELECT 1 FROM accepted WHERE digest = ?", [.text("\(digest)")]) { _ in
        isThere = true
      }
      return isThere
    }
  }

  func accept(_ digest: Digest) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run("INSERT OR REPLACE INTO accepted VALUES(?)", [.text("\(digest)")])
    }
  }

  // MARK: Manifests

  /// What the plugin of this content said of itself, loaded with this core.
  func manifest(plugin: Digest, core: Digest, stage: String) throws(StoreError) -> Manifest? {
    try attempt { database throws(DatabaseError) in
      var manifest: Manifest?
      let values: [DatabaseValue] = [.text("\(plugin)"), .text("\(core)"), .text(stage)]
      try database.query("SELECT manifest FROM manifests WHERE plugin = ? AND core = ? AND stage = ?", values)
      {
        manifest = (try? JSON(parsing: $0.text(0))).flatMap(Manifest.init(json:))
      }
      return manifest
    }
  }

  func record(_ manifest: Manifest, plugin: Digest, core: Digest, stage: String) throws(StoreError) {
    try attempt { database throws(DatabaseError) in
      try database.run(
        "INSERT OR REPLACE INTO manifests VALUES(?, ?, ?, ?)",
        [.text("\(plugin)"), .text("\(core)"), .text(stage), .text(manifest.json.text)])
    }
  }
}

extension FileIdentity {
  fileprivate var values: [DatabaseValue] {
    [
      .integer(Int(bitPattern: UInt(device))), .integer(Int(bitPattern: UInt(inode))), .integer(size),
      .integer(modified), .integer(changed),
    ]
  }
}
