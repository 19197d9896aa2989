// Writing a snapshot after a build that went well, and its patch after one of single nodes.

import Glibc
import ReelMedia
import ReelPlanning
import ReelStage

extension Snapshot {
  /// How many files the folder of snapshots may have: one that is full is emptied.
  private static let fileLimit = 64

  /// Writes down what a campaign is like after a build, or removes what was written before: a snapshot that does
  /// not fit is worse than none, and one that cannot be written is no failure of the build.
  ///
  /// - Parameter results: by node, what its actions made; of every selected node.
  static func write(
    _ campaign: Campaign, _ selection: Selection, _ results: [Int: [StoredResult]],
    as request: SnapshotRequest
  ) {
    remove(request)
    guard !campaign.store.lostIndex, let files = try? campaign.files(selection, results),
      let watches = campaign.watchList(files, of: selection),
      let writer = SnapshotWriter(campaign, selection, results, files, watches)
    else { return }
    try? FileSystem.makeFolder(request.folder)
    let older = (try? FileSystem.names(in: request.folder)) ?? []
    if older.count > fileLimit {
      for file in older { unlink("\(request.folder)/\(file)") }
    }
    try? FileSystem.replace(request.path, with: writer.bytes(for: request))
    setLatest(request)
  }

  /// Writes down what a build of some nodes has changed.
  ///
  /// - Parameter results: by node of the part, what its actions made; of every node that was looked at.
  func update(_ part: ChangedPart, _ changes: Changes, _ results: [Int: [StoredResult]]) {
    do {
      guard try take(part, changes, results) else { return Self.remove(request) }
      try patch.write(to: request.patchPath, of: header)
    } catch {
      Self.remove(request)
    }
  }

  private func take(_ part: ChangedPart, _ changes: Changes, _ results: [Int: [StoredResult]]) throws -> Bool
  {
    let store = part.campaign.store
    guard !store.lostIndex else { return false }
    for node in part.selection.nodes {
      guard let found = results[node] else { return false }
      try patch.setResults(found, of: part.places[node])
      patch.actionCount += found.count
    }
    patch.actionCount -= part.actionCount
    for (number, place) in part.outputPlaces.enumerated() {
      let output = part.campaign.graph.outputs[number]
      patch.outputs[place] = OutputState(
        of: FileSystem.path(output.path, in: part.campaign.folder),
        asWritten: try store.index.output(output.path)?.identity)
    }
    return try takeWatches(changes, results, store.digests)
  }

  /// Takes the changed files as they were read, and the folders that got new blobs as they stand now, if everything
  /// is in them that must be.
  private func takeWatches(
    _ changes: Changes, _ results: [Int: [StoredResult]], _ digests: FileDigests
  ) throws(UnreadableBytes) -> Bool {
    let contents = Set(changes.contents)
    let written = Set(results.values.joined().flatMap(\.parts).map(\.digest.firstByte))
    var firstFolder: Int?
    var folders: [Int: WatchState] = [:]
    var areRead = true
    try forEachWatch { index, kind, known, path in
      if contents.contains(index) {
        patch.watches[index] = digests.state(of: String(cString: path))
        // A file that no selected node reads is none of the snapshot's.
        if patch.watches[index] == nil { areRead = false }
      } else if kind == .blobs {
        let first = firstFolder ?? index
        firstFolder = first
        guard written.contains(index - first) else { return }
        let now = FileIdentity(at: path)
        let state = patch.watches[index] ?? known
        if now != state.identity || !state.isSettled { folders[index] = WatchState(asItStands: now) }
      }
    }
    guard areRead, !folders.isEmpty else { return areRead }
    patch.watches.merge(folders) { _, new in new }
    return try hasBlobs(in: Set(folders.keys))
  }

  /// Calls `body` with every watched file, in the order of their places.
  private func forEachWatch(
    _ body: (Int, WatchKind, WatchState, UnsafePointer<CChar>) -> Void
  ) throws(UnreadableBytes) {
    var reader = ByteReader(front.bytes)
    try skipEnvironment(&reader)
    for index in 0..<(try reader.count()) {
      guard let kind = WatchKind(rawValue: try reader.number()) else { throw UnreadableBytes() }
      body(index, kind, try WatchState(&reader), try reader.path())
    }
  }
}

