// The digests of source files, read again only when the file may have changed.

import Glibc
import ReelPlanning

/// What source files hold. Each file is looked at once a run; its bytes are read where the index does not
/// know its identity. Used by one thread.
package final class FileDigests {
  private let index: Index
  private var known: [String: KnownFile] = [:]

  private struct KnownFile {
    let digest: Digest
    let identity: FileIdentity
    /// Whether the file could not have changed under the same times when it was read.
    let isSettled: Bool
  }

  package init(index: Index) { self.index = index }

  /// The digest of the file at `path`.
  ///
  /// The file is looked at before and after it is read, so that the digest is of bytes that stood there
  /// together.
  package func digest(of path: String) throws -> Digest {
    if let known = known[path] { return known.digest }
    for _ in 0..<3 {
      let identity = try FileIdentity(path: path)
      if let digest = try index.digest(of: identity) {
        known[path] = KnownFile(digest: digest, identity: identity, isSettled: true)
        return digest
      }
      let digest = try Blobs.digest(of: path).digest
      guard try FileIdentity(path: path) == identity else { continue }
      // A file that could change again under the same times is read again next time.
      let isSettled = !identity.isRacy(at: fileClock())
      if isSettled { try index.record(digest, of: identity) }
      known[path] = KnownFile(digest: digest, identity: identity, isSettled: isSettled)
      return digest
    }
    throw StoreError.unsettled(path: path)
  }

  /// Whether a file that this run has read is still what it was.
  package func isUnchanged(_ path: String) -> Bool {
    guard let known = known[path], let now = try? FileIdentity(path: path) else { return false }
    guard now != known.identity || now.isRacy(at: fileClock()) else { return true }
    return (try? Blobs.digest(of: path).digest) == known.digest
  }

  /// The file's state when this run read it; `nil` for one that it did not read.
  func state(of path: String) -> WatchState? {
    known[path].map { WatchState(identity: $0.identity, isSettled: $0.isSettled) }
  }

  /// Takes over what a snapshot knows of a file: the digest of what is there as long as it has this identity.
  func learn(_ digest: Digest, of path: String, identity: FileIdentity) {
    known[path] = KnownFile(digest: digest, identity: identity, isSettled: true)
  }

  /// Forgets what this run has seen of a file, to look again.
  package func forget(_ path: String) { known[path] = nil }
}
