// Making room: the results and derived files that were not used for the longest time go first.

import ReelPlanning

extension Store {
  /// What may stay in the store.
  public struct EvictionPolicy: Hashable, Sendable {
    /// Of all blobs and derived files together; `nil` for no limit.
    public var size: ByteCount?
    /// Seconds since an action was last run or found by a build, and a derived file last read; `nil` for no limit.
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
    public var derivedFiles = 0
    public var derivedBytes = 0
    public var derivedFilesLeft = 0
    public var derivedBytesLeft = 0
  }

  /// Evicts the least recently used actions and derived files, as far as `policy` wants it, and every blob that no action's result
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
    let parting = part(try index.allActions(), derivedEntries(), policy, sizes: sizes, at: moment)
    let (evicted, kept) = (parting.actions.evicted, parting.actions.kept)
    let needed = Set(kept.flatMap { $0.parts ?? [] }.map(\.digest))
    var eviction = Eviction()
    eviction.actions = evicted.count
    eviction.actionsLeft = kept.count
    for entry in parting.derived.kept {
      eviction.derivedFilesLeft += 1
      eviction.derivedBytesLeft += entry.size
    }
    for entry in parting.derived.evicted {
      eviction.derivedFiles += 1
      eviction.derivedBytes += entry.size
      if !isDryRun { try FileSystem.remove(entry.path) }
    }
    if !isDryRun { try FileSystem.remove(Self.snapshotFolder(in: folder)) }
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
    // The index is written last, when there is room for that, even on a full disk. An entry whose blobs are gone is a
    // miss: so it is after a crash between the two.
    if !isDryRun { try index.forgetActions(evicted.map(\.key)) }
    return eviction
  }

  /// What goes and what stays.
  private struct Parting {
    var actions: (evicted: [Index.ActionRow], kept: [Index.ActionRow]) = ([], [])
    var derived: (evicted: [DerivedEntry], kept: [DerivedEntry]) = ([], [])
  }

  /// Divides actions and derived files, each of which come with the least recently used first.
  private func part(
    _ actions: [Index.ActionRow], _ derived: [DerivedEntry], _ policy: EvictionPolicy, sizes: [Digest: Int],
    at moment: Int
  ) -> Parting {
    // By blob, in how many results it is.
    var uses: [Digest: Int] = [:]
    for part in actions.flatMap({ $0.parts ?? [] }) { uses[part.digest, default: 0] += 1 }
    var total = uses.keys.reduce(0) { $0 + (sizes[$1] ?? 0) } + derived.reduce(0) { $0 + $1.size }
    func isWanted(used: Int) -> Bool {
      let isOld = policy.age.map { moment - used >= $0 * 1_000_000_000 } ?? false
      let isTooMuch = policy.size.map { total > $0.bytes } ?? false
      return !isOld && !isTooMuch
    }
    var parting = Parting()
    var files = derived[...]
    func partFiles(usedBefore moment: Int) {
      while let file = files.first, file.used < moment {
        files.removeFirst()
        if isWanted(used: file.used), !file.isDraft {
          parting.derived.kept.append(file)
        } else {
          parting.derived.evicted.append(file)
          total -= file.size
        }
      }
    }
    for action in actions {
      partFiles(usedBefore: action.used)
      // An entry whose row or blobs are gone is of no use.
      let isWhole = action.parts?.allSatisfy { sizes[$0.digest] == $0.size } ?? false
      guard !isWanted(used: action.used) || !isWhole else {
        parting.actions.kept.append(action)
        continue
      }
      parting.actions.evicted.append(action)
      for part in action.parts ?? [] {
        uses[part.digest]! -= 1
        if uses[part.digest] == 0 { total -= sizes[part.digest] ?? 0 }
      }
    }
    partFiles(usedBefore: .max)
    return parting
  }
}
