// What is known of a campaign after a build that went well: where nothing changed since, the next one need not
// read the pipeline, expand it, or ask the index.

import Glibc
import ReelMedia
import ReelPlanning

/// What a build was asked for. Each has a snapshot of its own.
struct SnapshotRequest {
  /// The folder of snapshots in the campaign's store.
  let folder: String
  /// All that decides what is built, but for what is on the disk and in the environment.
  let bytes: [UInt8]
  /// The name of its files.
  let name: String
  /// The index, without which a snapshot says nothing.
  let indexPath: String

  init(_ request: Campaign.Request, targets: Targets) {
    var writer = ByteWriter()
    writer.append(request.file)
    writer.append(request.overrides) { $0.append("\($1.name)=\($1.value)") }
    writer.append(request.pluginFolders) { $0.append($1) }
    writer.append(targets.words) { $0.append($1) }
    // Plugins and models are looked for from there.
    writer.append(Installation.folder)
    bytes = writer.bytes
    folder = Store.snapshotFolder(in: request.storeFolder)
    indexPath = Store.indexPath(in: request.storeFolder)
    name = String(bytes.withUnsafeBytes { checksum($0) }, radix: 16)
  }

  /// What stays as it is until the pipeline is expanded anew.
  var path: String { "\(folder)/\(name)" }
  /// What has changed since.
  var patchPath: String { "\(folder)/\(name).patch" }
}

/// Why a snapshot looks at a file, and so what follows from a change.
enum WatchKind: Int {
  /// The pipeline's text, an included file, a feed: everything is expanded anew.
  case text
  /// A file that nodes read: these are looked at.
  case content
  /// A plugin, the core, `reel` itself, a model's folder: everything is expanded anew.
  case fixed
  /// Nothing may stand here: a plugin or a model would be found here first.
  case absent
  /// A folder of blobs: what the snapshot knows to be in it is looked for.
  case blobs
}

/// What was at a path when it was last looked at.
struct WatchState {
  let identity: FileIdentity?
  /// Whether an equal identity means an equal file: no change could have had the same times.
  let isSettled: Bool
}

/// What was written to an output.
enum OutputState {
  case file(FileIdentity)
  /// A folder, as ``OutputFile/identity`` tells it.
  case folder(String)
  /// Nothing that an identity stands for.
  case unknown
}

/// One action of a node that is done.
struct StoredResult: Hashable {
  /// The shot that it made, for a stage that is cut by shot.
  let shot: String?
  /// What people call it, after the node.
  let label: String?
  let key: Digest
  let parts: [StoredPart]
  /// Whether only the node's last action reads it, which joins what the spans made.
  let isIntermediate: Bool

  /// - Parameter isJoined: whether the node's spans are joined.
  init(_ piece: Piece, key: Digest, parts: [StoredPart], isJoined: Bool) {
    (shot, label) = (piece.shot, piece.label)
    (self.key, self.parts) = (key, parts)
    isIntermediate = isJoined && piece != .join
  }
}

/// A snapshot, open for reading. Anything odd about its files makes it as good as none.
///
/// The file is a ``Header``, then three stretches with a checksum each. The *front* says what must be as it was
/// for there to be nothing to do: environment variables, files, outputs. The *graph* says which nodes read which
/// nodes and files, and where each node's *details* are. The *blobs* are all that must be in the store. So a
/// build that finds nothing to do reads the front alone. The patch beside it holds what builds of single nodes
/// have changed since.
final class Snapshot {
  let request: SnapshotRequest
  let header: Header
  let file: FileSystem.Descriptor
  let front: FileBytes
  var patch: SnapshotPatch
  /// The files' identities when they were opened.
  private let identities: [FileIdentity?]

  /// `nil` where there is none that can be used: one that is older than an hour cannot, since a build that looks at
  /// everything notes that its results are in use.
  init?(_ request: SnapshotRequest) {
    guard let file = try? FileSystem.Descriptor(reading: request.path),
      let identity = try? FileIdentity(descriptor: file.number, path: request.path),
      (0..<Index.usePrecision).contains(fileClock() - identity.modified),
      let header = Header(file), header.size == identity.size,
      let front = header.front.read(file)
    else { return nil }
    var reader = ByteReader(front.bytes)
    guard let owner = try? reader.stretch(), owner.elementsEqual(request.bytes) else { return nil }
    let patchIdentity = FileIdentity(at: request.patchPath)
    if patchIdentity != nil {
      // A patch of another snapshot of this name says nothing of this one.
      patch = SnapshotPatch(request.patchPath, of: header) ?? SnapshotPatch(actionCount: header.actionCount)
    } else {
      patch = SnapshotPatch(actionCount: header.actionCount)
    }
    self.request = request
    self.header = header
    self.file = file
    self.front = front
    identities = [identity, patchIdentity]
  }

