// What tells that a file is still the one that was read: its place on the disk, size and times.

import Glibc
import ReelPlanning

/// A file's stat identity. Equal identities mean equal bytes, as long as neither time is racy
/// (``isRacy(at:)``).
public struct FileIdentity: Hashable, Sendable {
  public let device: UInt64
  public let inode: UInt64
  /// Bytes.
  public let size: Int
  /// Nanoseconds since 1970.
  public let modified: Int
  /// Nanoseconds since 1970 of the last change of the inode; a program cannot set it back.
  public let changed: Int
  /// The type and permission bits.
  public let mode: UInt32

  public var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
  public var isFolder: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

  /// What it is, as a message says it.
  public var kind: FileKind {
    switch mode & UInt32(S_IFMT) {
    case UInt32(S_IFREG): .file
    case UInt32(S_IFDIR): .folder
    case UInt32(S_IFIFO): .pipe
    case UInt32(S_IFSOCK): .socket
    default: .device
    }
  }

  /// Follows symbolic links.
  public init(path: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(path, "read") }
    self.init(status)
  }

  /// Of the link itself, if it is one.
  public init(notFollowing path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw FileError(path, "read") }
    self.init(status)
  }

  init(descriptor: Int32, path: String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, "read") }
    self.init(status)
  }

  /// Of what stands at `path`; `nil` where nothing does or the system does not say.
  ///
  /// - Parameter follows: whether a link stands for what it leads to.
  init?(at path: UnsafePointer<CChar>, follows: Bool = true) {
    var status = stat()
    guard (follows ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    self.init(status)
  }

  init(device: UInt64, inode: UInt64, size: Int, modified: Int, changed: Int, mode: UInt32) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
    self.mode = mode
  }

  private init(_ status: stat) {
    Counter.looks.add()
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    mode = status.st_mode
  }

  /// Whether the file changed so shortly before `moment` (nanoseconds since 1970), or after it, that it could
  /// change again without a change of its times. The kernel's clock for them ticks every few milliseconds.
  public func isRacy(at moment: Int) -> Bool {
    moment - max(modified, changed) < 10_000_000
  }
}

/// The time of day in nanoseconds since 1970, from the clock that stamps files.
public func fileClock() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Waits until a change to a file that was just written would change its times.
func waitOutRacyTimes() { usleep(11_000) }
