// What is known of a campaign after a build that went well: where nothing changed since, the next one need not
// read the pipeline, expand it, or ask the index.

import Glibc
import ReelTensor
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
  var patchPath: String { path + Self.patchSuffix }
  static let patchSuffix = ".patch"
  /// Whose actions the index tells of.
  var latestPath: String { "\(folder)/\(LatestRequest.fileName)" }
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

extension WatchState {
  /// Of a file or folder that was looked at just now.
  init(asItStands identity: FileIdentity?) {
    self.init(identity: identity, isSettled: identity.map { !$0.isRacy(at: fileClock()) } ?? true)
  }
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
/// The file is a ``Header``, then stretches with a checksum each. The *front* says what must be as it was for there
/// to be nothing to do: environment variables, files, outputs. The *graph* says which nodes read which files, a
/// row for each node where its ``NodeDetails`` are, and the *blobs* where the lists are of all that must be in the
/// store, by folder. So a build that finds nothing to do reads the front alone, and one that finds a changed file
/// reads of the rest what that file concerns. The patch beside it holds what builds of single nodes have changed
/// since.
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
    var patch = SnapshotPatch(actionCount: header.actionCount)
    if patchIdentity != nil {
      do {
        // A patch of another snapshot of this name says nothing of this one.
        if let found = try SnapshotPatch(request.patchPath, of: header) { patch = found }
      } catch {
        return nil
      }
    }
    self.patch = patch
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
  var isLatest: Bool { Self.isLatest(request) }

  private static func isLatest(_ request: SnapshotRequest) -> Bool {
    (try? LatestRequest(reading: request.latestPath))?.name == request.name
  }

  /// Notes that the index no longer tells of the actions of any other request alone.
  static func willChangeLatest(_ request: SnapshotRequest) {
    if !isLatest(request) { unlink(request.latestPath) }
  }

  /// Notes that the index tells of this request's actions from now on.
  static func setLatest(_ request: SnapshotRequest) {
    guard !isLatest(request) else { return }
    try? FileSystem.makeFolder(request.folder)
    try? FileSystem.replace(request.latestPath, with: LatestRequest(name: request.name).text.utf8)
  }

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
    ///
    /// - Parameter start: where offsets are counted from.
    func read(_ file: borrowing FileSystem.Descriptor, after start: Int = 0) -> FileBytes? {
      guard start >= 0, offset >= 0, offset <= 1 << 40,
        let found = FileBytes(file, at: start + offset, count: count),
        ReelTensor.checksum(found.bytes) == checksum
      else { return nil }
      return found
    }
  }

  /// What a snapshot's file starts with.
  struct Header {
    /// Raised when a snapshot is written otherwise.
    static let format = 3
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
    /// Where the nodes' rows end and what is read one by one begins: lists of blobs, details.
    var bodyStart: Int { blobs.offset + blobs.count + nodeCount * NodeRow.byteCount }
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
      checksum = writer.bytes.withUnsafeBytes { ReelTensor.checksum($0) }
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

extension Snapshot.Stretch {
  /// - Parameter offset: where it starts, counted from where it will be looked for.
  init(_ bytes: some Collection<UInt8>, at offset: Int) {
    self.init(
      offset: offset, count: bytes.count, checksum: Array(bytes).withUnsafeBytes { ReelTensor.checksum($0) })
  }

  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    (offset, count) = (try reader.number(), try reader.number())
    checksum = UInt64(UInt(bitPattern: try reader.number()))
  }

  func write(to writer: inout ByteWriter) {
    writer.append(offset)
    writer.append(count)
    writer.append(checksum)
  }
}

extension Snapshot {
  /// Where a node's details are, with a checksum of its own: of many rows few are read.
  struct NodeRow {
    static let byteCount = 4 * 8
    let details: Stretch

    init(details: Stretch) { self.details = details }

    init(_ reader: inout ByteReader) throws(UnreadableBytes) {
      details = try Stretch(&reader)
      guard UInt64(UInt(bitPattern: try reader.number())) == sum else { throw UnreadableBytes() }
    }

    private var sum: UInt64 {
      var writer = ByteWriter()
      details.write(to: &writer)
      return writer.bytes.withUnsafeBytes { ReelTensor.checksum($0) }
    }

    func write(to writer: inout ByteWriter) {
      details.write(to: &writer)
      writer.append(sum)
    }
  }

  /// The details of nodes that follow each other; every one's row is checked, and its bytes.
  ///
  /// - Parameter use: called for each.
  func readDetails(of nodes: Range<Int>, use: (_ node: Int, NodeDetails) -> Void) throws(UnreadableBytes) {
    guard (0..<header.nodeCount).contains(nodes.lowerBound), nodes.upperBound <= header.nodeCount,
      let found = FileBytes(
        file, at: header.bodyStart - (header.nodeCount - nodes.lowerBound) * NodeRow.byteCount,
        count: nodes.count * NodeRow.byteCount)
    else { throw UnreadableBytes() }
    var rows = ByteReader(found.bytes)
    for node in nodes {
      guard let bytes = try NodeRow(&rows).details.read(file, after: header.bodyStart) else {
        throw UnreadableBytes()
      }
      var reader = ByteReader(bytes.bytes)
      var details = try NodeDetails(&reader)
      if let changed = try patch.changedResults()[node] { details.results = changed }
      use(node, details)
    }
  }
}
