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
    // Which files a node reads that is repeated for each shot is known only once the shots are.
    guard !campaign.store.lostIndex, !campaign.graph.nodes.contains(where: { $0.shots != nil }),
      let watches = campaign.watchList(selection),
      let writer = SnapshotWriter(campaign, selection, results, watches)
    else { return }
    try? FileSystem.makeFolder(request.folder)
    let files = (try? FileSystem.names(in: request.folder)) ?? []
    if files.count > fileLimit {
      for file in files { unlink("\(request.folder)/\(file)") }
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
    let watched = try watchedPaths()
    for index in changes.contents {
      // A file that no selected node reads is none of the snapshot's.
      guard let state = store.digests.state(of: watched.paths[index]) else { return false }
      patch.watches[index] = state
    }
    for (number, place) in part.outputPlaces.enumerated() {
      let output = part.campaign.graph.outputs[number]
      patch.outputs[place] = OutputState(
        of: FileSystem.path(output.path, in: part.campaign.folder),
        asWritten: try store.index.output(output.path)?.identity)
    }
    return try settleFolders(watched)
  }

  /// Takes the folders of blobs as they stand now, if everything is there that must be.
  private func settleFolders(_ watched: (paths: [String], folders: [Int: WatchState])) throws -> Bool {
    var changed: [Int: WatchState] = [:]
    for (index, known) in watched.folders {
      let state = patch.watches[index] ?? known
      let now = FileIdentity(at: watched.paths[index])
      guard now != state.identity || !state.isSettled else { continue }
      changed[index] = WatchState(
        identity: now, isSettled: now.map { !$0.isRacy(at: fileClock()) } ?? true)
    }
    guard !changed.isEmpty else { return true }
    patch.watches.merge(changed) { _, new in new }
    return try hasBlobs(in: Set(changed.keys))
  }

  /// The paths of all watched files, and those that are folders of blobs.
  private func watchedPaths() throws(UnreadableBytes) -> (paths: [String], folders: [Int: WatchState]) {
    var reader = ByteReader(front.bytes)
    try skipEnvironment(&reader)
    var (paths, folders): ([String], [Int: WatchState]) = ([], [:])
    for index in 0..<(try reader.count()) {
      let kind = try reader.number()
      let state = try WatchState(&reader)
      if kind == WatchKind.blobs.rawValue { folders[index] = state }
      paths.append(try reader.text())
    }
    return (paths, folders)
  }
}

/// The stretches of a new snapshot.
struct SnapshotWriter {
  private var front = ByteWriter()
  private var graph = ByteWriter()
  private var blobs = ByteWriter()
  private var details = ByteWriter()
  private let nodeCount: Int
  private let outputCount: Int
  private var actionCount = 0

  /// `nil` where something is not any more as the build left it.
  init?(
    _ campaign: Campaign, _ selection: Selection, _ results: [Int: [StoredResult]], _ watches: WatchList
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
    guard (try? writeOutputs(campaign, selection)) != nil,
      writeGraph(campaign, selection, results, watches),
      writeBlobs(store, results.values.joined().flatMap(\.parts), firstFolder: firstFolder)
    else { return nil }
  }

  private mutating func writeEnvironment(_ campaign: Campaign) {
    front.append(["REEL_PLUGINS", "REEL_MODELS"] + campaign.graph.pipeline.environmentNames) { front, name in
      front.append(name)
      front.append(optional: getenv(name).map { String(cString: $0) })
    }
  }

  private mutating func writeOutputs(_ campaign: Campaign, _ selection: Selection) throws {
    let written = Dictionary(
      try campaign.store.index.outputs().map { ($0.path, $0.identity) },
      uniquingKeysWith: { first, _ in first })
    front.append(selection.outputs) { front, index in
      let path = campaign.graph.outputs[index].path
      let target = FileSystem.path(path, in: campaign.folder)
      OutputState(of: target, asWritten: written[path]).write(to: &front)
      front.append(target)
      front.append(path)
    }
  }

