// The part of a graph that is to be built.

/// Nodes to bring up to date and outputs to deliver.
public struct Selection: Hashable, Sendable {
  /// Indices into ``Graph/nodes``, ascending: sources before those that read them.
  public let nodes: [Int]
  /// Indices into ``Graph/outputs``, ascending.
  public let outputs: [Int]
}

extension Graph {
  /// What is built where no target is named: every output and what it needs; every node where the pipeline
  /// has no outputs.
  public var everything: Selection {
    guard !outputs.isEmpty else { return Selection(nodes: Array(nodes.indices), outputs: []) }
    return Selection(nodes: closure(of: outputs.map(\.source.node)), outputs: Array(outputs.indices))
  }

  /// What the targets need, and the outputs that they stand for.
  ///
  /// A target is a node (`spot`), a node with `foreach` (all that it became), a node at the variants with
  /// certain rows (`spot@market=us`, `spot@us,9x16`), or an output's path or a pattern of paths
  /// (`renders/*-us-*.mp4`). The outputs of a named node are delivered.
  ///
  /// - Throws: a diagnostic for each target that means nothing, with the target in the place of a file.
  public func selection(of targets: [String]) throws(Diagnostics) -> Selection {
    guard !targets.isEmpty else { return everything }
    var named: Set<Int> = []
    var delivered: Set<Int> = []
    var problems = ProblemLog()
    for target in targets {
      do throws(PlacedProblem) {
        let found = try find(target)
        named.formUnion(found.nodes)
        delivered.formUnion(found.outputs)
      } catch {
        problems.note(error)
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems.diagnostics(inOrderOf: targets)) }
    for (index, output) in outputs.enumerated() where named.contains(output.source.node) {
      delivered.insert(index)
    }
    let roots = named.union(delivered.map { outputs[$0].source.node })
    return Selection(nodes: closure(of: roots), outputs: delivered.sorted())
  }

  /// The nodes and all that they read, directly or not.
  private func closure(of roots: some Sequence<Int>) -> [Int] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for root in roots { isNeeded[root] = true }
    for node in nodes.reversed() where isNeeded[node.index] {
      for source in node.inputs.values.joined() { isNeeded[source.node] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }
  }

  private func find(_ target: String) throws(PlacedProblem) -> (nodes: [Int], outputs: [Int]) {
    let place = Place(file: target)
    let (id, rows) = Self.split(target)
    let ids = Set(pipeline.groups[id] ?? [id])
    let candidates = nodes.filter { ids.contains($0.id) }
    if !candidates.isEmpty {
      guard let rows else { return (candidates.map(\.index), []) }
      guard !rows.isEmpty else { throw PlacedProblem(place, .noTargetRow(node: id)) }
      for row in rows where !candidates.contains(where: { Self.has($0.variant, row) }) {
        let known = Set(candidates.flatMap(\.variant.cells).flatMap { [$0.row, "\($0.axis)=\($0.row)"] })
        throw PlacedProblem(place, .unknownTargetRow(row, node: id, known: known.sorted()))
      }
      let chosen = candidates.filter { node in rows.allSatisfy { Self.has(node.variant, $0) } }
      guard !chosen.isEmpty else { throw PlacedProblem(place, .noSuchVariant(node: id)) }
      return (chosen.map(\.index), [])
    }
    let glob = Glob(path(target, from: ""))
    let matching = outputs.indices.filter {
      outputs[$0].path == target || glob.matches(path(outputs[$0].path, from: ""))
    }
    guard matching.isEmpty else { return ([], matching) }
    guard !Glob.isPattern(target) else { throw PlacedProblem(place, .noOutputMatches) }
    let known = Set(nodes.map(\.id)).union(pipeline.groups.keys).union(outputs.map(\.path))
    throw PlacedProblem(place, .unknownTarget(id, known: known.sorted()))
  }

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
