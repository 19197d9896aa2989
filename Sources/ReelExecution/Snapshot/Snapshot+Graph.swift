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

  /// What all nodes share, and which of them read which files.
  struct GraphHead {
    let core: Digest
    let stages: [StageRecord]
    /// By the place of a watched file, of those that were asked for, the nodes that read it.
    let fileReaders: [Int: [Int]]

    init(_ bytes: FileBytes, readersOf files: Set<Int>) throws(UnreadableBytes) {
      var reader = ByteReader(bytes.bytes)
      core = try reader.digest()
      stages = try reader.list(StageRecord.init)
      var fileReaders: [Int: [Int]] = [:]
      for _ in 0..<(try reader.count()) {
        let (place, nodes) = (try reader.number(), try reader.stretch())
        guard files.contains(place) else { continue }
        var numbers = ByteReader(nodes)
        fileReaders[place] = try numbers.list { reader throws(UnreadableBytes) in try reader.number() }
      }
      self.fileReaders = fileReaders
    }
  }

  /// - Returns: `nil` where the snapshot is damaged.
  func graphHead(readersOf files: some Sequence<Int> = []) -> GraphHead? {
    header.graph.read(file).flatMap { try? GraphHead($0, readersOf: Set(files)) }
  }

  /// What the snapshot knows of a node.
  func details(of node: Int) throws(UnreadableBytes) -> NodeDetails {
    var found: NodeDetails?
    try readDetails(of: node..<node + 1) { found = $1 }
    guard let found else { throw UnreadableBytes() }
    return found
  }

  /// The nodes that read what has changed, and all that read these; and the outputs that have changed.
  ///
  /// - Returns: `nil` where the snapshot is damaged, or cannot tell what a node is like after the change.
  func part(_ changes: Changes, of request: Campaign.Request, in store: Store) -> ChangedPart? {
    guard let head = graphHead(readersOf: changes.contents) else { return nil }
    return try? part(changes, head, request, store)
  }

  private func part(
    _ changes: Changes, _ head: GraphHead, _ request: Campaign.Request, _ store: Store
  ) throws -> ChangedPart? {
    var found: [Int: NodeDetails] = [:]
    func look(at place: Int) throws(UnreadableBytes) -> NodeDetails {
      if let known = found[place] { return known }
      let details = try details(of: place)
      found[place] = details
      return details
    }
    var isWanted: Set<Int> = []
    var outputs: [Int: (node: Int, output: NodeOutput)] = [:]
    var open = head.fileReaders.values.flatMap { $0 }
    while let place = open.popLast() {
      guard isWanted.insert(place).inserted else { continue }
      let details = try look(at: place)
      if details.isRepeated { return nil }
      for output in details.outputs { outputs[output.place] = (place, output) }
      for source in details.sources { _ = try look(at: source) }
      open += details.readers
    }
    for (place, node) in changes.outputs where !isWanted.contains(node) {
      guard let output = try look(at: node).outputs.first(where: { $0.place == place }) else { return nil }
      outputs[place] = (node, output)
    }
    return try part(found, isWanted: isWanted, outputs: outputs, head, request, store)
  }

  private func part(
    _ found: [Int: NodeDetails], isWanted: Set<Int>, outputs: [Int: (node: Int, output: NodeOutput)],
    _ head: GraphHead, _ request: Campaign.Request, _ store: Store
  ) throws -> ChangedPart {
    let places = found.keys.sorted()
    let outputPlaces = outputs.keys.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
    let loader = StageLoader(snapshot: head, store: store)
    var nodes: [GraphNode] = []
    var results: [Int: [StoredResult]] = [:]
    var actionCount = 0
    for place in places {
      guard let details = found[place], head.stages.indices.contains(details.stage) else {
        throw UnreadableBytes()
      }
      nodes.append(
        try details.node(
          nodes.count, of: head.stages[details.stage], numbers: numbers,
          isComplete: isWanted.contains(place), file: request.file))
      if isWanted.contains(place) {
        actionCount += details.results.count
      } else {
        results[nodes.count - 1] = details.results
      }
    }
    let graph = Graph(
      file: request.file, nodes: nodes,
      outputs: try outputPlaces.map { place in
        guard let (node, output) = outputs[place], let number = numbers[node] else { throw UnreadableBytes() }
        return (output.path, GraphSource(node: number, port: output.port))
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
      done: done, places: places, outputPlaces: outputPlaces, actionCount: actionCount)
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
      let path = try reader.text()
      _ = try reader.number()
      return path
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
