// The lock of a whole store: shared by the runs that work in it, and had alone by what takes results away.

import Glibc

/// The lock of a store, held until this value is gone. The kernel frees it when the process ends, however it
/// ends.
final class StoreLock {
  enum Kind { case shared, alone }

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - waits: whether to wait for others that have it; else ``StoreError/locked(folder:processes:)``.
  ///   - willWait: called once before waiting, with the others' processes, where they are known.
  static func take(
    _ kind: Kind, folder: String, waits: Bool, willWait: (_ processes: [String]) -> Void
  ) throws(StoreError) -> StoreLock {
    let path = folder + "/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(folder: folder, FileError(path, "open the lock")) }
    let lock = StoreLock(descriptor: descriptor)
    let operation = kind == .shared ? LOCK_SH : LOCK_EX
    if flock(descriptor, operation | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(FileError(path, "take the lock")) }
      let processes = RunFolder.processesAtWork(in: folder + "/tmp")
      guard waits else { throw .locked(folder: folder, processes: processes) }
      willWait(processes)
      while flock(descriptor, operation) != 0 {
        guard errno == EINTR else { throw .file(FileError(path, "take the lock")) }
      }
    }
    return lock
  }

  /// Has a shared lock alone while `body` runs, if nobody else shares it at this moment.
  ///
  /// - Returns: whether `body` was called.
  func alone(_ body: () throws(StoreError) -> Void) throws(StoreError) -> Bool {
    let isAlone = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    // Where it is refused, the shared lock is lost too.
    defer { while flock(descriptor, LOCK_SH) != 0, errno == EINTR {} }
    if isAlone { try body() }
    return isAlone
  }
}
