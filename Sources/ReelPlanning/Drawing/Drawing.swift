// A graph as it is drawn: boxes, notes and what flows between them, whatever the language of the picture.

import ReelStage

/// What `reel graph` shows: nodes as boxes, outputs as notes.
public struct Drawing: Hashable, Sendable {
  public let title: String
  /// The nodes, sources before those that read them; then the outputs.
  public internal(set) var boxes: [Box] = []
  public internal(set) var arrows: [Arrow] = []

  /// How much of the matrix is shown.
  public enum Detail: String, Hashable, Sendable, CaseIterable {
    /// A box for each variant of a node.
    case byVariant
    /// A box for each node; all that its variants and the elements of its `foreach` list became stand for one.
    case byNode
  }

  public struct Box: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case node, output }

    public let kind: Kind
    /// The id of a node, or the path of an output.
    public let name: String
    /// The rows of its variant, one each: `market=jp`.
    public let rows: [String]
    /// Empty for an output.
    public let stage: String
    /// How many variants it stands for.
    public internal(set) var count = 1

    /// What is written in it, the name first: `footage ×4`.
    public var lines: [String] {
      [count > 1 ? "\(name) ×\(count)" : name] + rows + (stage.isEmpty ? [] : ["(\(stage))"])
    }
  }

  /// What stands at the arrow from a shot list to a node that is repeated for each of its shots.
  static let eachShot = "each shot"

  /// Something flows from one box to another.
  public struct Arrow: Hashable, Sendable {
    /// Indices into ``boxes``.
    public let source: Int
    public let target: Int
    /// The input port of a node; the output port that an output is written from.
    public let port: String
  }
}

extension Graph {
  /// The most boxes that are drawn where nobody says how much is to be seen.
  public static let readableBoxes = 40

  /// ``Drawing/Detail/byVariant`` for a graph that can be taken in so.
  public var readableDetail: Drawing.Detail {
    nodes.count + outputs.count <= Self.readableBoxes ? .byVariant : .byNode
  }

  public func drawing(_ detail: Drawing.Detail) -> Drawing {
    switch detail {
    case .byVariant: drawingByVariant
    case .byNode: drawingByNode
    }
  }

  private var drawingByVariant: Drawing {
    var drawing = Drawing(title: pipeline.name)
    for node in nodes {
      let rows = node.variant.cells.map { "\($0.axis)=\($0.row)" }
      drawing.boxes.append(Drawing.Box(kind: .node, name: node.id, rows: rows, stage: node.stage))
    }
    for output in outputs {
      drawing.boxes.append(Drawing.Box(kind: .output, name: output.path, rows: [], stage: ""))
    }
    draw(
      into: &drawing, boxOfNode: Array(nodes.indices), boxOfOutput: outputs.indices.map { nodes.count + $0 })
    return drawing
  }

  private var drawingByNode: Drawing {
    var drawing = Drawing(title: pipeline.name)
    var groupOfNode: [String: String] = [:]
    for (group, members) in pipeline.groups { for member in members { groupOfNode[member] = group } }
    var places: [String: Int] = [:]
    let boxOfNode = nodes.map { node in
      let name = groupOfNode[node.id] ?? node.id
      return drawing.add(name, key: name, stage: node.stage, .node, to: &places)
    }
    let paths = Dictionary(
      pipeline.outputs.map { ($0.place, $0.path) }, uniquingKeysWith: { first, _ in first })
    var outputPlaces: [String: Int] = [:]
    let boxOfOutput = outputs.map { output in
      let path = paths[output.place] ?? output.path
      return drawing.add(path, key: "\(output.place)", stage: "", .output, to: &outputPlaces)
    }
    draw(into: &drawing, boxOfNode: boxOfNode, boxOfOutput: boxOfOutput)
    return drawing
  }

  /// Draws each arrow once: by port of the reader, in the order of the nodes.
  private func draw(into drawing: inout Drawing, boxOfNode: [Int], boxOfOutput: [Int]) {
    var drawn: Set<Drawing.Arrow> = []
    func add(_ arrow: Drawing.Arrow) {
      if drawn.insert(arrow).inserted { drawing.arrows.append(arrow) }
    }
    for node in nodes {
      for (port, sources) in node.inputs.sorted(by: { $0.key < $1.key }) {
        for source in sources {
          add(Drawing.Arrow(source: boxOfNode[source.node], target: boxOfNode[node.index], port: port))
        }
      }
      if let shots = node.shots {
        add(
          Drawing.Arrow(
            source: boxOfNode[shots.node], target: boxOfNode[node.index], port: Drawing.eachShot))
      }
    }
    for (index, output) in outputs.enumerated() {
      add(
        Drawing.Arrow(
          source: boxOfNode[output.source.node], target: boxOfOutput[index], port: output.source.port))
    }
  }
}

extension Drawing {
  /// A new box, or one more in the box that has this key.
  fileprivate mutating func add(
    _ name: String, key: String, stage: String, _ kind: Box.Kind, to places: inout [String: Int]
  ) -> Int {
    if let place = places[key] {
      boxes[place].count += 1
      return place
    }
    places[key] = boxes.count
    boxes.append(Box(kind: kind, name: name, rows: [], stage: stage))
    return boxes.count - 1
  }
}