  private mutating func writeGraph(
    _ campaign: Campaign, _ selection: Selection, _ results: [Int: [StoredResult]], _ watches: WatchList
  ) -> Bool {
    let nodes = campaign.graph.nodes
    let places = Dictionary(uniqueKeysWithValues: selection.nodes.enumerated().map { ($1, $0) })
    let stages = campaign.graph.pipeline.stageNames
    let stagePlaces = Dictionary(uniqueKeysWithValues: stages.enumerated().map { ($1, $0) })
    graph.append(campaign.loader.core)
    guard let records = campaign.stageRecords(stages) else { return false }
    graph.append(records) { $1.write(to: &$0) }
    graph.append(selection.outputs) { graph, index in
      let source = campaign.graph.outputs[index].source
      GraphSource(node: places[source.node] ?? 0, port: source.port).write(to: &graph)
    }
    var links: [Int] = []
    for index in selection.nodes {
      guard let found = results[index], let stage = stagePlaces[nodes[index].stage],
        let files = campaign.watchedFiles(of: nodes[index], watches)
      else { return false }
      let start = details.bytes.count
      NodeDetails(nodes[index], stage: stage, places: places, results: found).write(to: &details)
      let sum = details.bytes.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }
      graph.append(start)
      graph.append(details.bytes.count - start)
      graph.append(sum)
      graph.append(found.count)
      graph.append(links.count)
      links += nodes[index].sources.compactMap { places[$0] }
      graph.append(links.count)
      links += files
      actionCount += found.count
    }
    for _ in 0..<Snapshot.GraphTable.width { graph.append(links.count) }
    for link in links { graph.append(link) }
    return true
  }

  /// The blobs must be there after their folders were looked at.
  private mutating func writeBlobs(_ store: Store, _ parts: [StoredPart], firstFolder: Int) -> Bool {
    blobs.append(store.folder + "/blobs")
    blobs.append(firstFolder)
    // By folder, so that only those are read that changed.
    var lists = [ByteWriter](repeating: ByteWriter(), count: 256)
    for part in parts {
      lists[part.digest.firstByte].append(part.digest)
      lists[part.digest.firstByte].append(part.size)
    }
    for list in lists { blobs.append(stretch: list.bytes) }
    return parts.allSatisfy { store.blobs.has($0.digest, size: $0.size) }
  }

  /// The whole file.
  func bytes(for request: SnapshotRequest) -> [UInt8] {
    var start = ByteWriter()
    start.append(stretch: request.bytes)
    let stretches = [start.bytes + front.bytes, graph.bytes, blobs.bytes]
    var offset = Snapshot.Header.byteCount + 8
    let placed = stretches.map { bytes in
      defer { offset += bytes.count }
      return Snapshot.Stretch(
        offset: offset, count: bytes.count, checksum: bytes.withUnsafeBytes { checksum($0) })
    }
    let header = Snapshot.Header(
      size: offset + details.bytes.count, front: placed[0], graph: placed[1], blobs: placed[2],
      nodeCount: nodeCount, actionCount: actionCount, outputCount: outputCount)
    return header.bytes + stretches.joined() + details.bytes
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
  fileprivate func stageRecords(_ stages: [String]) -> [Snapshot.StageRecord]? {
    let manifests = Dictionary(
      graph.nodes.map { ($0.stage, $0.manifest) }, uniquingKeysWith: { first, _ in first })
    var records: [Snapshot.StageRecord] = []
    for stage in stages {
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

  /// The places of the files that a node reads among those that are watched.
  fileprivate func watchedFiles(of node: GraphNode, _ watches: WatchList) -> [Int]? {
    var places: [Int] = []
    for path in (try? sourceFiles(of: node)) ?? [] {
      guard let place = watches.contents[path] else { return nil }
      places.append(place)
    }
    return places
  }
}
