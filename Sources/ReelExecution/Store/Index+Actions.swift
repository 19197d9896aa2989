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
    try row(of: .actions, [.text("\(key)")]).flatMap(Self.entry)
  }

  /// The entry in a row of the actions.
  private static func entry(_ row: [DatabaseValue]) -> ActionEntry? {
    guard let list = parts(row[1].text), let json = try? JSON(parsing: row[2].text) else { return nil }
    return ActionEntry(parts: list, explanation: json, seconds: row[3].number)
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
    try put(
      [
        .text("\(key)"), .text(parts), .text(explanation), .number(entry.seconds), .integer(now),
        .integer(now),
      ], in: .actions)
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
    try row(of: .latest, Self.keys(name)).flatMap { Digest($0[3].text) }
  }

  package func setLatestKey(_ key: Digest, of name: ActionName) throws(StoreError) {
    try putIfChanged(Self.keys(name) + [.text("\(key)")], in: .latest)
  }

  private static func keys(_ name: ActionName) -> [DatabaseValue] {
    [.text(name.variant), .text(name.node), .text(name.span ?? "")]
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
    var names: [Digest: [ActionName]] = [:]
    for row in try rows(of: .latest, "ORDER BY node, variant, shot") {
      guard let key = Digest(row[3].text) else { continue }
      let span = row[2].text
      names[key, default: []].append(
        ActionName(node: row[1].text, variant: row[0].text, span: span.isEmpty ? nil : span))
    }
    return names
  }

  /// The finished actions of a stage, the latest first: at most so many.
  package func history(
    stage: String, limit: Int
  ) throws(StoreError) -> [(key: Digest, explanation: JSON, seconds: Double)] {
    // An explanation is canonical JSON, so that its stage is written in one way alone.
    let name: DatabaseValue = .text(#""stage":\#(JSON.string(stage).text)"#)
    let clauses = "WHERE instr(explanation, ?) > 0 ORDER BY finished DESC, key LIMIT ?"
    return try rows(of: .actions, clauses, [name, .integer(limit)]).compactMap { row in
      guard let key = Digest(row[0].text), let entry = Self.entry(row),
        entry.explanation["stage"]?.string == stage
      else { return nil }
      return (key, entry.explanation, entry.seconds)
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