  /// Whether no other build has written this snapshot since it was opened.
  var isCurrent: Bool {
    identities == [FileIdentity(at: request.path), FileIdentity(at: request.patchPath)]
  }

  /// Whether the index tells, of every action, that it was last run or found by a build of this snapshot.
  var isLatest: Bool {
    (try? FileSystem.read(Self.latestPath(request), limit: 100)) == Array(request.name.utf8)
  }

  /// Notes that the index no longer tells of the actions of any other request alone.
  static func willChangeLatest(_ request: SnapshotRequest) {
    if (try? FileSystem.read(latestPath(request), limit: 100)) != Array(request.name.utf8) {
      unlink(latestPath(request))
    }
  }

  /// Notes that the index tells of this request's actions from now on.
  static func setLatest(_ request: SnapshotRequest) {
    guard (try? FileSystem.read(latestPath(request), limit: 100)) != Array(request.name.utf8) else { return }
    try? FileSystem.makeFolder(request.folder)
    try? FileSystem.replace(latestPath(request), with: request.name.utf8)
  }

  private static func latestPath(_ request: SnapshotRequest) -> String { request.folder + "/latest" }

  /// Forgets the snapshot: the next build looks at everything.
  static func remove(_ request: SnapshotRequest) {
    unlink(request.path)
    unlink(request.patchPath)
  }
}

extension Snapshot {
  /// A stretch of the file.
  struct Stretch {
    let offset: Int
    let count: Int
    let checksum: UInt64

    /// The stretch's bytes, if they are what was written.
    func read(_ file: borrowing FileSystem.Descriptor) -> FileBytes? {
      guard let found = FileBytes(file, at: offset, count: count), ReelMedia.checksum(found.bytes) == checksum
      else { return nil }
      return found
    }
  }

  /// What a snapshot's file starts with.
  struct Header {
    /// Raised when a snapshot is written otherwise.
    static let format = 1
    static let byteCount = 15 * 8
    private static let magic = 0x746f_6873_6c65_6572

    /// Of the whole file.
    let size: Int
    let front: Stretch
    let graph: Stretch
    let blobs: Stretch
    let nodeCount: Int
    let actionCount: Int
    let outputCount: Int
    /// Of the header, and so of everything.
    let checksum: UInt64
    let bytes: [UInt8]

    init(
      size: Int, front: Stretch, graph: Stretch, blobs: Stretch, nodeCount: Int, actionCount: Int,
      outputCount: Int
    ) {
      (self.size, self.front, self.graph, self.blobs) = (size, front, graph, blobs)
      (self.nodeCount, self.actionCount, self.outputCount) = (nodeCount, actionCount, outputCount)
      var writer = ByteWriter()
      writer.append(Self.magic)
      writer.append(Self.format)
      writer.append(size)
      for stretch in [front, graph, blobs] {
        writer.append(stretch.offset)
        writer.append(stretch.count)
        writer.append(stretch.checksum)
      }
      for count in [nodeCount, actionCount, outputCount] { writer.append(count) }
      checksum = writer.bytes.withUnsafeBytes { ReelMedia.checksum($0) }
      bytes = writer.bytes + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    }

    init?(_ file: borrowing FileSystem.Descriptor) {
      guard let found = FileBytes(file, at: 0, count: Self.byteCount + 8) else { return nil }
      var reader = ByteReader(found.bytes)
      guard let numbers = try? (0..<16).map({ _ throws(UnreadableBytes) in try reader.number() }),
        numbers[0] == Self.magic, numbers[1] == Self.format
      else { return nil }
      func stretch(_ index: Int) -> Stretch {
        Stretch(
          offset: numbers[index], count: numbers[index + 1],
          checksum: UInt64(UInt(bitPattern: numbers[index + 2])))
      }
      self.init(
        size: numbers[2], front: stretch(3), graph: stretch(6), blobs: stretch(9), nodeCount: numbers[12],
        actionCount: numbers[13], outputCount: numbers[14])
      guard checksum == UInt64(UInt(bitPattern: numbers[15])) else { return nil }
    }
  }
}
