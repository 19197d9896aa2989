// The part of a graph that is to be built.

/// Nodes to bring up to date and outputs to deliver.
public struct Selection: Hashable, Sendable {
  /// Indices into ``Graph/nodes``, ascending: sources before those that read them.
  public let nodes: [Int]
  /// Indices into ``Graph/outputs``, ascending.
  public let outputs: [Int]

  package init(nodes: [Int], outputs: [Int]) {
    self.nodes = nodes
    self.outputs = outputs
  }
}

/// What somebody wants of a graph.
public struct Targets: Hashable, Sendable {
  /// Each a node (`spot`), a node with `foreach` (all that it became), a node at the variants with certain rows
  /// (`spot@market=us`, `spot@us,9x16`), or an output's path or a pattern of paths (`renders/*-us-*.mp4`). None
  /// stands for all that the pipeline delivers.
  public var names: [String]
  /// Nodes, written likewise: of what is wanted, only they and what they need.
  public var until: [String]
  /// Rows of the matrix, as in `market=us,format=9x16` or `us,9x16`: only what has all of one of these. What
  /// does not use an axis is in each of its variants.
  public var variants: [String]

  public init(_ names: [String] = [], until: [String] = [], variants: [String] = []) {
    self.names = names
    self.until = until
    self.variants = variants
  }

  /// As a command line has them.
  public var words: [String] {
    names + until.flatMap { ["--until", $0] } + variants.flatMap { ["--only-variant", $0] }
  }
}

extension Graph {
  /// What is built where no target is named: every output and what it needs; every node where the pipeline
  /// has no outputs.
  public var everything: Selection {
    guard !pipeline.outputs.isEmpty else { return Selection(nodes: Array(nodes.indices), outputs: []) }
    return Selection(nodes: closure(of: outputs.map(\.source.node)), outputs: Array(outputs.indices))
  }

  /// What the targets need, and the outputs that they stand for. The outputs of a named node are delivered.
  ///
  /// - Throws: a diagnostic for each target that means nothing, with the target in the place of a file.
  public func selection(of targets: Targets) throws(Diagnostics) -> Selection {
    var problems = ProblemLog()
    var wanted = roots(of: targets.names, &problems)
    let isEmpty = wanted.nodes.isEmpty && wanted.outputs.isEmpty
    let cells = targets.variants.compactMap { rows(of: $0, &problems) }
    if !cells.isEmpty {
      func isIncluded(_ variant: Variant) -> Bool { cells.contains { Self.fits(variant, $0) } }
      wanted.nodes = wanted.nodes.filter { isIncluded(nodes[$0].variant) }
      wanted.outputs = wanted.outputs.filter { isIncluded(outputs[$0].variant) }
      if !isEmpty, wanted.nodes.isEmpty, wanted.outputs.isEmpty, problems.isEmpty {
        problems.note(
          .nothingIsOfVariant, at: Self.place(of: targets.variants.joined(separator: " "), "--only-variant"))
      }
    }
    var roots = wanted.nodes.union(wanted.outputs.map { outputs[$0].source.node })
    if !targets.until.isEmpty, problems.isEmpty {
      roots = ends(targets.until, among: Set(closure(of: roots)), &problems)
    }
    guard problems.isEmpty else { throw Diagnostics(problems.diagnostics(inOrderOf: targets.names)) }
    let needed = closure(of: roots)
    let isNeeded = Set(needed)
    return Selection(
      nodes: needed, outputs: wanted.outputs.filter { isNeeded.contains(outputs[$0].source.node) }.sorted())
  }

  /// The nodes that a target names, by index, ascending: not what they need.
  public func nodes(named target: String) throws(Diagnostics) -> [Int] {
    do throws(PlacedProblem) {
      let found = try find(target, at: Place(file: target))
      return Set(found.nodes + found.outputs.map { outputs[$0].source.node }).sorted()
    } catch {
      throw Diagnostics([error.diagnostic])
    }
  }

