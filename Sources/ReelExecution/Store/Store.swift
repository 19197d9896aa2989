// The store beside a pipeline: artifacts, the index of what made them, and room for actions to work in.

import Glibc
import ReelPlanning
import ReelTensor

/// The folder `.reel`.
///
/// | name | what |
/// |---|---|
/// | `blobs/ab/cdef…` | artifacts by digest |
/// | `derived/ab/cdef…` | what workers made of models, by what it was made of: see `DerivedFiles` |
/// | `index.sqlite` | which action made which artifacts; what is known of files, plugins and outputs; past runs |
/// | `tmp/PROCESS-CAMPAIGN-…/` | what one run's actions write; gone with the run |
/// | `snapshots/` | what is known of campaigns that were built: see ``Snapshot`` |
/// | `reserve` | room for making room on a full disk: see ``Reserve`` |
/// | `lock` | shared by the runs at work, had alone by what takes results away |
/// | `locks` | which run is at work on which action, output and campaign |
public final class Store {
  public let folder: String
  /// The same as an absolute path, for workers, which stand in other folders.
  private let root: String
  package let blobs: Blobs
  package let index: Index
  let derived: DerivedFiles
  let digests: FileDigests
  /// What a store has that is opened to write to it.
  private let run: (folder: RunFolder, lock: StoreLock, work: WorkLocks)?
  /// Whether others were waited for.
  let hasWaited: Bool

  /// Whether the index was damaged and begun anew.
  public var lostIndex: Bool { index.wasDamaged }

  /// Looks into a store. Where there is none, it is empty, and stays so: nothing is written to the disk.
  public init(reading folder: String) throws(StoreError) {
    self.folder = folder
    root = FileSystem.realPath(folder) ?? folder
    blobs = Blobs(folder: root + "/blobs")
    derived = DerivedFiles(folder: root + "/derived")
    index = FileSystem.exists(folder) ? try Index(reading: Self.indexPath(in: folder)) : try Index()
    digests = FileDigests(index: index)
    run = nil
    hasWaited = false
  }

  /// Opens a store to run actions, or makes it. Any number of runs may be at work in it.
  ///
  /// - Parameters:
  ///   - campaign: the pipeline file that is built.
  ///   - waits: whether to wait for what takes results away, and to build a campaign beside another run that
  ///     builds it; else ``StoreError/locked(folder:processes:)`` or
  ///     ``StoreError/campaignLocked(file:processes:)``.
  ///   - willWait: called once before waiting, with the others' processes.
  public convenience init(
    runningIn folder: String, campaign: String? = nil, waits: Bool = true,
    willWait: (_ processes: [String]) -> Void = { _ in }
  ) throws(StoreError) {
    try self.init(folder, .shared, campaign: campaign, waits: waits, willWait: willWait)
  }

  /// Opens a store to take results away, while no run is at work in it.
  ///
  /// - Parameters:
  ///   - waits: whether to wait for the runs at work; else ``StoreError/locked(folder:processes:)``.
  ///   - willWait: called once before waiting, with their processes.
  public convenience init(
    havingAlone folder: String, waits: Bool = true, willWait: (_ processes: [String]) -> Void = { _ in }
  ) throws(StoreError) {
    try self.init(folder, .alone, campaign: nil, waits: waits, willWait: willWait)
  }

  private init(
    _ folder: String, _ kind: StoreLock.Kind, campaign file: String?, waits: Bool,
    willWait: (_ processes: [String]) -> Void
  ) throws(StoreError) {
    self.folder = folder
    if kind == .alone { Reserve.release(in: folder) }
    do throws(FileError) {
      for name in ["blobs", "tmp"] { try FileSystem.makeFolder(folder + "/" + name) }
    } catch {
      throw .unwritable(folder: folder, error)
    }
    var hasWaited = false
    let lock = try StoreLock.take(kind, folder: folder, waits: waits) { processes in
      hasWaited = true
      willWait(processes)
    }
    self.hasWaited = hasWaited
    let work = try WorkLocks(folder: folder)
    root = FileSystem.realPath(folder) ?? folder
    let campaign = file.map { Digest(of: FileSystem.realPath($0) ?? $0) }
    if let campaign, let file {
      if !waits, try !work.take(campaign) {
        throw .campaignLocked(
          file: file, processes: RunFolder.processesAtWork(in: folder + "/tmp", on: campaign))
      }
      // One that does not wait has had it alone for a moment.
      try work.share(campaign)
    }
    RunFolder.removeLeft(in: root + "/tmp")
    do throws(FileError) {
      run = (try RunFolder(in: root + "/tmp", campaign: campaign), lock, work)
    } catch {
      throw .unwritable(folder: folder, error)
    }
    blobs = Blobs(folder: root + "/blobs")
    derived = DerivedFiles(folder: root + "/derived")
    let path = Self.indexPath(in: folder)
    // Snapshots repeat what an index said that is gone.
    if !FileSystem.exists(path) { try? FileSystem.remove(Self.snapshotFolder(in: folder)) }
    index = try Index(path: path) { body throws(StoreError) in
      if kind == .shared { return try lock.alone(body) }
      try body()
      return true
    }
    digests = FileDigests(index: index)
    if kind == .shared { Reserve.keep(in: folder) }
  }

  static func indexPath(in folder: String) -> String { folder + "/index.sqlite" }

  /// For this run alone. Only in a store that was opened to write to it.
  package var temporaryFolder: String { opened.folder.path }

  /// Who is at work on what. Only in a store that was opened to write to it.
  var work: WorkLocks { opened.work }

  private var opened: (folder: RunFolder, lock: StoreLock, work: WorkLocks) {
    guard let run else { preconditionFailure("the store was opened to be read") }
    return run
  }

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
    public var derivedFiles = 0
    public var derivedBytes = 0

    package init() {}
  }

  public func statistics() throws -> Statistics {
    guard FileSystem.exists(folder + "/blobs") else { return Statistics() }
    let actions = try index.allActions()
    let used = Set(actions.flatMap { $0.parts ?? [] }.map(\.digest))
    var statistics = Statistics()
    let derived = derivedEntries()
    (statistics.derivedFiles, statistics.derivedBytes) = (derived.count, derived.reduce(0) { $0 + $1.size })
    statistics.actions = actions.count
    for (digest, size) in try blobs.all() {
      statistics.blobs += 1
      statistics.bytes += size
      guard !used.contains(digest) else { continue }
      statistics.unusedBlobs += 1
      statistics.unusedBytes += size
    }
    return statistics
  }
}
