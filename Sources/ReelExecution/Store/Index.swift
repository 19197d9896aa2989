// The store's index: the SQLite file, how it is opened, and what becomes of a damaged one.

import Glibc
import ReelPlanning

/// The SQLite file. Used by one thread at a time; other processes may use it at the same time.
///
/// A damaged file is begun anew: what it said is work to be done again, never an error. A row whose seal does
/// not fit it counts as absent, and is dropped.
package final class Index {
  let path: String
  private var database: Database
  /// Whether the file was damaged. Then it was begun anew or, where others use it or it is only read, this
  /// index is empty and forgotten at the end.
  package private(set) var wasDamaged = false
  /// Whether what is recorded is forgotten at once: the file is only read.
  private let isReadOnly: Bool
  /// What the rows were about that were found damaged and dropped since this was last emptied.
  var droppedRows: [String] = []
  /// Begins the file anew while nobody else uses it: whether that was so.
  private let whileAlone: Renewal

  /// Calls its argument where no other run uses the store, and tells whether it did.
  typealias Renewal = (_ body: () throws(StoreError) -> Void) throws(StoreError) -> Bool

  /// Raised when a table changes; an index of another format is begun anew.
  private static let format = 4
  /// The format whose outputs do not say whose they are. They are forgotten, the results are not.
  private static let formatBefore = 3

  /// An index that is kept in memory and forgotten.
  package init() throws(StoreError) {
    path = Self.memory
    isReadOnly = false
    whileAlone = { _ throws(StoreError) in false }
    database = try Self.emptyDatabase()
  }

  /// Opens the file, or makes it.
  package convenience init(path: String) throws(StoreError) {
    try self.init(path: path) { body throws(StoreError) in
      try body()
      return true
    }
  }

  init(path: String, whileAlone: @escaping Renewal) throws(StoreError) {
    self.path = path
    self.whileAlone = whileAlone
    isReadOnly = false
    do throws(DatabaseError) {
      database = try Self.open(path)
    } catch {
      guard Self.isDamage(error, path) else { throw Self.storeError(error, path) }
      database = try Self.emptyDatabase()
      try renew()
    }
  }

  /// Opens the file to look into it. What is learnt of files and plugins is recorded where the disk allows it;
  /// a damaged file is left as it is and counts as empty.
  package init(reading path: String) throws(StoreError) {
    self.path = path
    whileAlone = { _ throws(StoreError) in false }
    let folder = FileSystem.parent(of: path) ?? "."
    // SQLite keeps files beside the one that it opens to write.
    isReadOnly = access(path, W_OK) != 0 || access(folder, W_OK) != 0 || FileSystem.isFull(folder)
    do throws(DatabaseError) {
      database = isReadOnly ? try Self.openToRead(path) : try Self.open(path)
    } catch {
      let isThere = FileSystem.exists(path)
      guard !isThere || error.isDamage else { throw Self.storeError(error, path) }
      wasDamaged = isThere
      database = try Self.emptyDatabase()
    }
  }

  private static let memory = ":memory:"

  private static func emptyDatabase() throws(StoreError) -> Database {
    do throws(DatabaseError) { return try open(memory) } catch { throw storeError(error, memory) }
  }

  private static func isDamage(_ error: DatabaseError, _ path: String) -> Bool {
    guard path != memory else { return false }
    return error.isDamage || error.isRefusalToWrite && access(path, R_OK | W_OK) == 0
  }

  private static func storeError(_ error: DatabaseError, _ path: String) -> StoreError {
    if error.isFullDisk || FileSystem.isFull(FileSystem.parent(of: path) ?? ".") { return .full(path: path) }
    let folder = FileSystem.parent(of: path) ?? "."
    if error.isRefusalToWrite, access(folder, W_OK) != 0 {
      return .unwritable(folder: folder, FileError(path, "write"))
    }
    return .index(path: path, reason: error.reason)
  }

  /// Opens the file; while another process makes it or changes its mode, again and again.
  private static func open(_ path: String) throws(DatabaseError) -> Database {
    for _ in 0..<1000 {
      do throws(DatabaseError) { return try openAtOnce(path) } catch {
        guard error.isBusy else { throw error }
      }
      usleep(10_000)
    }
    return try openAtOnce(path)
  }

  private static func openAtOnce(_ path: String) throws(DatabaseError) -> Database {
    // SQLite itself would keep the file from the user's group, whatever the umask allows.
    if path != memory { close(Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)) }
    let database = try Database(path: path)
    var mode = ""
    try database.query("PRAGMA journal_mode") { mode = $0.text(0) }
    if mode != "wal", path != memory { try database.execute("PRAGMA journal_mode = WAL") }
    // Without FULL, the last actions before a power cut may be forgotten; the file stays whole.
    try database.execute("PRAGMA synchronous = NORMAL")
    let found = try self.format(of: database)
    if found == format { return database }
    guard found == 0 || found == formatBefore else { throw wrongFormat(found) }
    try database.transaction { () throws(DatabaseError) in
      if try self.format(of: database) == formatBefore { try database.execute("DROP TABLE outputs") }
      try database.execute(tables + "PRAGMA user_version = \(format);")
    }
    return database
  }

  /// Actions are looked up by key among few pages, and new ones stand together at the end of the file, as do the
  /// latest of one variant: a build that changes little writes few pages.
  private static let tables = """
    CREATE TABLE IF NOT EXISTS actions(
      key TEXT PRIMARY KEY, parts TEXT NOT NULL, explanation TEXT NOT NULL, seconds REAL NOT NULL,
      finished INTEGER NOT NULL, used INTEGER NOT NULL, seal TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS latest(
      variant TEXT NOT NULL, node TEXT NOT NULL, shot TEXT NOT NULL, key TEXT NOT NULL, seal TEXT NOT NULL,
      PRIMARY KEY(variant, node, shot)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS files(
      device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
      changed INTEGER NOT NULL, digest TEXT NOT NULL, seal TEXT NOT NULL,
      PRIMARY KEY(device, inode)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS manifests(
      plugin TEXT NOT NULL, core TEXT NOT NULL, stage TEXT NOT NULL, manifest TEXT NOT NULL,
      seal TEXT NOT NULL, PRIMARY KEY(plugin, core, stage)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS accepted(digest TEXT PRIMARY KEY, seal TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS estimates(
      digest TEXT PRIMARY KEY, estimate TEXT NOT NULL, seal TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outputs(
      path TEXT PRIMARY KEY, pipeline TEXT NOT NULL, content TEXT NOT NULL, identity TEXT NOT NULL,
      seal TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS runs(
      number INTEGER PRIMARY KEY, started INTEGER NOT NULL, campaign TEXT NOT NULL, targets TEXT NOT NULL,
      ending INTEGER, seconds REAL NOT NULL, counts TEXT NOT NULL, seal TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS records(
      run INTEGER NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL, seal TEXT NOT NULL,
      PRIMARY KEY(run, position)) WITHOUT ROWID;

    """

  /// Whether the tables are not declared as this format has them.
  func schemaDamages() throws(StoreError) -> [String] {
    try schema() == Index().schema() ? [] : ["the tables are not those of its format"]
  }

  private func schema() throws(StoreError) -> [[DatabaseValue]] {
    try attempt { database throws(DatabaseError) in
      var schema: [[DatabaseValue]] = []
      try database.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name") {
        schema.append($0.values)
      }
      return schema
    }
  }

  private static func openToRead(_ path: String) throws(DatabaseError) -> Database {
    var database = try Database(path: path, .reading)
    var found = -1
    do throws(DatabaseError) { found = try format(of: database) } catch {
      // The files beside it cannot be made here. What a run that was killed left in one of them is not seen.
      database = try Database(path: path, .immutable)
      found = try format(of: database)
    }
    guard found == format else { throw wrongFormat(found) }
    return database
  }

  private static func format(of database: Database) throws(DatabaseError) -> Int {
    var found = -1
    try database.query("PRAGMA user_version") { found = $0.integer(0) }
    return found
  }

  private static func wrongFormat(_ found: Int) -> DatabaseError {
    DatabaseError(code: 11, reason: "the index is of format \(found)")
  }

  /// Begins a damaged file anew; where others use it, forgets it for the rest of this run.
  func renew() throws(StoreError) {
    wasDamaged = true
    // The old connection must be gone before the file goes.
    database = try Self.emptyDatabase()
    let path = path
    var renewed: Database?
    let isRenewed = try whileAlone { () throws(StoreError) in
      do throws(FileError) {
        for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
        // They repeat what it said.
        try FileSystem.remove(Store.snapshotFolder(in: FileSystem.parent(of: path) ?? "."))
      } catch { throw .file(error) }
      do throws(DatabaseError) { renewed = try Self.open(path) } catch { throw Self.storeError(error, path) }
    }
    guard isRenewed, let renewed else { return }
    database = renewed
  }

  /// Calls `body`; where it finds the file damaged, once more on a new one.
  func attempt<Result>(_ body: (Database) throws(DatabaseError) -> Result) throws(StoreError) -> Result {
    do throws(DatabaseError) {
      return try body(database)
    } catch {
      guard Self.isDamage(error, path), !wasDamaged else { throw Self.storeError(error, path) }
    }
    try renew()
    do throws(DatabaseError) { return try body(database) } catch { throw Self.storeError(error, path) }
  }

  /// Runs one statement that writes.
  func write(_ sql: String, _ values: [DatabaseValue]) throws(StoreError) {
    if isReadOnly { return }
    try attempt { database throws(DatabaseError) in try database.run(sql, values) }
  }

  /// Does all of `body` at once: after a crash either all of it is there or nothing.
  func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    let wasDamagedBefore = wasDamaged
    do throws(StoreError) {
      try attempt { database throws(DatabaseError) in try database.execute("BEGIN IMMEDIATE") }
      try body()
      if wasDamaged == wasDamagedBefore {
        return try attempt { database throws(DatabaseError) in try database.execute("COMMIT") }
      }
    } catch {
      try? database.execute("ROLLBACK")
      guard wasDamaged != wasDamagedBefore else { throw error }
    }
    // Begun anew on the way, so that what came before is gone.
    try? database.execute("ROLLBACK")
    try body()
  }
}