  /// The graph of a selection alone.
  public func restricted(to selection: Selection) -> Graph {
    var graph = self
    let places = Dictionary(
      selection.nodes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func moved(_ source: GraphSource) -> GraphSource? {
      places[source.node].map { GraphSource(node: $0, port: source.port) }
    }
    graph.nodes = selection.nodes.enumerated().map { place, index in
      let node = nodes[index]
      return GraphNode(
        index: place, id: node.id, variant: node.variant, stage: node.stage, manifest: node.manifest,
        parameters: node.parameters, files: node.files,
        inputs: node.inputs.mapValues { $0.compactMap { moved($0) } },
        shots: node.shots.flatMap { moved($0) },
        timeout: node.timeout, memory: node.memory, retries: node.retries, place: node.place)
    }
    graph.outputs = selection.outputs.compactMap { index in
      let output = outputs[index]
      return moved(output.source).map {
        GraphOutput(path: output.path, source: $0, variant: output.variant, place: output.place)
      }
    }
    return graph
  }

  /// The nodes and all that they read, directly or not.
  private func closure(of roots: some Sequence<Int>) -> [Int] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for root in roots { isNeeded[root] = true }
    for node in nodes.reversed() where isNeeded[node.index] {
      for source in node.sources { isNeeded[source] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }
  }

  /// What the targets name, and the outputs of the nodes among it.
  private func roots(of targets: [String], _ problems: inout ProblemLog) -> (
    nodes: Set<Int>, outputs: Set<Int>
  ) {
    guard !targets.isEmpty else {
      return (pipeline.outputs.isEmpty ? Set(nodes.indices) : [], Set(outputs.indices))
    }
    var named: Set<Int> = []
    var delivered: Set<Int> = []
    for target in targets {
      do throws(PlacedProblem) {
        let found = try find(target, at: Place(file: target))
        named.formUnion(found.nodes)
        delivered.formUnion(found.outputs)
      } catch {
        problems.note(error)
      }
    }
    for (index, output) in outputs.enumerated() where named.contains(output.source.node) {
      delivered.insert(index)
    }
    return (named, delivered)
  }

  private func find(_ target: String, at place: Place) throws(PlacedProblem) -> (nodes: [Int], outputs: [Int])
  {
    if let nodes = try findNodes(target, at: place) { return (nodes, []) }
    let glob = Glob(path(target, from: ""))
    let matching = outputs.indices.filter {
      outputs[$0].path == target || glob.matches(path(outputs[$0].path, from: ""))
    }
    guard matching.isEmpty else { return ([], matching) }
    guard !Glob.isPattern(target) else {
      throw PlacedProblem(place, .noOutputMatches(known: outputs.map(\.path)))
    }
    let known = ids.union(outputs.map(\.path))
    throw PlacedProblem(place, .unknownTarget(Self.split(target).id, known: known.sorted()))
  }

  /// The ids of nodes, and those of nodes with `foreach`.
  private var ids: Set<String> { Set(pipeline.nodes.map(\.id)).union(pipeline.groups.keys) }

  /// The nodes of a target; `nil` where no node is called so.
  private func findNodes(_ target: String, at place: Place) throws(PlacedProblem) -> [Int]? {
    let (id, rows) = Self.split(target)
    guard ids.contains(id) else { return nil }
    let named = Set(pipeline.groups[id] ?? [id])
    let candidates = nodes.filter { named.contains($0.id) }
    guard !candidates.isEmpty else { throw PlacedProblem(place, .absentTarget(id)) }
    guard let rows else { return candidates.map(\.index) }
    guard !rows.isEmpty else { throw PlacedProblem(place, .noTargetRow(node: id)) }
    for row in rows where !candidates.contains(where: { Self.has($0.variant, row) }) {
      let known = Set(candidates.flatMap(\.variant.cells).flatMap { [$0.row, "\($0.axis)=\($0.row)"] })
      throw PlacedProblem(place, .unknownTargetRow(row, node: id, known: known.sorted()))
    }
    let chosen = candidates.filter { node in rows.allSatisfy { Self.has(node.variant, $0) } }
    guard !chosen.isEmpty else { throw PlacedProblem(place, .noSuchVariant(node: id)) }
    return chosen.map(\.index)
  }

  /// Of what is needed, the nodes at which the building ends.
  private func ends(_ targets: [String], among needed: Set<Int>, _ problems: inout ProblemLog) -> Set<Int> {
    var ends: Set<Int> = []
    for target in targets {
      let place = Self.place(of: target, "--until")
      do throws(PlacedProblem) {
        guard let found = try findNodes(target, at: place) else {
          throw PlacedProblem(place, .unknownNode(Self.split(target).id, known: ids.sorted()))
        }
        let chosen = needed.intersection(found)
        guard !chosen.isEmpty else { throw PlacedProblem(place, .endNotNeeded) }
        ends.formUnion(chosen)
      } catch {
        problems.note(error)
      }
    }
    return ends
  }

  /// By row of `market=us,format=9x16`, the cells that it can mean: a bare id may be a row of several axes.
  private func rows(of text: String, _ problems: inout ProblemLog) -> [[Variant.Cell]]? {
    let place = Self.place(of: text, "--only-variant")
    var rows: [[Variant.Cell]] = []
    let cells = pipeline.matrix.axes.flatMap { axis in
      axis.rows.map { Variant.Cell(axis: axis.name, row: $0.id) }
    }
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let meant = cells.filter { word == $0.row || word == "\($0.axis)=\($0.row)" }
      guard !meant.isEmpty else {
        let known = cells.map { word.contains("=") ? "\($0.axis)=\($0.row)" : $0.row }
        problems.note(.unknownVariantRow(word, known: known), at: place)
        return nil
      }
      rows.append(meant)
    }
    let certain = rows.compactMap { $0.count == 1 ? $0[0] : nil }
    for axis in pipeline.matrix.axes {
      let named = certain.filter { $0.axis == axis.name }
      guard Set(named.map(\.row)).count < 2 else {
        problems.note(.rowsOfOneAxis(axis.name, rows: named.map(\.row)), at: place)
        return nil
      }
    }
    return rows
  }

  /// Whether a variant has all of the rows on those of their axes that it uses.
  private static func fits(_ variant: Variant, _ rows: [[Variant.Cell]]) -> Bool {
    rows.allSatisfy { cells in
      cells.contains { variant[$0.axis] == $0.row } || cells.allSatisfy { variant[$0.axis] == nil }
    }
  }

  /// The place of an option's value.
  private static func place(of text: String, _ option: String) -> Place { Place(file: "\(option) \(text)") }

  /// `spot@us,9x16` as `spot` and its rows.
  private static func split(_ target: String) -> (id: String, rows: [String]?) {
    guard let at = target.firstIndex(of: "@") else { return (target, nil) }
    return (String(target[..<at]), target[target.index(after: at)...].split(separator: ",").map(String.init))
  }

  /// Whether the variant has a row, written `us` or `market=us`.
  private static func has(_ variant: Variant, _ row: String) -> Bool {
    variant.cells.contains { row == $0.row || row == "\($0.axis)=\($0.row)" }
  }
}
