// Making room: the results that were not used for the longest time go first.

import ReelPlanning

extension Store {
  /// What may stay in the store.
  public struct EvictionPolicy: Hashable, Sendable {
    /// Of all blobs together; `nil` for no limit.
    public var size: ByteCount?
    /// Seconds since an action was last run or found by a build; `nil` for no limit.
    public var age: Int?

    public init(size: ByteCount? = nil, age: Int? = nil) {
      self.size = size
      self.age = age
    }
  }

  /// What was evicted, or would be.
  public struct Eviction: Hashable, Sendable {
    public var actions = 0
    public var blobs = 0
    /// Of those blobs.
    public var bytes = 0
    public var actionsLeft = 0
    public var blobsLeft = 0
    public var bytesLeft = 0
  }

  /// Evicts the least recently used actions, as far as `policy` wants it, and every blob that no action's result
  /// has. What was evicted is made again when it is needed.
  ///
  /// - Parameters:
  ///   - isDryRun: whether nothing is removed; else the store must have been opened alone, so that no run needs
  ///     what goes.
  ///   - moment: nanoseconds since 1970.
  public func evict(
    _ policy: EvictionPolicy, isDryRun: Bool, at moment: Int = fileClock()
  ) throws -> Eviction {
    guard FileSystem.exists(folder + "/blobs") else { return Eviction() }
    let sizes = Dictionary(
      try blobs.all().map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
    let (evicted, kept) = split(try index.allActions(), policy, sizes: sizes, at: moment)
    let needed = Set(kept.flatMap { $0.parts ?? [] }.map(\.digest))
    var eviction = Eviction()
    eviction.actions = evicted.count
    eviction.actionsLeft = kept.count
    // Entries go before the blobs that they speak of: a crash between the two leaves blobs for the next time.
    if !isDryRun {
      try FileSystem.remove(Self.snapshotFolder(in: folder))
      try index.forgetActions(evicted.map(\.key))
    }
    for (digest, size) in sizes {
      if needed.contains(digest) {
        eviction.blobsLeft += 1
        eviction.bytesLeft += size
      } else {
        eviction.blobs += 1
        eviction.bytes += size
        if !isDryRun { try blobs.remove(digest) }
      }
    }
    return eviction
  }

  /// Divides the actions, which come with the least recently used first.
  private func split(
    _ actions: [Index.ActionRow], _ policy: EvictionPolicy, sizes: [Digest: Int], at moment: Int
  ) -> (evicted: [Index.ActionRow], kept: [Index.ActionRow]) {
    // By blob, in how many results it is.
    var uses: [Digest: Int] = [:]
    for part in actions.flatMap({ $0.parts ?? [] }) { uses[part.digest, default: 0] += 1 }
    var total = uses.keys.reduce(0) { $0 + (sizes[$1] ?? 0) }
    var evicted: [Index.ActionRow] = []
    var kept: [Index.ActionRow] = []
    for action in actions {
      let isOld = policy.age.map { moment - action.used >= $0 * 1_000_000_000 } ?? false
      let isTooMuch = policy.size.map { total > $0.bytes } ?? false
      // An entry whose row or blobs are gone is of no use.
      let isWhole = action.parts?.allSatisfy { sizes[$0.digest] == $0.size } ?? false
      guard isOld || isTooMuch || !isWhole else {
        kept.append(action)
        continue
      }
      evicted.append(action)
      for part in action.parts ?? [] {
        uses[part.digest]! -= 1
        if uses[part.digest] == 0 { total -= sizes[part.digest] ?? 0 }
      }
    }
    return (evicted, kept)
  }
}
