// What the index knows of files by their stat identity: sources, outputs, what plugins say of themselves, and
// the parameters that stages took.

import ReelPlanning
import ReelStage

extension Index {
  /// The digest recorded for a file of exactly this identity.
  package func digest(of identity: FileIdentity) throws(StoreError) -> Digest? {
    let found = try attempt { database throws(DatabaseError) in
      var found: (digest: Digest?, isThere: Bool) = (nil, false)
      try database.query(
        """
        SELECT digest, seal FROM files
        WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
        """,
        identity.values
      ) { row in
        let text = row.text(0)
        found = (Self.seal(identity.text, text) == row.text(1) ? Digest(text) : nil, true)
      }
      return found
    }
    if found.isThere, found.digest == nil {
      try drop(
        "what is known of a file", from: "files", where: "device = ? AND inode = ?",
        Array(identity.values.prefix(2)))
    }
    return found.digest
  }

  func record(_ digest: Digest, of identity: FileIdentity) throws(StoreError) {
    try write(
      "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?, ?, ?)",
      identity.values + [.text("\(digest)"), .text(Self.seal(identity.text, "\(digest)"))])
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
    try write("DELETE FROM outputs WHERE path = ?", [.text(path)])
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
    try write(
      "INSERT OR REPLACE INTO outputs VALUES(?, ?, ?)", [.text(path), .text(content), .text(identity)])
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
    try write("INSERT OR REPLACE INTO accepted VALUES(?)", [.text("\(digest)")])
  }

  // MARK: Manifests

  /// What the plugin of this content said of itself, loaded with this core.
  func manifest(plugin: Digest, core: Digest, stage: String) throws(StoreError) -> Manifest? {
    let values: [DatabaseValue] = [.text("\(plugin)"), .text("\(core)"), .text(stage)]
    let found = try attempt { database throws(DatabaseError) in
      var found: (manifest: Manifest?, isThere: Bool) = (nil, false)
      try database.query(
        "SELECT manifest, seal FROM manifests WHERE plugin = ? AND core = ? AND stage = ?", values
      ) { row in
        let text = row.text(0)
        found.isThere = true
        if Self.seal("\(plugin)", "\(core)", stage, text) == row.text(1) {
          found.manifest = (try? JSON(parsing: text)).flatMap(Manifest.init(json:))
        }
      }
      return found
    }
    if found.isThere, found.manifest == nil {
      try drop(
        "the manifest of stage '\(stage)'", from: "manifests",
        where: "plugin = ? AND core = ? AND stage = ?", values)
    }
    return found.manifest
  }

  func record(_ manifest: Manifest, plugin: Digest, core: Digest, stage: String) throws(StoreError) {
    let text = manifest.json.text
    try write(
      "INSERT OR REPLACE INTO manifests VALUES(?, ?, ?, ?, ?)",
      [
        .text("\(plugin)"), .text("\(core)"), .text(stage), .text(text),
        .text(Self.seal("\(plugin)", "\(core)", stage, text)),
      ])
  }
}

extension FileIdentity {
  fileprivate var values: [DatabaseValue] {
    [
      .integer(Int(bitPattern: UInt(device))), .integer(Int(bitPattern: UInt(inode))), .integer(size),
      .integer(modified), .integer(changed),
    ]
  }

  /// As it stands in a row's seal.
  fileprivate var text: String { "\(device) \(inode) \(size) \(modified) \(changed)" }
}
