// Checking all that is in the store.

import ReelPlanning

extension Store {
  /// What a check of the whole store found.
  public struct Verification: Hashable, Sendable {
    public var sound = 0
    /// Blobs whose bytes are not what their names say.
    public var damaged: [Digest] = []
    /// Blobs of finished actions that are gone, or have another size: they were evicted, and are made again when
    /// they are needed.
    public var missing: [Digest] = []
    /// The keys of actions whose entries in the index do not fit their seals.
    public var damagedEntries: [String] = []
    /// What other rows of the index were about that do not fit their seals.
    public var damagedRows: [String] = []
    /// What is wrong with the index as a whole.
    public var indexDamages: [String] = []
    /// The files of snapshots that are not what was written.
    public var damagedSnapshots: [String] = []

    public var isSound: Bool { isResultSound && damagedSnapshots.isEmpty }

    /// But for snapshots, which only repeat what the index says.
    fileprivate var isResultSound: Bool {
      damaged.isEmpty && damagedEntries.isEmpty && damagedRows.isEmpty && indexDamages.isEmpty
    }
  }

  /// Reads every file of the store that holds anything: every blob, every row of the index, every snapshot.
  ///
  /// - Parameter repairs: whether what is damaged is dropped, to be made again when it is needed; only in a store
  ///   that was opened alone.
  public func verify(repairs: Bool) throws -> Verification {
    var verification = Verification()
    guard FileSystem.exists(folder + "/blobs") else { return verification }
    for (digest, _) in try blobs.all() {
      if blobs.isSound(digest) {
        verification.sound += 1
      } else {
        if repairs { try blobs.remove(digest) }
        verification.damaged.append(digest)
      }
    }
    verification.indexDamages =
      index.wasDamaged ? ["it cannot be read"] : try index.damages()
    let rows = index.wasDamaged ? [] : try index.damagedRows()
    verification.damagedEntries = rows.compactMap(\.action)
    verification.damagedRows = rows.filter { $0.action == nil }.map(\.subject)
    let damaged = Set(verification.damaged)
    var seen: Set<Digest> = []
    // Actions whose results are not whole.
    var useless: [String] = []
    for action in try index.allActions() {
      let missing = (action.parts ?? []).filter {
        damaged.contains($0.digest) || !blobs.has($0.digest, size: $0.size)
      }
      if !missing.isEmpty { useless.append(action.key) }
      for part in missing where !damaged.contains(part.digest) && seen.insert(part.digest).inserted {
        verification.missing.append(part.digest)
      }
    }
    let snapshots = Self.snapshotFolder(in: folder)
    verification.damagedSnapshots = Snapshot.damagedFiles(in: snapshots)
    // The next build is to meet what is wrong, and name it.
    if !verification.isResultSound || repairs && !(verification.isSound && useless.isEmpty) {
      try? FileSystem.remove(snapshots)
    }
    if repairs { try repair(verification, rows, useless: useless) }
    return verification
  }

  private func repair(
    _ verification: Verification, _ rows: [Index.DamagedRow], useless: [String]
  ) throws(StoreError) {
    if !index.wasDamaged, !verification.indexDamages.isEmpty { return try index.renew() }
    for row in rows { try index.drop(row) }
    try index.forgetActions(verification.damagedEntries + useless)
    // One whose own columns are damaged may not be found by them.
    if try !index.damagedRows().isEmpty { try index.renew() }
  }
}
