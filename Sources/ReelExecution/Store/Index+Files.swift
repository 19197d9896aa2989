// What the index knows of files by their stat identity: sources, outputs, what plugins say of themselves, the
// parameters that stages took, and what they said that actions take.

import ReelPlanning
import ReelStage

extension Index {
  /// The digest recorded for a file of exactly this identity.
  package func digest(of identity: FileIdentity) throws(StoreError) -> Digest? {
    let found = try row(of: .files, Array(identity.values.prefix(2)))
    guard let found, Array(found.prefix(5)) == identity.values else { return nil }
    return Digest(found[5].text)
  }

  func record(_ digest: Digest, of identity: FileIdentity) throws(StoreError) {
    try put(identity.values + [.text("\(digest)")], in: .files)
  }

  /// An output that was written.
  struct OutputRow: Hashable {
    let path: String
    /// The name of the pipeline file whose build wrote it last.
    let pipeline: String
    /// Of the file after that.
    let identity: String
  }

  /// Every output that was written.
  func outputs() throws(StoreError) -> [OutputRow] {
    try rows(of: .outputs, "ORDER BY path").map {
      OutputRow(path: $0[0].text, pipeline: $0[1].text, identity: $0[3].text)
    }
  }

  func forgetOutput(_ path: String) throws(StoreError) {
    try write("DELETE FROM outputs WHERE path = ?", [.text(path)])
  }

  /// What was last written to the output `path`, and the identity of the file after that.
  func output(_ path: String) throws(StoreError) -> (content: String, identity: String)? {
    try row(of: .outputs, [.text(path)]).map { ($0[2].text, $0[3].text) }
  }

  /// - Parameter pipeline: the pipeline file's name.
  func recordOutput(_ path: String, of pipeline: String, content: String, identity: String)
    throws(StoreError)
  {
    try put([.text(path), .text(pipeline), .text(content), .text(identity)], in: .outputs)
  }

  // MARK: Parameters

  /// Whether a stage once took the parameters that this is the digest of.
  func isAccepted(_ digest: Digest) throws(StoreError) -> Bool {
    try row(of: .accepted, [.text("\(digest)")]) != nil
  }

  func accept(_ digest: Digest) throws(StoreError) { try put([.text("\(digest)")], in: .accepted) }

  /// What the action of this digest was estimated to take: `.some(nil)` where the stage could not say.
  func estimate(_ digest: Digest) throws(StoreError) -> ActionEstimate?? {
    guard let row = try row(of: .estimates, [.text("\(digest)")]), let json = try? JSON(parsing: row[1].text)
    else { return nil }
    return .some(ActionEstimate(json: json))
  }

  func record(_ estimate: ActionEstimate?, of digest: Digest) throws(StoreError) {
    try put([.text("\(digest)"), .text((estimate?.json ?? .null).text)], in: .estimates)
  }

  // MARK: Manifests

  /// What the plugin of this content said of itself, loaded with this core.
  func manifest(plugin: Digest, core: Digest, stage: String) throws(StoreError) -> Manifest? {
    try row(of: .manifests, [.text("\(plugin)"), .text("\(core)"), .text(stage)]).flatMap { row in
      (try? JSON(parsing: row[3].text)).flatMap(Manifest.init(json:))
    }
  }

  func record(_ manifest: Manifest, plugin: Digest, core: Digest, stage: String) throws(StoreError) {
    try put(
      [.text("\(plugin)"), .text("\(core)"), .text(stage), .text(manifest.json.text)], in: .manifests)
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
