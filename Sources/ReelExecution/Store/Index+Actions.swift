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

  package init(port: String, shot: String?, digest: Digest, size: Int) {
    self.port = port
    self.shot = shot
    self.digest = digest
    self.size = size
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

/// Who asks for an action: the node, its variant and the shot, by name. Only explanations and reports use it.
public struct ActionName: Hashable, Sendable {
  public let node: String
  public let variant: String
  public let shot: String?

  public init(node: String, variant: String, shot: String?) {
    self.node = node
    self.variant = variant
    self.shot = shot
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
      parts.append(StoredPart(port: port, shot: item["shot"]?.string, digest: digest, size: size))
    }
    return parts
  }

  /// The key that this action had in the latest run that made or found it.
  package func latestKey(of name: ActionName) throws(StoreError) -> Digest? {
    try attempt { database throws(DatabaseError) in
      var key: Digest?
      let values: [DatabaseValue] = [.text(name.node), .text(name.variant), .text(name.shot ?? "")]
      try database.query("SELECT key FROM latest WHERE node = ? AND variant = ? AND shot = ?", values) {
        row in
        key = Digest(row.text(0))
      }
      return key
    }
  }

  package func setLatestKey(_ key: Digest, of name: ActionName) throws(StoreError) {
    try write(
      "INSERT OR REPLACE INTO latest VALUES(?, ?, ?, ?)",
      [.text(name.node), .text(name.variant), .text(name.shot ?? ""), .text("\(key)")])
  }
}
