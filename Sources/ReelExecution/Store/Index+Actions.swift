// What the index knows of actions: which were finished, what they made, and what they were called.

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

extension Index {
  /// The action of this key, if it was ever finished and its row is sound.
  package func action(_ key: Digest) throws(StoreError) -> ActionEntry? {
    let values: [DatabaseValue] = [.text("\(key)")]
    let found = try attempt { database throws(DatabaseError) in
      var found: (entry: ActionEntry?, isThere: Bool) = (nil, false)
      try database.query("SELECT parts, explanation, seconds, seal FROM actions WHERE key = ?", values) {
        row in
        found = (Self.entry(key: "\(key)", row, firstColumn: 0), true)
      }
      return found
    }
    if found.isThere, found.entry == nil {
      try drop("the entry of action \(key)", from: "actions", where: "key = ?", values)
    }
    return found.entry
  }

  /// The entry in a row's columns parts, explanation, seconds, seal; `nil` where they do not fit.
  static func entry(key: String, _ row: Database.Row, firstColumn: Int32) -> ActionEntry? {
    let (parts, explanation) = (row.text(firstColumn), row.text(firstColumn + 1))
    let seconds = row.number(firstColumn + 2)
    guard seal(key, parts, explanation, "\(seconds)") == row.text(firstColumn + 3),
      let list = Self.parts(parts), let json = try? JSON(parsing: explanation)
    else { return nil }
    return ActionEntry(parts: list, explanation: json, seconds: seconds)
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
      }
    ).text
    let explanation = entry.explanation.text
    let now = fileClock()
    try write(
      "INSERT OR REPLACE INTO actions VALUES(?, ?, ?, ?, ?, ?, ?)",
      [
        .text("\(key)"), .text(parts), .text(explanation), .number(entry.seconds), .integer(now),
        .integer(now),
        .text(Self.seal("\(key)", parts, explanation, "\(entry.seconds)")),
      ])
  }

  static func parts(_ text: String) -> [StoredPart]? {
    guard let list = (try? JSON(parsing: text))?.array else { return nil }
    var parts: [StoredPart] = []
    for item in list {
      guard let port = item["port"]?.string, let digest = item["digest"]?.string.flatMap({ Digest($0) }),
        let size = item["size"]?.integer
      else { return nil }
      parts.append(
        StoredPart(
          port: port, shot: item["shot"]?.string, digest: digest, size: size, length: length(item)))
    }
    return parts
  }

  private static func length(_ item: JSON) -> FilmLength? {
    guard let frames = item["frames"]?.integer, frames >= 0, let rate = item["rate"]?.array, rate.count == 2,
      let numerator = rate[0].integer, let denominator = rate[1].integer, numerator > 0, denominator > 0
    else { return nil }
    return FilmLength(frames: frames, rate: FrameRate(numerator, denominator))
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
    try write(
      """
      INSERT INTO latest VALUES(?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET key = excluded.key WHERE key <> excluded.key
      """,
      [.text(name.node), .text(name.variant), .text(name.span ?? ""), .text("\(key)")])
  }

  /// The same for many actions at once.
  func setLatestKeys(_ keys: [(name: ActionName, key: Digest)]) throws(StoreError) {
    guard !keys.isEmpty else { return }
    try transaction { () throws(StoreError) in
      for (name, key) in keys { try setLatestKey(key, of: name) }
    }
  }

  /// By key, who asked for the action in the latest run of theirs.
  package func latestNames() throws(StoreError) -> [Digest: [ActionName]] {
    try attempt { database throws(DatabaseError) in
      var names: [Digest: [ActionName]] = [:]
      try database.query("SELECT key, node, variant, shot FROM latest ORDER BY node, variant, shot") { row in
        let span = row.text(3)
        guard let key = Digest(row.text(0)) else { return }
        names[key, default: []].append(
          ActionName(node: row.text(1), variant: row.text(2), span: span.isEmpty ? nil : span))
      }
      return names
    }
  }

  /// The finished actions of a stage, the latest first: at most so many.
  package func history(
    stage: String, limit: Int
  ) throws(StoreError) -> [(key: Digest, explanation: JSON, seconds: Double)] {
    try attempt { database throws(DatabaseError) in
      var actions: [(Digest, JSON, Double)] = []
      // An explanation is canonical JSON, so that its stage is written in one way alone.
      try database.query(
        """
        SELECT key, explanation, seconds FROM actions WHERE instr(explanation, ?) > 0
        ORDER BY finished DESC, key LIMIT ?
        """,
        [.text(#""stage":\#(JSON.string(stage).text)"#), .integer(limit)]
      ) { row in
        guard let key = Digest(row.text(0)), let explanation = try? JSON(parsing: row.text(1)),
          explanation["stage"]?.string == stage
        else { return }
        actions.append((key, explanation, row.number(2)))
      }
      return actions
    }
  }

  /// How long the actions of a node in a variant took together when they were last run; `nil` where none was.
  package func latestSeconds(node: String, variant: String) throws(StoreError) -> Double? {
    try attempt { database throws(DatabaseError) in
      var seconds: Double?
      try database.query(
        """
        SELECT seconds FROM actions JOIN latest ON actions.key = latest.key
        WHERE latest.node = ? AND latest.variant = ?
        """, [.text(node), .text(variant)]
      ) { seconds = (seconds ?? 0) + $0.number(0) }
      return seconds
    }
  }
}
