// The index: what was written is read back, and a damaged file costs work, never the run.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage
import Testing

@Suite struct IndexTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path("index.sqlite") }
  private static let keys = (0..<40).map { Digest(of: "key \($0)") }

  init() throws { folder = try TemporaryFolder() }

  private static func entry(_ number: Int) -> ActionEntry {
    ActionEntry(
      parts: [StoredPart(port: "film", shot: nil, digest: Digest(of: "film \(number)"), size: number)],
      explanation: ["parameters": ["text": .string("it's \"\(number)\"")]], seconds: Double(number) / 4)
  }

  private func fill() throws {
    let index = try Index(path: path)
    for (number, key) in Self.keys.enumerated() { try index.record(Self.entry(number), as: key) }
    try index.setLatestKey(Self.keys[3], of: ActionName(node: "spot", variant: "market=jp", span: nil))
  }

  @Test("entries and latest keys survive, and are told apart by variant and shot") func roundTrip() throws {
    try fill()
    let index = try Index(path: path)
    for (number, key) in Self.keys.enumerated() { #expect(try index.action(key) == Self.entry(number)) }
    #expect(
      try index.latestKey(of: ActionName(node: "spot", variant: "market=jp", span: nil)) == Self.keys[3])
    #expect(try index.latestKey(of: ActionName(node: "spot", variant: "market=us", span: nil)) == nil)
    #expect(try index.latestKey(of: ActionName(node: "spot", variant: "market=jp", span: "1")) == nil)
    #expect(!index.wasDamaged)
  }

  @Test(
    "a file that is no database is begun anew",
    arguments: [
      "", "not a database, but long enough to be taken for one by its size alone", "SQLite format 3\u{0}",
    ])
  func garbage(text: String) throws {
    try folder.write("index.sqlite", Array((text + String(repeating: "x", count: 4096)).utf8))
    let index = try Index(path: path)
    #expect(index.wasDamaged)
    #expect(try index.action(Self.keys[0]) == nil)
    try index.record(Self.entry(0), as: Self.keys[0])
    #expect(try Index(path: path).action(Self.keys[0]) == Self.entry(0))
  }

  @Test("an index of the format before keeps its actions, and forgets outputs, which nobody owned")
  func formatBefore() throws {
    try fill()
    let database = try Database(path: path)
    try database.execute(
      """
      DROP TABLE outputs;
      CREATE TABLE outputs(
        path TEXT PRIMARY KEY, content TEXT NOT NULL, identity TEXT NOT NULL, seal TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO outputs VALUES('a.mp4', 'film', '1 2 3', 'seal');
      PRAGMA user_version = 3;
      """)
    let index = try Index(path: path)
    #expect(!index.wasDamaged)
    #expect(try index.action(Self.keys[7]) == Self.entry(7))
    #expect(try index.rows(of: .outputs) == [])
    #expect(try index.damages() == [])
  }

  @Test("an index of a later format is begun anew") func laterFormat() throws {
    try fill()
    // The user version ends at byte 63 of the header, big-endian (sqlite.org/fileformat2.html).
    try flipBit(63 * 8 + 1, of: path)
    let index = try Index(path: path)
    #expect(index.wasDamaged)
    #expect(try index.action(Self.keys[0]) == nil)
  }

  @Test("a bit flip in the file is noticed, or changes nothing that any table says") func noticed() throws {
    try fill()
    let whole = try FileSystem.read(path)
    func contents() throws -> [[[DatabaseValue]]] {
      let index = try Index(path: path)
      return try Index.Table.allCases.map { try index.rows(of: $0) }
    }
    let expected = try contents()
    #expect(expected.map(\.count).max() == 40)
    var generator = SeededGenerator(seed: 11)
    var noticed = 0
    for round in 0..<300 {
      for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
      try folder.write("index.sqlite", whole)
      let bit = Int.random(in: 0..<whole.count * 8, using: &generator)
      try flipBit(bit, of: path)
      let index = try Index(reading: path)
      if index.wasDamaged {
        noticed += 1
      } else if try !index.damages().isEmpty || index.wasDamaged || !index.damagedRows().isEmpty {
        noticed += 1
      } else {
        #expect(try contents() == expected, "round \(round), bit \(bit)")
      }
    }
    #expect(noticed > 50)
  }

  @Test("a cut or flipped file gives an entry, none, or a new index: never another entry, never an error")
  func damage() throws {
    try fill()
    let whole = try FileSystem.read(path)
    #expect(whole.count > 8192)
    var generator = SeededGenerator(seed: 7)
    for round in 0..<200 {
      for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
      try folder.write("index.sqlite", whole)
      if round % 4 == 0 {
        try cut(path, to: Int.random(in: 0..<whole.count, using: &generator))
      } else {
        for _ in 0..<20 { try flipBit(Int.random(in: 0..<whole.count * 8, using: &generator), of: path) }
      }
      let index = try Index(path: path)
      for (number, key) in Self.keys.enumerated() {
        guard let found = try index.action(key) else { continue }
        // A flipped letter of an explanation costs nothing; a flipped digest names a blob that is not there.
        #expect(found.parts.count == 1 || found.parts.isEmpty, "round \(round), key \(number)")
      }
      try index.record(Self.entry(1), as: Digest(of: "new"))
      #expect(try index.action(Digest(of: "new")) == Self.entry(1))
    }
  }
}
