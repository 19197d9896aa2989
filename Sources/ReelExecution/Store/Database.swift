// SQLite: the only file that knows that library.

import CSQLite

/// A failed database operation.
package struct DatabaseError: Error, Hashable, CustomStringConvertible {
  /// SQLite's result code.
  let code: Int32
  let reason: String

  package var description: String { reason }

  /// Whether the file is no database or a broken one, so that only a new one helps. The statements are fixed
  /// and right: one that SQLite cannot compile or that breaks a constraint has met broken tables.
  var isDamage: Bool {
    code == SQLITE_IOERR | 2 << 8  // a page is cut short
      || [
        SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_SCHEMA, SQLITE_MISMATCH, SQLITE_ERROR,
        SQLITE_TOOBIG,
        SQLITE_CONSTRAINT,
      ].contains(code & 0xff)
  }

  /// Whether another process has the file for itself at the moment.
  var isBusy: Bool { code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED }

  /// Whether there was no room, if only for the file of locks that SQLite keeps beside the database.
  var isFullDisk: Bool { code & 0xff == SQLITE_FULL || code == SQLITE_IOERR | 19 << 8 }

  /// Whether the file says that it must not be written to. If the system allows it, that is damage too.
  var isRefusalToWrite: Bool { code & 0xff == SQLITE_READONLY || code & 0xff == SQLITE_CANTOPEN }
}

/// A value in a row.
package enum DatabaseValue: Hashable {
  case integer(Int)
  case number(Double)
  case text(String)
  case null
}

extension DatabaseValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}

/// An open database, used by one thread at a time. Each statement is compiled once.
package final class Database {
  private let connection: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// How a file is opened.
  package enum Access {
    /// Made where there is none.
    case writing
    case reading
    /// Nobody writes to it, so that no lock and no file beside it are needed.
    case immutable
  }

  /// Opens the file. Another process that writes is waited for, for up to a minute.
  package init(path: String, _ access: Access = .writing) throws(DatabaseError) {
    var opened: OpaquePointer?
    let flags =
      SQLITE_OPEN_NOMUTEX
      | (access == .writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY)
    let code =
      access == .immutable
      ? sqlite3_open_v2(Self.immutableAddress(of: path), &opened, flags | SQLITE_OPEN_URI, nil)
      : sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened else { throw DatabaseError(code: SQLITE_NOMEM, reason: "out of memory") }
    guard code == SQLITE_OK else {
      defer { sqlite3_close_v2(opened) }
      throw DatabaseError(code: code, reason: String(cString: sqlite3_errmsg(opened)))
    }
    connection = opened
    sqlite3_busy_timeout(connection, 60_000)
  }

  /// The path as a URI, in which '%', '?' and '#' mean something.
  private static func immutableAddress(of path: String) -> String {
    let escaped = path.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      return byte < 128 && !"%?#".contains(character)
        ? String(character) : "%" + String(Int(byte) + 256, radix: 16).dropFirst()
    }
    return "file:" + escaped.joined() + "?immutable=1"
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(connection)
  }

  /// Runs SQL that gives no rows and takes no values.
  package func execute(_ sql: String) throws(DatabaseError) {
    Counter.statements.add()
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Runs one statement.
  func run(_ sql: String, _ values: [DatabaseValue] = []) throws(DatabaseError) {
    try query(sql, values) { _ in }
  }

  /// Runs one statement and calls `row` for each row of the result.
  func query(_ sql: String, _ values: [DatabaseValue] = [], row: (Row) -> Void) throws(DatabaseError) {
    Counter.statements.add()
    let statement = try prepare(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try bind(value, to: statement, at: Int32(index + 1)) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: row(Row(statement: statement))
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  /// Does all of `body` or, where it throws, nothing of it.
  func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    try execute("BEGIN IMMEDIATE")
    do throws(DatabaseError) {
      try body()
      try execute("COMMIT")
    } catch {
      try? execute("ROLLBACK")
      throw error
    }
  }

  private func prepare(_ sql: String) throws(DatabaseError) -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var prepared: OpaquePointer?
    guard
      sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil) == SQLITE_OK,
      let prepared
    else { throw failure() }
    statements[sql] = prepared
    return prepared
  }

  private func bind(_ value: DatabaseValue, to statement: OpaquePointer, at index: Int32)
    throws(DatabaseError)
  {
    let code =
      switch value {
      case .integer(let integer): sqlite3_bind_int64(statement, index, Int64(integer))
      case .number(let number): sqlite3_bind_double(statement, index, number)
      case .text(let text): reel_bind_text(statement, index, text, Int32(text.utf8.count))
      case .null: sqlite3_bind_null(statement, index)
      }
    guard code == SQLITE_OK else { throw failure() }
  }

  private func failure() -> DatabaseError {
    let code = sqlite3_extended_errcode(connection)
    let isFull = code & 0xff == SQLITE_FULL
    return DatabaseError(
      code: code, reason: isFull ? "the disk is full" : String(cString: sqlite3_errmsg(connection)))
  }

  /// A row of a result, readable until the next one is asked for.
  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }
    func number(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    func text(_ column: Int32) -> String {
      guard let text = sqlite3_column_text(statement, column) else { return "" }
      let count = Int(sqlite3_column_bytes(statement, column))
      return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// Every column.
    var values: [DatabaseValue] {
      (0..<sqlite3_column_count(statement)).map { column in
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .number(number(column))
        case SQLITE_NULL: .null
        default: .text(text(column))
        }
      }
    }
  }
}
