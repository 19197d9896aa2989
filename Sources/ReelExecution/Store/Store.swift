// The store beside a pipeline: artifacts, the index of what made them, and room for actions to work in.

import Glibc
import ReelPlanning

/// The folder `.reel`.
///
/// | name | what |
/// |---|---|
/// | `blobs/ab/cdef…` | artifacts by digest |
/// | `index.sqlite` | which action made which artifacts; what is known of files, plugins and outputs |
/// | `tmp/` | what running actions write; emptied at the start of a run |
/// | `snapshots/` | what is known of campaigns that were built: see ``Snapshot`` |
/// | `lock` | held by the run that is at work |
public final class Store {
  public let folder: String
  /// The same as an absolute path, for workers, which stand in other folders.
  private let root: String
  package let blobs: Blobs
  package let index: Index
  let digests: FileDigests
  private let lock: StoreLock?
  /// Whether another run was waited for.
  let hasWaited: Bool

  /// Whether the index was damaged and begun anew.
  public var lostIndex: Bool { index.wasDamaged }

  /// Looks into a store. Where there is none, it is empty, and stays so: nothing is written to the disk.
  public init(reading folder: String) throws(StoreError) {
    self.folder = folder
    root = FileSystem.realPath(folder) ?? folder
    blobs = Blobs(folder: root + "/blobs")
    index = try FileSystem.exists(folder) ? Self.openIndex(in: folder) : Index(path: nil)
    digests = FileDigests(index: index)
    lock = nil
    hasWaited = false
  }

  /// Opens a store to run actions, or makes it, and waits for a run that is at work in it.
  ///
  /// - Parameters:
  ///   - waits: whether to wait; else ``StoreError/locked(folder:process:)``.
  ///   - willWait: called once before waiting.
  public init(
    runningIn folder: String, waits: Bool = true, willWait: (_ process: String?) -> Void = { _ in }
  ) throws(StoreError) {
    self.folder = folder
    do throws(FileError) {
      try FileSystem.makeFolder(folder + "/blobs")
    } catch {
      throw .file(error)
    }
    var hasWaited = false
    lock = try StoreLock.take(folder: folder, waits: waits) { process in
      hasWaited = true
      willWait(process)
    }
    self.hasWaited = hasWaited
    do throws(FileError) {
      // What a run that was killed left behind.
      try FileSystem.remove(folder + "/tmp")
      try FileSystem.makeFolder(folder + "/tmp")
    } catch {
      throw .file(error)
    }
    root = FileSystem.realPath(folder) ?? folder
    blobs = Blobs(folder: root + "/blobs")
    index = try Self.openIndex(in: folder)
    digests = FileDigests(index: index)
  }

  private static func openIndex(in folder: String) throws(StoreError) -> Index {
    let path = indexPath(in: folder)
    // Snapshots repeat what an index said that is gone.
    if !FileSystem.exists(path) { try? FileSystem.remove(snapshotFolder(in: folder)) }
    return try Index(path: path)
  }

  static func indexPath(in folder: String) -> String { folder + "/index.sqlite" }

  package var temporaryFolder: String { root + "/tmp" }

  /// What is there repeats the index: it must go where entries of the index do.
  static func snapshotFolder(in folder: String) -> String { folder + "/snapshots" }

  /// The finished action of this key, if all that it made is still there.
  package func finishedAction(_ key: Digest) throws(StoreError) -> ActionEntry? {
    guard let entry = try index.action(key),
      entry.parts.allSatisfy({ blobs.has($0.digest, size: $0.size) })
    else { return nil }
    return entry
  }

  /// What is in the store.
  public struct Statistics: Hashable, Sendable {
    public var actions = 0
    public var blobs = 0
    /// Of all blobs.
    public var bytes = 0
    /// Blobs that no action speaks of.
    public var unusedBlobs = 0
    public var unusedBytes = 0

    package init() {}
  }

  public func statistics() throws -> Statistics {
    guard FileSystem.exists(folder + "/blobs") else { return Statistics() }
    let entries = try index.allParts()
    let used = Set(entries.joined().map(\.digest))
    var statistics = Statistics()
    statistics.actions = entries.count
    for (digest, size) in try blobs.all() {
      statistics.blobs += 1
      statistics.bytes += size
      guard !used.contains(digest) else { continue }
      statistics.unusedBlobs += 1
      statistics.unusedBytes += size
    }
    return statistics
  }

  /// What a check of every blob found.
  public struct Verification: Hashable, Sendable {
    public var sound = 0
    /// Blobs whose bytes are not what their names say. They were removed, and are made again when they are
    /// needed.
    public var damaged: [Digest] = []
    /// Blobs of finished actions that are gone, or have another size.
    public var missing: [Digest] = []
  }

  /// Reads every blob, and removes those that are damaged.
  public func verify() throws -> Verification {
    var verification = Verification()
    guard FileSystem.exists(folder + "/blobs") else { return verification }
    for (digest, _) in try blobs.all() {
      if blobs.isSound(digest) {
        verification.sound += 1
      } else {
        try blobs.remove(digest)
        verification.damaged.append(digest)
      }
    }
    let damaged = Set(verification.damaged)
    var seen: Set<Digest> = []
    for part in try index.allParts().joined() where !blobs.has(part.digest, size: part.size) {
      if !damaged.contains(part.digest), seen.insert(part.digest).inserted {
        verification.missing.append(part.digest)
      }
    }
    return verification
  }
}
