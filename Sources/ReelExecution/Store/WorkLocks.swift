// Who is at work on what, among all runs of a store: one run at a time has an action, an output or a campaign.

import Glibc
import ReelPlanning

/// Locks by digest, shared by every process that has the store open.
///
/// They are bytes of one file, each at an offset that its digest gives: any number of them leave nothing behind,
/// and the kernel frees them when the run's descriptor is closed, however its process ends. Two digests that
/// meet at one offset, one pair in 2⁶⁰, would only wait for each other. Used by one thread.
package final class WorkLocks {
  private let descriptor: Int32
  private let path: String

  /// - Parameter folder: the store's.
  package init(folder: String) throws(StoreError) {
    path = folder + "/locks"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(folder: folder, FileError(path, "open the locks")) }
  }

  deinit { close(descriptor) }

  /// Takes the lock of `digest`; false where another run has it.
  package func take(_ digest: Digest) throws(StoreError) -> Bool { try lock(digest, .alone, waits: false) }

  /// Takes the lock of `digest` together with others that share it, and waits for one that has it alone.
  func share(_ digest: Digest) throws(StoreError) { _ = try lock(digest, .shared, waits: true) }

  package func free(_ digest: Digest) {
    _ = OperatingSystem.lockByte(Self.offset(of: digest), of: descriptor, .free, waits: false)
  }

  private func lock(
    _ digest: Digest, _ kind: OperatingSystem.ByteLock, waits: Bool
  ) throws(StoreError) -> Bool {
    switch OperatingSystem.lockByte(Self.offset(of: digest), of: descriptor, kind, waits: waits) {
    case 0: return true
    case EAGAIN: return false
    case let code: throw .file(FileError(path, "take a lock", code: code))
    }
  }

  private static func offset(of digest: Digest) -> Int { Int(digest.description.prefix(15), radix: 16)! }
}
