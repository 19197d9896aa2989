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
    /// What is wrong with the index as a whole.
    public var indexDamages: [String] = []

    public var isSound: Bool { damaged.isEmpty && damagedEntries.isEmpty && indexDamages.isEmpty }
  }

  /// Reads every blob and every entry.
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
    let damaged = Set(verification.damaged)
    var seen: Set<Digest> = []
    for action in try index.allActions() {
      guard let parts = action.parts else {
        verification.damagedEntries.append(action.key)
        continue
      }
      for part in parts where !blobs.has(part.digest, size: part.size) {
        if !damaged.contains(part.digest), seen.insert(part.digest).inserted {
          verification.missing.append(part.digest)
        }
      }
    }
    // The next build is to meet what is wrong, and name it.
    if !verification.isSound { try? FileSystem.remove(Self.snapshotFolder(in: folder)) }
    if repairs {
      if !index.wasDamaged, !verification.indexDamages.isEmpty { try index.renew() }
      try index.forgetActions(verification.damagedEntries)
    }
    return verification
  }
}