/// The stretches of a new snapshot.
struct SnapshotWriter {
  private var front = ByteWriter()
  private var graph = ByteWriter()
  private var blobs = ByteWriter()
  private var rows = ByteWriter()
  /// What is read one by one: lists of blobs, then details.
  private var body = ByteWriter()
  private let nodeCount: Int
  private let outputCount: Int
  private var actionCount = 0

  /// `nil` where something is not any more as the build left it.
  init?(
    _ campaign: Campaign, _ selection: Selection, _ results: [Int: [StoredResult]],
    _ files: [[FileReference]], _ watches: WatchList
  ) {
    nodeCount = selection.nodes.count
    outputCount = selection.outputs.count
    let store = campaign.store
    var watches = watches
    let firstFolder = watches.watches.count
    for prefix in 0..<256 {
      watches.add(asItStands: "\(store.folder)/blobs/\(Blobs.folderName(prefix))", .blobs)
    }
    writeEnvironment(campaign)
    front.append(watches.watches) {
      $0.append($1.kind.rawValue)
      $1.state.write(to: &$0)
      $0.append($1.path)
    }
    let places = Dictionary(uniqueKeysWithValues: selection.nodes.enumerated().map { ($1, $0) })
    guard (try? writeOutputs(campaign, selection, places)) != nil,
      writeGraph(campaign, selection, files, watches),
      writeNodes(campaign, selection, results, places),
      writeBlobs(store, results.values.joined().flatMap(\.parts), firstFolder: firstFolder)
    else { return nil }
  }

  private mutating func writeEnvironment(_ campaign: Campaign) {
    front.append(["REEL_PLUGINS", "REEL_MODELS"] + campaign.graph.pipeline.environmentNames) { front, name in
      front.append(name)
      front.append(optional: getenv(name).map { String(cString: $0) })
    }
  }

  private mutating func writeOutputs(
    _ campaign: Campaign, _ selection: Selection, _ places: [Int: Int]
  ) throws {
    let written = Dictionary(
      try campaign.store.index.outputs().map { ($0.path, $0.identity) },
      uniquingKeysWith: { first, _ in first })
    front.append(selection.outputs) { front, index in
      let (path, source) = (campaign.graph.outputs[index].path, campaign.graph.outputs[index].source)
      let target = FileSystem.path(path, in: campaign.folder)
      OutputState(of: target, asWritten: written[path]).write(to: &front)
      front.append(target)
      front.append(path)
      front.append(places[source.node] ?? 0)
    }
  }

  private mutating func writeGraph(
    _ campaign: Campaign, _ selection: Selection, _ files: [[FileReference]], _ watches: WatchList
  ) -> Bool {
    guard let records = campaign.stageRecords() else { return false }
    graph.append(campaign.loader.core)
    graph.append(records) { $1.write(to: &$0) }
    var readers: [Int: [Int]] = [:]
    for (place, index) in selection.nodes.enumerated() {
      for path in (try? Campaign.sourceFiles(of: files[index])) ?? [] {
        guard let file = watches.contents[path] else { return false }
        if readers[file]?.last != place { readers[file, default: []].append(place) }
      }
    }
    graph.append(readers) { graph, entry in
      var nodes = ByteWriter()
      nodes.append(entry.value) { $0.append($1) }
      graph.append(entry.key)
      graph.append(stretch: nodes.bytes)
    }
    return true
  }

  private mutating func writeNodes(
    _ campaign: Campaign, _ selection: Selection, _ results: [Int: [StoredResult]], _ places: [Int: Int]
  ) -> Bool {
    let nodes = campaign.graph.nodes
    let stages = Dictionary(
      uniqueKeysWithValues: campaign.graph.pipeline.stageNames.enumerated().map { ($1, $0) })
    let readers = campaign.graph.readers
    var outputs: [Int: [NodeOutput]] = [:]
    for (place, index) in selection.outputs.enumerated() {
      let output = campaign.graph.outputs[index]
      outputs[output.source.node, default: []].append(
        NodeOutput(place: place, path: output.path, port: output.source.port))
    }
    for index in selection.nodes {
      guard let found = results[index], let stage = stages[nodes[index].stage] else { return false }
      var details = ByteWriter()
      NodeDetails(
        nodes[index], stage: stage, places: places, readers: readers[index].compactMap { places[$0] },
        outputs: outputs[index] ?? [], results: found
      ).write(to: &details)
      Snapshot.NodeRow(details: place(details.bytes)).write(to: &rows)
      actionCount += found.count
    }
    return true
  }

