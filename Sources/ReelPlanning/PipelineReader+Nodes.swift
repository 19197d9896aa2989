// Reading the nodes and the outputs.

import ReelStage

extension PipelineReader {
  private static let nodeKeys = [
    "stage", "in", "with", "foreach", "when", "timeout", "retries", "memory",
  ]
  private static let outputKeys = ["from", "when"]
  /// A year, in seconds.
  private static let maximumTimeout = 31_536_000.0
  private static let maximumRetries = 100

  mutating func readNodes() {
    if nodes.isEmpty, let place = nodesPlace { note(.noNodes, at: place) }
    var places: [String: Place] = [:]
    var sources: [(inputs: [Field], shots: Value?)] = []
    for field in nodes {
      guard let fields = record(field.value, as: "node '\(field.name)'") else { continue }
      for key in fields where !Self.nodeKeys.contains(key.name) {
        note(.unknownKeyOf("node '\(field.name)'", key.name, known: Self.nodeKeys), at: key.place)
      }
      guard isIdentifier(field.name), !field.name.contains(".") else {
        note(.badName(field.name, of: "node"), at: field.place)
        continue
      }
      for node in readNode(field) {
        if let first = places.updateValue(node.place, forKey: node.id) {
          note(.duplicate("node", node.id, first: first), at: node.place)
          continue
        }
        pipeline.nodes.append(node)
        let inputs = field.value["in"].map { readFields($0, of: node) } ?? []
        sources.append((inputs, shots(of: field)))
      }
    }
    let ids = Set(pipeline.nodes.map(\.id))
    for index in pipeline.nodes.indices {
      let each = pipeline.nodes[index].each
      let isRepeatedByShot = sources[index].shots != nil
      pipeline.nodes[index].shots = sources[index].shots.flatMap {
        readShots($0, of: pipeline.nodes[index], ids: ids)
      }
      pipeline.nodes[index].inputs = sources[index].inputs.map { field in
        let elements = field.value.list ?? [field.value]
        if elements.isEmpty {
          note(.wrong("input '\(field.name)'", wanted: "a node", found: "nothing"), at: field.value.place)
        }
        return InputDeclaration(
          port: field.name, place: field.place,
          sources: elements.flatMap {
            readSources(
              $0, each: isRepeatedByShot ? .laterShot : Each(each), ids: ids, as: "input '\(field.name)'")
          })
      }
    }
  }

  /// What `foreach: {shots: …}` names.
  private func shots(of field: Field) -> Value? {
    guard let foreach = field.value["foreach"], foreach.record?.count == 1 else { return nil }
    return foreach["shots"]
  }

  private mutating func readShots(
    _ value: Value, of node: NodeDeclaration, ids: Set<String>
  ) -> SourceDeclaration? {
    let what = "'foreach' of node '\(node.id)'"
    let sources = readSources(value, each: .none, ids: ids, as: what)
    if sources.count > 1 {
      note(.wrong(what, wanted: "one node", found: "\(sources.count)"), at: value.place)
    }
    // One that cannot be found has been reported; its shots are none the less to come.
    return sources.first ?? SourceDeclaration(node: "", port: nil, place: value.place)
  }

  private mutating func readFields(_ value: Value, of node: NodeDeclaration) -> [Field] {
    value.isNothing ? [] : record(value, as: "'in' of node '\(node.id)'") ?? []
  }

  /// The node, or one for each element of its `foreach` list. Its inputs are read when all nodes are known.
  private mutating func readNode(_ field: Field) -> [NodeDeclaration] {
    guard let stage = field.value["stage"] else {
      note(
        .nodeWithoutStage(field.name, known: nodes.map(\.name).filter { $0 != field.name }), at: field.place)
      return []
    }
    guard let name = stage.text, !name.isEmpty else {
      note(
        .wrong("'stage' of node '\(field.name)'", wanted: "a stage's name", found: stage.found),
        at: stage.place)
      return []
    }
    var parameters: [Field] = []
    if let with = field.value["with"], !with.isNothing {
      parameters = record(with, as: "'with' of node '\(field.name)'") ?? []
    }
    let timeout = readTimeout(field)
    let retries = readRetries(field)
    let memory = readMemory(field)
    let conditions = readConditions(field.value["when"], as: "node '\(field.name)'")
    func node(_ id: String, each: Row?) -> NodeDeclaration {
      NodeDeclaration(
        id: id, place: field.place, stage: name, stagePlace: stage.place, inputs: [], parameters: parameters,
        timeout: timeout, retries: retries, memory: memory, each: each, conditions: conditions)
    }
    guard let list = field.value["foreach"], shots(of: field) == nil else {
      return [node(field.name, each: nil)]
    }
    let rows = readRows(list, as: "'foreach' of node '\(field.name)'") ?? []
    let expanded = rows.map { node("\(field.name)-\($0.id)", each: $0) }
    pipeline.groups[field.name] = expanded.map(\.id)
    return expanded
  }

