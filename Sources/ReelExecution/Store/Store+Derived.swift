// Derived files in the store: what workers made of models is counted, evicted and checked with the rest.

import ReelPlanning
import ReelTensor

extension Store {
  /// A file below `derived/`.
  struct DerivedEntry: Hashable {
    let path: String
    let size: Int
    /// Nanoseconds since 1970.
    let used: Int
    /// Whether it is what was left of one that was never finished.
    let isDraft: Bool
  }

  /// Every derived file, the least recently used first.
  func derivedEntries() -> [DerivedEntry] {
    var entries: [DerivedEntry] = []
    for prefix in (try? FileSystem.names(in: derived.folder)) ?? [] {
      let folder = derived.folder + "/" + prefix
      for name in (try? FileSystem.names(in: folder)) ?? [] {
        let path = folder + "/" + name
        guard let identity = try? FileIdentity(notFollowing: path) else { continue }
        entries.append(
          DerivedEntry(
            path: path, size: identity.size, used: identity.modified, isDraft: name.hasSuffix(".draft")))
      }
    }
    return entries.sorted { ($0.used, $0.path) < ($1.used, $1.path) }
  }

  /// Looks at every derived file.
  ///
  /// - Parameter repairs: whether what is damaged is removed, to be made again when it is needed.
  /// - Returns: how many are sound, and the paths of the others.
  func verifyDerivedFiles(repairs: Bool) throws(FileError) -> (sound: Int, damaged: [String]) {
    var (sound, damaged) = (0, [String]())
    // While a run is at work, a draft is what it is making.
    for entry in derivedEntries() where repairs || !entry.isDraft {
      if !entry.isDraft, DerivedFile.isSound(entry.path) {
        sound += 1
      } else {
        if repairs { try FileSystem.remove(entry.path) }
        if !entry.isDraft { damaged.append(entry.path) }
      }
    }
    return (sound, damaged)
  }
}