  /// Appends what is read on its own, and says where it is.
  private mutating func place(_ bytes: [UInt8]) -> Snapshot.Stretch {
    defer { body.append(raw: bytes) }
    return Snapshot.Stretch(bytes, at: body.bytes.count)
  }

  /// The blobs must be there after their folders were looked at.
  private mutating func writeBlobs(_ store: Store, _ parts: [StoredPart], firstFolder: Int) -> Bool {
    blobs.append(store.folder + "/blobs")
    blobs.append(firstFolder)
    // By folder, so that only those are read whose folder changed.
    var lists = [ByteWriter](repeating: ByteWriter(), count: 256)
    for part in parts { lists[part.digest.firstByte].append(part.digest) }
    for list in lists { place(list.bytes).write(to: &blobs) }
    return parts.allSatisfy { store.blobs.has($0.digest, size: $0.size) }
  }

  /// The whole file.
  func bytes(for request: SnapshotRequest) -> [UInt8] {
    var start = ByteWriter()
    start.append(stretch: request.bytes)
    var offset = Snapshot.Header.byteCount + 8
    let stretches = [start.bytes + front.bytes, graph.bytes, blobs.bytes].map { bytes in
      defer { offset += bytes.count }
      return (bytes: bytes, stretch: Snapshot.Stretch(bytes, at: offset))
    }
    let header = Snapshot.Header(
      size: offset + rows.bytes.count + body.bytes.count, front: stretches[0].stretch,
      graph: stretches[1].stretch, blobs: stretches[2].stretch, nodeCount: nodeCount,
      actionCount: actionCount, outputCount: outputCount)
    return header.bytes + stretches.flatMap(\.bytes) + rows.bytes + body.bytes
  }
}

extension OutputState {
  /// What stands at an output's target, if that is what was written there.
  ///
  /// - Parameter identity: as the index knows it.
  init(of target: String, asWritten identity: String?) {
    guard let identity, OutputFile.identity(of: target) == identity else {
      self = .unknown
      return
    }
    if let file = FileIdentity(at: target, follows: false), !file.isFolder,
      OutputFile.identity(file) == identity
    {
      self = .file(file)
    } else {
      self = .folder(identity)
    }
  }
}

extension Campaign {
  /// The plugins as a snapshot keeps them; `nil` where one could not be loaded.
  fileprivate func stageRecords() -> [Snapshot.StageRecord]? {
    let manifests = Dictionary(
      graph.nodes.map { ($0.stage, $0.manifest) }, uniquingKeysWith: { first, _ in first })
    var records: [Snapshot.StageRecord] = []
    for stage in graph.pipeline.stageNames {
      guard let plugin = loader.plugins[stage], let file = loader.folders.file(of: stage),
        case .success(let manifest) = manifests[stage],
        let identity = store.digests.state(of: plugin.path)?.identity
      else { return nil }
      records.append(
        Snapshot.StageRecord(
          name: stage, file: file, digest: plugin.digest, identity: identity, manifest: manifest))
    }
    return records
  }

  /// By node, the files that its parameters name; of one that is repeated for each shot, those of all its shots.
  ///
  /// - Parameter results: by node, what its actions made; of every selected node.
  fileprivate func files(
    _ selection: Selection, _ results: [Int: [StoredResult]]
  ) throws -> [[FileReference]] {
    var files = graph.nodes.map(\.files)
    for index in selection.nodes {
      let shots = try repeatedNode(graph.nodes[index]) { source in
        parts(of: graph.nodes[source.node], results[source.node] ?? [])[source.port] ?? []
      }
      if let shots { files[index] = shots.flatMap(\.node.files) }
    }
    return files
  }
}
