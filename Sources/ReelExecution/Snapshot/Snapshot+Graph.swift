// The part of a campaign that a change touches, taken from a snapshot without reading the pipeline.

import ReelPlanning
import ReelStage

/// Some nodes of a campaign that are to be looked at, and those that they read, which are done.
struct ChangedPart {
  let campaign: Campaign
  let selection: Selection
  /// By index in the campaign's graph, what the nodes made that are done.
  let done: [Int: [String: [Part]]]
  /// By index in the campaign's graph, the node's place in the snapshot.
  let places: [Int]
  /// By index in the campaign's graph, the output's place in the snapshot.
  let outputPlaces: [Int]
  /// How many actions the nodes that are looked at had.
  let actionCount: Int
}

extension Snapshot {
  /// A plugin of the campaign, as it was when the snapshot was written.
  struct StageRecord {
    let name: String
    /// Where it was found.
    let file: String
    let digest: Digest
    let identity: FileIdentity
    let manifest: Manifest
  }

  /// Which nodes read which nodes and files.
  struct GraphTable {
    let core: Digest
    let stages: [StageRecord]
    let outputs: [GraphSource]
    private let nodeCount: Int
    private let numbers: UnsafeRawBufferPointer
    private let owner: FileBytes

    /// Numbers of a node in the table: where its details are, how many bytes they have, their checksum, how many
    /// actions it has, where its sources start among the links, and where the files that it reads do. Both go on
    /// to the next number, the latter to the next node's.
    static let width = 6

    init(_ bytes: FileBytes, nodeCount: Int) throws(UnreadableBytes) {
      var reader = ByteReader(bytes.bytes)
      core = try reader.digest()
      stages = try reader.list(StageRecord.init)
      outputs = try reader.list(GraphSource.init)
      numbers = reader.rest
      self.nodeCount = nodeCount
      owner = bytes
      guard nodeCount >= 0, numbers.count % 8 == 0, numbers.count / 8 >= (nodeCount + 1) * Self.width else {
        throw UnreadableBytes()
      }
      var last = 0
      for node in 0...nodeCount {
        for column in [4, 5] where node < nodeCount || column == 4 {
          guard number(node, column) >= last else { throw UnreadableBytes() }
          last = number(node, column)
        }
      }
      guard last == numbers.count / 8 - (nodeCount + 1) * Self.width else { throw UnreadableBytes() }
    }

