// One run at a time writes to a store.

import Glibc

/// The lock of a store, held until this value is gone. The kernel frees it when the process ends, however it
/// ends.
final class StoreLock {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - waits: whether to wait for a run that has it.
  ///   - willWait: called once before waiting, with the other run's process, where that is known.
  static func take(
    folder: String, waits: Bool, willWait: (_ process: String?) -> Void
  ) throws(StoreError) -> StoreLock {
    let path = folder + "/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(FileError(path, "open the lock")) }
    let lock = StoreLock(descriptor: descriptor)
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(FileError(path, "take the lock")) }
      let holder = (try? FileSystem.read(path, limit: 100)).flatMap { bytes in
        Int(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)).map(String.init)
      }
      guard waits else { throw .locked(folder: folder, process: holder) }
      willWait(holder)
      while flock(descriptor, LOCK_EX) != 0 {
        guard errno == EINTR else { throw .file(FileError(path, "take the lock")) }
      }
    }
    // For the message of a run that waits; nobody relies on it.
    let holder = "\(getpid())\n"
    if ftruncate(descriptor, 0) == 0 { _ = holder.withCString { pwrite(descriptor, $0, strlen($0), 0) } }
    return lock
  }
}
