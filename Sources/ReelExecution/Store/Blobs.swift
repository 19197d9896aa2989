// Artifacts on the disk: immutable files named by the digest of their bytes.

import Glibc
import ReelPlanning
import Synchronization

/// The folder of blobs: `ab/cdef…` for the digest `abcdef…`. Safe for any number of threads and processes.
package final class Blobs: Sendable {
  private let folder: String
  /// Blobs whose bytes were read in this run and found to be right.
  private let checked = Mutex<Set<Digest>>([])

  package init(folder: String) { self.folder = folder }

  package func path(of digest: Digest) -> String {
    let name = digest.description
    return "\(folder)/\(name.prefix(2))/\(name.dropFirst(2))"
  }

  /// The folder of the blobs whose digests begin with this byte.
  static func folderName(_ firstByte: Int) -> String {
    (firstByte < 16 ? "0" : "") + String(firstByte, radix: 16)
  }

  /// Whether a blob of this size is there. Its bytes are not read.
  package func has(_ digest: Digest, size: Int) -> Bool {
    guard let identity = try? FileIdentity(notFollowing: path(of: digest)) else { return false }
    return identity.isRegularFile && identity.size == size
  }

  /// Takes a finished file into the store, and leaves nothing at `path`.
  ///
  /// When this returns the bytes can be read under their digest, and outlive the process. They outlive the
  /// machine's power once ``synchronise(_:)`` has returned; before that no entry of the index may speak of them.
  /// - Parameter path: a file on the store's file system that nobody writes any more.
  package func adopt(_ path: String) throws(FileError) -> (digest: Digest, size: Int) {
    let (digest, size) = try Self.digest(of: path)
    // Nobody changes it by mistake.
    _ = chmod(path, 0o444)
    let blob = self.path(of: digest)
    try FileSystem.makeFolder(FileSystem.parent(of: blob)!)
    // A blob that stands there already is replaced: this one is known to be right.
    try FileSystem.rename(path, to: blob)
    _ = checked.withLock { $0.insert(digest) }
    return (digest, size)
  }

  /// Above this many blobs one call for the whole file system is quicker than one for each file.
  private static let fewBlobs = 4

  /// Waits until these blobs are on the disk, by their names.
  package func synchronise(_ digests: Set<Digest>) throws(FileError) {
    guard digests.count <= Self.fewBlobs else { return try FileSystem.synchroniseAll(on: folder) }
    for digest in digests {
      let blob = path(of: digest)
      try FileSystem.Descriptor(reading: blob).synchronise()
      try FileSystem.synchronise(folder: FileSystem.parent(of: blob)!)
    }
    if !digests.isEmpty { try FileSystem.synchronise(folder: folder) }
  }

  /// Whether the blob's bytes are what its name says. Read once a run; then a blob is trusted.
  package func isSound(_ digest: Digest) -> Bool {
    if checked.withLock({ $0.contains(digest) }) { return true }
    guard let found = try? Self.digest(of: path(of: digest)), found.digest == digest else { return false }
    _ = checked.withLock { $0.insert(digest) }
    return true
  }

  package func remove(_ digest: Digest) throws(FileError) {
    _ = checked.withLock { $0.remove(digest) }
    try FileSystem.remove(path(of: digest))
  }

  /// The blobs whose digests begin with this byte, as their folder lists them: none is looked at.
  func listed(firstByte: Int) -> Set<Digest> {
    let prefix = Self.folderName(firstByte)
    let names = (try? FileSystem.names(in: folder + "/" + prefix)) ?? []
    return Set(names.compactMap { Digest(prefix + $0) })
  }

  /// Every blob and its size, by digest. What is no blob is passed over.
  package func all() throws(FileError) -> [(digest: Digest, size: Int)] {
    var blobs: [(Digest, Int)] = []
    for prefix in try FileSystem.names(in: folder) {
      guard prefix.utf8.count == 2, let names = try? FileSystem.names(in: folder + "/" + prefix) else {
        continue
      }
      for name in names {
        guard let digest = Digest(prefix + name),
          let identity = try? FileIdentity(notFollowing: path(of: digest))
        else { continue }
        blobs.append((digest, identity.size))
      }
    }
    return blobs
  }

  /// The digest of a regular file's bytes, and how many there are.
  static func digest(of path: String) throws(FileError) -> (digest: Digest, size: Int) {
    let file = try FileSystem.Descriptor(reading: path)
    guard try FileIdentity(descriptor: file.number, path: path).isRegularFile else {
      throw FileError(path, "read", code: EISDIR)
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var stream = DigestStream()
    var size = 0
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { break }
      stream.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      size += count
    }
    Counter.hashedFiles.add()
    Counter.hashedBytes.add(size)
    return (stream.finish(), size)
  }
}