    private func number(at index: Int) -> Int {
      Int(Int64(littleEndian: numbers.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
    }

    func number(_ node: Int, _ column: Int) -> Int { number(at: node * Self.width + column) }

    private func links(_ range: Range<Int>) -> some Sequence<Int> {
      let start = (nodeCount + 1) * Self.width
      return range.lazy.map { number(at: start + $0) }
    }

    /// The nodes that a node reads, each once.
    func sources(of node: Int) -> some Sequence<Int> { links(number(node, 4)..<number(node, 5)) }

    /// The watched files that a node reads.
    func files(of node: Int) -> some Sequence<Int> { links(number(node, 5)..<number(node + 1, 4)) }
  }

  /// The graph; `nil` where the snapshot is damaged.
  func graphTable() -> GraphTable? {
    header.graph.read(file).flatMap { try? GraphTable($0, nodeCount: header.nodeCount) }
  }

  /// What the snapshot knows of a node.
  func details(of node: Int, _ table: GraphTable) throws(UnreadableBytes) -> NodeDetails {
    let stretch = Stretch(
      offset: header.blobs.offset + header.blobs.count + table.number(node, 0), count: table.number(node, 1),
      checksum: UInt64(UInt(bitPattern: table.number(node, 2))))
    guard let found = stretch.read(file) else { throw UnreadableBytes() }
    var reader = ByteReader(found.bytes)
    var details = try NodeDetails(&reader)
    if let changed = try patch.changedResults()[node] { details.results = changed }
    return details
  }

  /// The nodes that read what has changed, and all that read these; and the outputs that have changed.
  ///
  /// - Returns: `nil` where the snapshot is damaged.
  func part(_ changes: Changes, of request: Campaign.Request, in store: Store) -> ChangedPart? {
    guard let table = graphTable() else { return nil }
    let changedFiles = Set(changes.contents)
    var isWanted = [Bool](repeating: false, count: header.nodeCount)
    for node in isWanted.indices {
      isWanted[node] =
        table.files(of: node).contains { changedFiles.contains($0) }
        || table.sources(of: node).contains { $0 < node && isWanted[$0] }
    }
    var isPart = isWanted
    for node in isWanted.indices where isWanted[node] {
      for source in table.sources(of: node) {
        guard isPart.indices.contains(source) else { return nil }
        isPart[source] = true
      }
    }
    let changedOutputs = Set(changes.outputs)
    let outputs = table.outputs.indices.filter { index in
      let node = table.outputs[index].node
      guard isPart.indices.contains(node) else { return false }
      if changedOutputs.contains(index) { isPart[node] = true }
      return isWanted[node] || changedOutputs.contains(index)
    }
    return try? part(
      isPart.indices.filter { isPart[$0] }, isWanted: isWanted, outputs: outputs, table, request, store)
  }

  private func part(
    _ places: [Int], isWanted: [Bool], outputs: [Int], _ table: GraphTable, _ request: Campaign.Request,
    _ store: Store
  ) throws -> ChangedPart {
    let numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
    let loader = StageLoader(snapshot: table, store: store)
    var nodes: [GraphNode] = []
    var results: [Int: [StoredResult]] = [:]
    var actionCount = 0
    for place in places {
      let details = try details(of: place, table)
      guard table.stages.indices.contains(details.stage) else { throw UnreadableBytes() }
      let stage = table.stages[details.stage]
      nodes.append(
        try details.node(
          nodes.count, of: stage, numbers: numbers, isComplete: isWanted[place], file: request.file))
      if isWanted[place] {
        actionCount += details.results.count
      } else {
        results[nodes.count - 1] = details.results
      }
    }
    let paths = try outputPaths()
    let graph = Graph(
      file: request.file, nodes: nodes,
      outputs: try outputs.map { index in
        guard let node = numbers[table.outputs[index].node], paths.indices.contains(index) else {
          throw UnreadableBytes()
        }
        return (paths[index], GraphSource(node: node, port: table.outputs[index].port))
      })
    let campaign = Campaign(request, store: store, graph: graph, loader: loader)
    var done: [Int: [String: [Part]]] = [:]
    for (node, results) in results {
      done[node] = campaign.parts(of: nodes[node], results)
    }
    return ChangedPart(
      campaign: campaign,
      selection: Selection(
        nodes: nodes.indices.filter { done[$0] == nil }, outputs: Array(graph.outputs.indices)),
      done: done, places: places, outputPlaces: outputs, actionCount: actionCount)
  }

  /// The outputs' paths as the pipeline names them.
  func outputPaths() throws(UnreadableBytes) -> [String] {
    var reader = ByteReader(front.bytes)
    try skipEnvironment(&reader)
    for _ in 0..<(try reader.count()) {
      _ = try reader.number()
      _ = try WatchState(&reader)
      _ = try reader.path()
    }
    return try reader.list { reader throws(UnreadableBytes) in
      _ = try OutputState(&reader)
      _ = try reader.path()
      return try reader.text()
    }
  }

  /// Goes past what comes before the watched files.
  func skipEnvironment(_ reader: inout ByteReader) throws(UnreadableBytes) {
    _ = try reader.stretch()
    for _ in 0..<(try reader.count()) {
      _ = try reader.path()
      if try reader.flag() { _ = try reader.path() }
    }
  }
}

extension Snapshot.StageRecord {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    name = try reader.text()
    file = try reader.text()
    digest = try reader.digest()
    identity = try reader.identity()
    guard let json = try? JSON(parsing: try reader.text()), let manifest = Manifest(json: json) else {
      throw UnreadableBytes()
    }
    self.manifest = manifest
  }

  func write(to writer: inout ByteWriter) {
    writer.append(name)
    writer.append(file)
    writer.append(digest)
    writer.append(identity)
    writer.append(manifest.json.text)
  }
}

extension GraphSource {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    self.init(node: try reader.number(), port: try reader.text())
  }

  func write(to writer: inout ByteWriter) {
    writer.append(node)
    writer.append(port)
  }
}
