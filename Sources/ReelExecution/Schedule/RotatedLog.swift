// A log that does not grow without end: past a size it becomes `.1`, the one before it `.2`, and so on.

import Glibc

/// A log file that several processes may append to.
final class RotatedLog {
  let path: String
  /// For a program that writes its own lines.
  let descriptor: Int32

  /// Opens the log for appending; first turns it over if it has more than `limit` bytes, keeping `kept` old ones.
  init(_ path: String, limit: Int = 1 << 20, kept: Int = 5) throws(FileError) {
    self.path = path
    let folder = FileSystem.parent(of: path) ?? "."
    try FileSystem.makeFolder(folder)
    // One process at a time turns the log over.
    let lock = try FileSystem.Descriptor(reading: folder)
    guard flock(lock.number, LOCK_EX) == 0 else { throw FileError(folder, "lock") }
    if let identity = try? FileIdentity(path: path), identity.size > limit {
      for number in stride(from: kept - 1, to: 0, by: -1) where FileSystem.exists("\(path).\(number)") {
        try FileSystem.rename("\(path).\(number)", to: "\(path).\(number + 1)")
      }
      try FileSystem.rename(path, to: path + ".1")
    }
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path, "write") }
  }

  deinit { close(descriptor) }

  /// Appends one line, as one write.
  func append(_ line: String) throws(FileError) {
    let bytes = Array((line + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw FileError(path, "write") }
  }

  /// Where the next line will stand.
  var end: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// The last bytes written since `start`, at most `limit` of them.
  func text(since start: Int, limit: Int) -> String {
    let first = max(start, end - limit)
    var bytes = [UInt8](repeating: 0, count: max(0, end - first))
    let count = pread(descriptor, &bytes, bytes.count, first)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
