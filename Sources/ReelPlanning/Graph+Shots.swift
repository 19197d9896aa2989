// A node that is repeated for each shot of a list that another node makes: what it is for each of them.

import ReelStage

extension Row {
  /// What `${each.…}` can name where a node is repeated for each shot.
  static let shotFields = ["id", "seconds", "seed", "prompt", "negative_prompt", "choices"]

  /// A shot as the element of a `foreach` list.
  ///
  /// - Parameter place: where the pipeline names the list.
  public init(shot: Shot, named name: String, place: Place) {
    func text(_ text: String) -> Value { Value(.text(text), at: place) }
    let choices = shot.choices.sorted { $0.key < $1.key }.map { Field($0.key, at: place, text($0.value)) }
    self.init(
      id: name, place: place,
      value: Value(
        .record([
          Field("id", at: place, text(name)),
          Field("seconds", at: place, text(shot.seconds.shortText)),
          Field("seed", at: place, text(String(shot.seed))),
          Field("prompt", at: place, text(shot.prompt)),
          Field("negative_prompt", at: place, text(shot.negativePrompt)),
          Field("choices", at: place, Value(.record(choices), at: place)),
        ]), at: place))
  }
}

extension Graph {
  /// A node that has ``GraphNode/shots``, as it is for each of them: the parameters filled in and checked.
  ///
  /// - Parameters:
  ///   - shots: by name, in the order of the film.
  ///   - surroundings: as for the graph.
  /// - Throws: all that is wrong with the parameters, with the shot for which it is.
  public func repeated(
    _ node: GraphNode, for shots: [(name: String, shot: Shot)],
    surroundings: Surroundings = Surroundings()
  ) throws(Diagnostics) -> [GraphNode] {
    guard let declaration = pipeline.nodes.first(where: { $0.id == node.id }) else { return [] }
    let place = declaration.shots?.place ?? declaration.place
    var expander = GraphExpander(
      pipeline, stages: StageCatalogue([node.stage: node.manifest]), surroundings: surroundings)
    var diagnostics: [Diagnostic] = []
    let nodes = shots.map { name, shot in
      let row = Row(shot: shot, named: name, place: place)
      var copy = node
      expander.problems = ProblemLog()
      (copy.parameters, copy.files) = expander.resolve(declaration, variant: node.variant, each: .row(row))
      diagnostics += expander.problems.diagnostics(inOrderOf: pipeline.sources).map {
        Diagnostic($0.place, "\($0.message) in shot '\(name)'")
      }
      return copy
    }
    guard diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    return nodes
  }
}
