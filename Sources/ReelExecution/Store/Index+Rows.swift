// The index's tables: what their rows are, and the seal that each ends with, so that a flipped bit is noticed.

import ReelPlanning

extension Index {
  /// A table. Its last column is the seal of the others.
  package enum Table: String, CaseIterable, Sendable {
    case actions, latest, files, manifests, accepted, estimates, outputs, runs, records

    /// The columns that a row is found by: the first ones.
    var keys: [String] {
      switch self {
      case .actions: ["key"]
      case .latest: ["variant", "node", "shot"]
      case .files: ["device", "inode"]
      case .manifests: ["plugin", "core", "stage"]
      case .accepted, .estimates: ["digest"]
      case .outputs: ["path"]
      case .runs: ["number"]
      case .records: ["run", "position"]
      }
    }

    fileprivate var condition: String { keys.map { "\($0) = ?" }.joined(separator: " AND ") }

    /// What a row is about, as messages say it.
    fileprivate func subject(_ row: [DatabaseValue]) -> String {
      switch self {
      case .actions: "the entry of action \(row[0].plainText)"
      case .latest: "what was last made of '\(row[1].plainText)'"
      case .files: "what is known of a file"
      case .manifests: "the manifest of stage '\(row[2].plainText)'"
      case .accepted: "what a stage said of its parameters"
      case .estimates: "what an action was estimated to take"
      case .outputs: "what is known of output '\(row[0].plainText)'"
      case .runs: "run \(row[0].plainText) of the history"
      case .records: "an action of run \(row[0].plainText) of the history"
      }
    }

    func seal(_ values: some Sequence<DatabaseValue>) -> String {
      let text = values.reduce(rawValue) { "\($0)\u{0}\($1.plainText)" }
      return String(Digest(of: text).description.prefix(32))
    }

    /// The values of a whole row but for the seal; `nil` where they do not fit it.
    fileprivate func unsealed(_ row: [DatabaseValue]) -> [DatabaseValue]? {
      guard let last = row.last, last == .text(seal(row.dropLast())) else { return nil }
      return row.dropLast()
    }
  }

  /// A row that does not fit its seal.
  package struct DamagedRow {
    let table: Table
    fileprivate let values: [DatabaseValue]

    package var subject: String { table.subject(values) }
    /// The key of the action that it was about.
    var action: String? { table == .actions ? values[0].plainText : nil }
  }

  /// Writes a row in the place of one that is found by the same columns.
  func put(_ values: [DatabaseValue], in table: Table) throws(StoreError) {
    let places = String(repeating: "?, ", count: values.count)
    try write(
      "INSERT OR REPLACE INTO \(table.rawValue) VALUES(\(places)?)", values + [.text(table.seal(values))])
  }

  /// Writes a row where there is none or another one.
  func putIfChanged(_ values: [DatabaseValue], in table: Table) throws(StoreError) {
    if try row(of: table, Array(values.prefix(table.keys.count))) != values { try put(values, in: table) }
  }

  /// The row that is found by these columns. One that does not fit its seal is dropped.
  func row(of table: Table, _ keys: [DatabaseValue]) throws(StoreError) -> [DatabaseValue]? {
    let found = try attempt { database throws(DatabaseError) in
      var found: [DatabaseValue]?
      try database.query("SELECT * FROM \(table.rawValue) WHERE \(table.condition)", keys) {
        found = $0.values
      }
      return found
    }
    guard let found else { return nil }
    if let values = table.unsealed(found) { return values }
    droppedRows.append(table.subject(found))
    try drop(DamagedRow(table: table, values: found))
    return nil
  }

  /// Every row that fits its seal.
  ///
  /// - Parameter clauses: what follows the table's name in SQL.
  package func rows(of table: Table, _ clauses: String = "", _ values: [DatabaseValue] = [])
    throws(StoreError)
    -> [[DatabaseValue]]
  {
    try allRows(of: table, clauses, values).compactMap(table.unsealed)
  }

  private func allRows(
    of table: Table, _ clauses: String = "", _ values: [DatabaseValue] = []
  ) throws(StoreError) -> [[DatabaseValue]] {
    try attempt { database throws(DatabaseError) in
      var rows: [[DatabaseValue]] = []
      try database.query("SELECT * FROM \(table.rawValue) \(clauses)", values) { rows.append($0.values) }
      return rows
    }
  }

  /// Every row that does not fit its seal.
  package func damagedRows() throws(StoreError) -> [DamagedRow] {
    var damaged: [DamagedRow] = []
    for table in Table.allCases {
      for row in try allRows(of: table) where table.unsealed(row) == nil {
        damaged.append(DamagedRow(table: table, values: row))
      }
    }
    return damaged
  }

  func drop(_ row: DamagedRow) throws(StoreError) {
    try write(
      "DELETE FROM \(row.table.rawValue) WHERE \(row.table.condition)",
      Array(row.values.prefix(row.table.keys.count)))
  }
}

extension DatabaseValue {
  /// As it stands in a seal.
  var plainText: String {
    switch self {
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): text
    case .null: "\u{1}"
    }
  }

  var text: String { if case .text(let text) = self { text } else { "" } }
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  var number: Double { if case .number(let number) = self { number } else { 0 } }
}
