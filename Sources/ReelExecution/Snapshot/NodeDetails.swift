// A node as a snapshot keeps it: all that a run must know of it, who reads it, and what its actions made.

import ReelPlanning
import ReelStage

/// An output as the node tells of it that it is made of.
struct NodeOutput {
  /// Among the snapshot's outputs.
  let place: Int
  let path: String
  let port: String
}

/// A node of a snapshot.
struct NodeDetails {
  let id: String
  let variant: Variant
  /// Its stage's place among the snapshot's.
  let stage: Int
  /// As JSON text: it is parsed where the node is looked at.
  let parameters: String
  let files: [FileReference]
  /// With the nodes' places in the snapshot.
  let inputs: [String: [GraphSource]]
  let timeout: Double?
  let memory: ByteCount?
  let retries: Int
  /// Whether it is repeated for each shot of a list: what it is for another list, only the pipeline's text tells.
  let isRepeated: Bool
  /// The places of the nodes that read it.
  let readers: [Int]
  /// What is delivered of it.
  let outputs: [NodeOutput]
  /// In the order of the film.
  var results: [StoredResult]

  /// The places of the nodes that it reads.
  var sources: [Int] { inputs.values.joined().map(\.node) }

  init(
    _ node: GraphNode, stage: Int, places: [Int: Int], readers: [Int], outputs: [NodeOutput],
    results: [StoredResult]
  ) {
    (id, variant, self.stage) = (node.id, node.variant, stage)
    (isRepeated, self.readers, self.outputs) = (node.shots != nil, readers, outputs)
    parameters = node.parameters.text
    files = node.files
    inputs = node.inputs.mapValues { sources in
      sources.map { GraphSource(node: places[$0.node] ?? 0, port: $0.port) }
    }
    (timeout, memory, retries) = (node.timeout, node.memory, node.retries)
    self.results = results
  }

  /// The node of a graph of which only some of the snapshot's nodes are part.
  ///
  /// - Parameters:
  ///   - numbers: by place in the snapshot, the index in that graph.
  ///   - isComplete: whether it may run, and so must have its parameters and inputs.
  ///   - file: the pipeline.
  func node(
    _ index: Int, of stage: Snapshot.StageRecord, numbers: [Int: Int], isComplete: Bool, file: String
  ) throws -> GraphNode {
    GraphNode(
      index: index, id: id, variant: variant, stage: stage.name, manifest: .success(stage.manifest),
      parameters: isComplete ? try JSON(parsing: parameters) : .null, files: isComplete ? files : [],
      inputs: isComplete
        ? try inputs.mapValues { sources in
          try sources.map { source in
            guard let node = numbers[source.node], node < index else { throw UnreadableBytes() }
            return GraphSource(node: node, port: source.port)
          }
        } : [:],
      shots: nil, timeout: timeout, memory: memory, retries: retries, place: Place(file: file))
  }
}

extension NodeDetails {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    id = try reader.text()
    variant = Variant(
      try reader.list { reader throws(UnreadableBytes) in
        Variant.Cell(axis: try reader.text(), row: try reader.text())
      })
    stage = try reader.number()
    parameters = try reader.text()
    files = try reader.list(FileReference.init)
    var inputs: [String: [GraphSource]] = [:]
    for _ in 0..<(try reader.count()) {
      inputs[try reader.text()] = try reader.list(GraphSource.init)
    }
    self.inputs = inputs
    timeout = try reader.flag() ? Double(bitPattern: UInt64(UInt(bitPattern: try reader.number()))) : nil
    memory = try reader.flag() ? ByteCount(try reader.number()) : nil
    retries = try reader.number()
    isRepeated = try reader.flag()
    readers = try reader.list { reader throws(UnreadableBytes) in try reader.number() }
    outputs = try reader.list { reader throws(UnreadableBytes) in
      NodeOutput(place: try reader.number(), path: try reader.text(), port: try reader.text())
    }
    results = try reader.list(StoredResult.init)
  }

  func write(to writer: inout ByteWriter) {
    writer.append(id)
    writer.append(variant.cells) {
      $0.append($1.axis)
      $0.append($1.row)
    }
    writer.append(stage)
    writer.append(parameters)
    writer.append(files) { $1.write(to: &$0) }
    writer.append(inputs) {
      $0.append($1.key)
      $0.append($1.value) { $1.write(to: &$0) }
    }
    writer.append(timeout != nil)
    if let timeout { writer.append(timeout.bitPattern) }
    writer.append(memory != nil)
    if let memory { writer.append(memory.bytes) }
    writer.append(retries)
    writer.append(isRepeated)
    writer.append(readers) { $0.append($1) }
    writer.append(outputs) {
      $0.append($1.place)
      $0.append($1.path)
      $0.append($1.port)
    }
    writer.append(results) { $1.write(to: &$0) }
  }
}

extension FileReference {
  fileprivate init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    let steps = try reader.list { reader throws(UnreadableBytes) -> ParameterPathStep in
      try reader.flag() ? .name(try reader.text()) : .index(try reader.number())
    }
    let kind: Kind =
      try reader.flag()
      ? .model(
        reading: try reader.list { reader throws(UnreadableBytes) in try reader.text() },
        orFile: try reader.flag()) : .file
    let path = try reader.text()
    self.init(
      parameter: ParameterPath(steps), kind: kind, path: path, place: Place(file: try reader.text()))
  }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.append(parameter.steps) { writer, step in
      switch step {
      case .name(let name):
        writer.append(true)
        writer.append(name)
      case .index(let index):
        writer.append(false)
        writer.append(index)
      }
    }
    switch kind {
    case .file: writer.append(false)
    case .model(let patterns, let orFile):
      writer.append(true)
      writer.append(patterns) { $0.append($1) }
      writer.append(orFile)
    }
    writer.append(path)
    writer.append(place.file)
  }
}
