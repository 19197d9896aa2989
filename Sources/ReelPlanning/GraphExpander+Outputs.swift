// The files that a graph delivers: one for each variant of an output.

import ReelStage

extension GraphExpander {
  mutating func expand(_ output: OutputDeclaration) {
    guard budget > 0 else { return }
    _ = self.output(of: output.source)
    let path = Value(.text(output.path), at: output.place)
    let each = node(output.source.node)?.eachValue ?? .none
    var trace = evaluation(at: Variant(), each: each)
    _ = trace.fill(path)
    _ = trace.fill(output.conditions.lookUps)
    take(trace, at: output.place)
    if trace.later.contains(output.place) { note(.shotElsewhere, at: output.place) }
    guard let source = declarations[output.source.node] else { return }
    let variants = pipeline.matrix.variants(over: trace.axes.union(expansions[source].axes))
    guard graph.outputs.count + variants.count <= Graph.maximumNodes else {
      return note(.tooManyOutputs(limit: Graph.maximumNodes), at: output.place)
    }
    for variant in variants {
      guard budget > 0 else { return }
      guard holds(output.conditions, at: variant, each: each, place: output.place) else { continue }
      var evaluation = evaluation(at: variant, each: each)
      let filled = evaluation.fill(path)
      take(evaluation, at: output.place)
      guard let text = filled.text, let source = self.source(output.source, variant: variant) else {
        continue
      }
      guard Self.isSafe(text, writtenAs: output.path) else {
        note(.unsafeOutput(text), at: output.place)
        continue
      }
      graph.outputs.append(GraphOutput(path: text, source: source, variant: variant, place: output.place))
    }
  }

  /// Whether a path names a file, and leaves the pipeline's folder only where the pipeline itself says so,
  /// not where a row of a feed does.
  private static func isSafe(_ path: String, writtenAs template: String) -> Bool {
    func climbs(_ path: String) -> Int { path.split(separator: "/").count { $0 == ".." } }
    guard let last = path.split(separator: "/", omittingEmptySubsequences: false).last else { return false }
    return !["", ".", ".."].contains(last) && !path.utf8.contains(0) && climbs(path) == climbs(template)
      && path.hasPrefix("/") == template.hasPrefix("/")
  }

  mutating func checkCollisions() {
    var first: [String: GraphOutput] = [:]
    for output in graph.outputs {
      let file = path(output.path, from: "")
      guard let other = first.updateValue(output, forKey: file) else { continue }
      first[file] = other
      if other.place == output.place {
        let axis = zip(other.variant.cells, output.variant.cells).first { $0 != $1 }?.0.axis
        note(.outputsCollide(output.path, other.variant, output.variant, axis: axis), at: output.place)
      } else {
        note(.duplicate("output", output.path, first: other.place), at: output.place)
      }
    }
  }
}