  private mutating func readTimeout(_ field: Field) -> Double? {
    guard let value = field.value["timeout"], !value.isNothing else { return nil }
    let filled = fill(value)
    if let seconds = filled.text.flatMap(Double.init), seconds > 0, seconds <= Self.maximumTimeout {
      return seconds
    }
    if !filled.isNothing {
      note(
        .wrong("'timeout' of node '\(field.name)'", wanted: "seconds above 0", found: filled.found),
        at: value.place)
    }
    return nil
  }

  private mutating func readRetries(_ field: Field) -> Int {
    guard let value = field.value["retries"], !value.isNothing else { return 0 }
    let filled = fill(value)
    if let count = filled.text.flatMap({ Int($0) }), (0...Self.maximumRetries).contains(count) {
      return count
    }
    if !filled.isNothing {
      note(
        .wrong(
          "'retries' of node '\(field.name)'", wanted: "a whole number from 0 to \(Self.maximumRetries)",
          found: filled.found), at: value.place)
    }
    return 0
  }

  private mutating func readMemory(_ field: Field) -> ByteCount? {
    guard let value = field.value["memory"], !value.isNothing else { return nil }
    let filled = fill(value)
    if let size = filled.text.flatMap({ ByteCount($0) }) { return size }
    if !filled.isNothing {
      note(
        .wrong("'memory' of node '\(field.name)'", wanted: ByteCount.wanted, found: filled.found),
        at: value.place)
    }
    return nil
  }

  /// `node` or `node.port`; a node with `foreach` stands for all that it became.
  private mutating func readSources(
    _ value: Value, each: Each, ids: Set<String>, as what: String
  ) -> [SourceDeclaration] {
    let filled = fill(value, each: each)
    guard let text = filled.text, !text.isEmpty else {
      // What could not be filled in has been reported.
      if !filled.isNothing || value.isNothing {
        note(
          .wrong(what, wanted: "a node, or a node and its port as in 'node.port'", found: value.found),
          at: value.place)
      }
      return []
    }
    func sources(_ name: String, port: String?) -> [SourceDeclaration]? {
      if let group = pipeline.groups[name] {
        return group.map { SourceDeclaration(node: $0, port: port, place: value.place) }
      }
      return ids.contains(name) ? [SourceDeclaration(node: name, port: port, place: value.place)] : nil
    }
    if let found = sources(text, port: nil) { return found }
    var node = text
    if let dot = text.lastIndex(of: ".") {
      node = String(text[..<dot])
      if let found = sources(node, port: String(text[text.index(after: dot)...])) { return found }
    }
    // A node that could not be read has been reported.
    let isUnread = nodeIndices[node] != nil || nodeIndices[text] != nil
    if !isUnread, !problems.isFull {
      note(.unknownNode(node, known: ids.union(pipeline.groups.keys).sorted()), at: value.place)
    }
    return []
  }

  mutating func readOutputs() {
    let ids = Set(pipeline.nodes.map(\.id))
    for field in outputs {
      let what = "output '\(field.name)'"
      var from = field.value
      var conditions = Conditions()
      if let fields = from.record {
        for key in fields where !Self.outputKeys.contains(key.name) {
          note(.unknownKeyOf(what, key.name, known: Self.outputKeys), at: key.place)
        }
        conditions = readConditions(from["when"], as: what)
        from = from["from"] ?? Value(.nothing, at: from.place)
      }
      var sources = readSources(from, each: .none, ids: ids, as: what)
      // The path of an output without a node is looked at all the same.
      if sources.isEmpty { sources = [SourceDeclaration(node: "", port: nil, place: from.place)] }
      for source in sources {
        pipeline.outputs.append(
          OutputDeclaration(written: field.nameValue, source: source, conditions: conditions))
      }
    }
  }
}
