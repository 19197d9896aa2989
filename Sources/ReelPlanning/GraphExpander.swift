// From a pipeline to its graph: checks against the manifests, then one node for each variant.

import ReelStage

extension Graph {
  /// The most nodes that a graph may have, and the most files that it may deliver.
  public static let maximumNodes = 100_000

  /// Expands a pipeline.
  ///
  /// - Parameters:
  ///   - stages: the stages that there are.
  ///   - surroundings: what the machine says of files, models and parameters.
  /// - Throws: all that is wrong with the pipeline, what it already knows of itself included.
  public init(
    _ pipeline: Pipeline, stages: StageCatalogue, surroundings: Surroundings = Surroundings()
  ) throws(Diagnostics) {
    var expander = GraphExpander(pipeline, stages: stages, surroundings: surroundings)
    expander.expand()
    let problems = expander.problems
    guard problems.isEmpty else { throw Diagnostics(problems.diagnostics(inOrderOf: pipeline.sources)) }
    self = expander.graph
  }
}

/// Builds a graph, noting every error on the way.
struct GraphExpander {
  let pipeline: Pipeline
  let stages: StageCatalogue
  let surroundings: Surroundings
  var graph: Graph
  var problems: ProblemLog
  /// By id, the index of the node's declaration.
  let declarations: [String: Int]
  /// By axis and id, the rows.
  let rows: [String: [String: Row]]
  /// By declaration, what became of it.
  private(set) var expansions: [Expansion]
  /// Where it is noted that a source is absent in some variant.
  private var absencesNoted: Set<Place> = []
  private var checkedFiles: [CheckedFile: FileProblem?] = [:]
  /// How much more text and how many more values may be made.
  private(set) var budget = 64 << 20

  /// The variants of a declared node.
  struct Expansion {
    var axes: Set<String> = []
    /// By variant, the index in the graph.
    var nodes: [Variant: Int] = [:]
    /// Where its conditions leave it out.
    var absent: Set<Variant> = []
  }

  private struct CheckedFile: Hashable {
    let kind: FileReference.Kind
    let path: String
  }

  init(_ pipeline: Pipeline, stages: StageCatalogue, surroundings: Surroundings) {
    self.pipeline = pipeline
    self.stages = stages
    self.surroundings = surroundings
    graph = Graph(pipeline: pipeline)
    problems = pipeline.problems
    declarations = Dictionary(
      pipeline.nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    rows = Dictionary(
      pipeline.matrix.axes.map { axis in
        (axis.name, Dictionary(axis.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
      }, uniquingKeysWith: { first, _ in first })
    expansions = Array(repeating: Expansion(), count: pipeline.nodes.count)
  }

  mutating func expand() {
    for folder in pipeline.pluginFolders where !surroundings.isFolder(folder.path) {
      note(.noPluginFolder(folder.path), at: folder.place)
    }
    for file in pipeline.feedFiles {
      if let problem = problem(with: file) { note(.feedFile(file, problem), at: file.place) }
    }
    for node in pipeline.nodes { checkPorts(of: node) }
    for index in order() { expand(index) }
    for output in pipeline.outputs { expand(output) }
    checkOutputs()
  }

  // MARK: Declarations

  func manifest(of stage: String) -> Manifest? { try? stages.manifests[stage]?.get() }

  func node(_ id: String) -> NodeDeclaration? { declarations[id].map { pipeline.nodes[$0] } }

  private mutating func checkPorts(of node: NodeDeclaration) {
    guard stages.names.contains(node.stage) else {
      return note(.unknownStage(node.stage, known: stages.names.sorted()), at: node.stagePlace)
    }
    if let shots = node.shots, let port = output(of: shots), port.type != .prompts {
      note(.shotsOfOther(shots.text, node: node.id, given: port.type.rawValue), at: shots.place)
    }
    guard let manifest = manifest(of: node.stage) else { return }
    for input in node.inputs {
      guard let port = manifest.inputs.first(where: { $0.name == input.port }) else {
        note(.unknownPort(input.port, of: node.stage, known: manifest.inputs.map(\.name)), at: input.place)
        continue
      }
      for source in input.sources { check(source, fits: port, of: node) }
    }
    for port in manifest.inputs
    where !port.isOptional && !node.inputs.contains(where: { $0.port == port.name }) {
      note(.missingInput(port.name, node: node.id, stage: node.stage), at: node.place)
    }
  }

  private mutating func check(_ source: SourceDeclaration, fits port: Port, of node: NodeDeclaration) {
    guard let output = output(of: source) else { return }
    if output.type != port.type {
      note(
        .portTypes(
          port: port.name, node: node.id, wanted: port.type.rawValue,
          source: source.text, given: output.type.rawValue),
        at: source.place)
    }
  }

  /// The port that a source means; `nil` if it cannot be known. An unknown one is noted.
  mutating func output(of source: SourceDeclaration) -> Port? {
    guard let node = node(source.node), let manifest = manifest(of: node.stage) else { return nil }
    guard let name = source.port else { return manifest.outputs[0] }
    if let port = manifest.outputs.first(where: { $0.name == name }) { return port }
    note(
      .unknownOutput(name, of: source.node, stage: node.stage, known: manifest.outputs.map(\.name)),
      at: source.place)
    return nil
  }

  /// The declarations' indices, sources first, otherwise in the order of the pipeline; those on a cycle last.
  private mutating func order() -> [Int] {
    let sources = pipeline.nodes.map { node in
      Set(node.sources.compactMap { declarations[$0.node] })
    }
    var readers: [[Int]] = Array(repeating: [], count: sources.count)
    for (index, sources) in sources.enumerated() {
      for source in sources.sorted() { readers[source].append(index) }
    }
    var waiting = sources.map(\.count)
    var order: [Int] = []
    var ready = SortedQueue(sources.indices.filter { waiting[$0] == 0 })
    while let index = ready.popFirst() {
      order.append(index)
      for reader in readers[index] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.insert(reader) }
      }
    }
    let rest = sources.indices.filter { waiting[$0] > 0 }
    noteCycles(among: rest, sources: sources.map { $0.filter { waiting[$0] > 0 }.min() })
    return order + rest
  }

  /// Each of `rest` has a source among them in `sources`; following these ends in a cycle.
  private mutating func noteCycles(among rest: [Int], sources: [Int?]) {
    var visited: Set<Int> = []
    for start in rest where !visited.contains(start) {
      var path: [Int] = []
      var positions: [Int: Int] = [:]
      var current = start
      while !visited.contains(current), positions[current] == nil {
        positions[current] = path.count
        path.append(current)
        current = sources[current]!
      }
      visited.formUnion(path)
      guard let first = positions[current] else { continue }
      // From sources to readers, beginning with the node that stands first in the pipeline.
      var cycle = Array(path[first...].reversed())
      let smallest = cycle.firstIndex(of: cycle.min()!)!
      cycle = Array(cycle[smallest...] + cycle[..<smallest])
      let nodes = (cycle + [cycle[0]]).map { pipeline.nodes[$0] }
      note(.cycle(nodes.map(\.id)), at: nodes[0].place)
    }
  }

  // MARK: Nodes

  private mutating func expand(_ index: Int) {
    guard budget > 0 else { return }
    let node = pipeline.nodes[index]
    let parameters = Value(.record(node.parameters), at: node.place)
    // Which axes the node uses does not depend on the variant: references are not computed.
    var trace = evaluation(at: Variant(), each: node.eachValue)
    _ = trace.fill(parameters)
    _ = trace.fill(node.conditions.lookUps)
    take(trace, at: node.place)
    var axes = trace.axes
    for source in node.sources {
      if let source = declarations[source.node] { axes.formUnion(expansions[source].axes) }
    }
    expansions[index].axes = axes
    let variants = pipeline.matrix.variants(over: axes)
    guard graph.nodes.count + variants.count <= Graph.maximumNodes else {
      return note(.tooManyNodes(limit: Graph.maximumNodes), at: node.place)
    }
    // A broken matrix has no variant; the parameters are checked all the same.
    if variants.isEmpty { _ = resolve(node, variant: Variant(), each: node.eachValue) }
    for variant in variants {
      guard budget > 0 else { return }
      guard holds(node.conditions, at: variant, each: node.eachValue, place: node.place) else {
        expansions[index].absent.insert(variant)
        continue
      }
      let (values, files) = resolve(node, variant: variant, each: node.eachValue)
      expansions[index].nodes[variant] = graph.nodes.count
      graph.nodes.append(
        GraphNode(
          index: graph.nodes.count, id: node.id, variant: variant, stage: node.stage,
          manifest: stages.manifests[node.stage] ?? .failure(StageUnavailable("")), parameters: values,
          files: files, inputs: inputs(of: node, variant: variant),
          shots: node.shots.flatMap { source($0, variant: variant) }, timeout: node.timeout,
          memory: node.memory, retries: node.retries, place: node.place))
    }
  }

  private mutating func inputs(of node: NodeDeclaration, variant: Variant) -> [String: [GraphSource]] {
    var inputs: [String: [GraphSource]] = [:]
    for input in node.inputs {
      let sources = input.sources.compactMap { self.source($0, variant: variant) }
      let absent = input.sources.first { isAbsent($0, variant: variant) }
      // An input all of whose sources are left out is left open.
      guard sources.isEmpty, let absent else {
        inputs[input.port] = sources
        continue
      }
      let port = manifest(of: node.stage)?.inputs.first { $0.name == input.port }
      if port?.isOptional == false {
        noteAbsence(of: absent, for: "input '\(input.port)'", of: node, variant: variant)
      }
    }
    if let shots = node.shots, isAbsent(shots, variant: variant) {
      noteAbsence(of: shots, for: "the shots of its 'foreach'", of: node, variant: variant)
    }
    return inputs
  }

  /// Whether the source's conditions leave it out.
  private func isAbsent(_ source: SourceDeclaration, variant: Variant) -> Bool {
    guard let index = declarations[source.node] else { return false }
    return expansions[index].absent.contains(variant.projected(onto: expansions[index].axes))
  }

  /// Notes once, not in every variant, that a node lacks what it needs.
  private mutating func noteAbsence(
    of source: SourceDeclaration, for what: String, of node: NodeDeclaration, variant: Variant
  ) {
    guard absencesNoted.insert(source.place).inserted else { return }
    let name = variant.cells.isEmpty ? node.id : "\(node.id)@\(variant)"
    note(.absentSource(what: what, node: name, source: source.node), at: source.place)
  }

  mutating func holds(
    _ conditions: Conditions, at variant: Variant, each: Each, place: Place
  ) -> Bool {
    if conditions.isEmpty { return true }
    var evaluation = evaluation(at: variant, each: each)
    let holds = evaluation.holds(conditions)
    take(evaluation, at: place)
    for place in evaluation.later { note(.shotElsewhere, at: place) }
    return holds
  }

  func source(_ source: SourceDeclaration, variant: Variant) -> GraphSource? {
    guard let index = declarations[source.node] else { return nil }
    let expansion = expansions[index]
    guard let node = expansion.nodes[variant.projected(onto: expansion.axes)] else { return nil }
    let port = source.port ?? manifest(of: pipeline.nodes[index].stage)?.outputs[0].name ?? ""
    return GraphSource(node: node, port: port)
  }

  /// The node's parameters in a variant, checked and complete, and the files that they name.
  mutating func resolve(
    _ node: NodeDeclaration, variant: Variant, each: Each
  ) -> (JSON, [FileReference]) {
    var evaluation = evaluation(at: variant, each: each)
    let given = evaluation.fill(Value(.record(node.parameters), at: node.place))
    take(evaluation, at: node.place)
    guard let manifest = manifest(of: node.stage) else { return (given.json, []) }
    let type = ParameterType.record(manifest.parameters)
    switch type.resolve(given.json) {
    case .success(var values):
      var files: [FileReference] = []
      var isSound = true
      for file in self.files(in: values, of: type, written: given, evaluation, node) {
        if let name = manifest.nameOfDefault(file, given: given.json), case .missing = problem(with: file) {
          values = values.removing(name)
          continue
        }
        if !check(file) { isSound = false }
        files.append(file)
        values = values.replacing(file.parameter, with: .string(file.path))
      }
      // The stage itself looks only at parameters that are whole, which those of a shot are when it is there.
      if isSound, !evaluation.hasFailed, evaluation.later.isEmpty,
        let refusal = surroundings.refusal(node.stage, values, files)
      {
        note(refusal, in: given, of: node)
      }
      return (values, files)
    case .failure(let problems):
      for problem in problems.list where !evaluation.failed(at: problem, in: given) {
        note(problem, in: given, of: node)
      }
      // What is wrong with the other parameters says nothing about these files.
      let files = files(in: given.json, of: type, written: given, evaluation, node)
      for file in files { _ = check(file) }
      // Of a node that is repeated for each shot, what waits for the shot is as written.
      return evaluation.later.isEmpty ? (.null, []) : (given.json, files)
    }
  }

  /// The files that parameters name, but for those whose names wait for a shot.
  private func files(
    in values: JSON, of type: ParameterType, written: Value, _ evaluation: Evaluation, _ node: NodeDeclaration
  ) -> [FileReference] {
    var walk = FileWalk(home: pipeline.file, place: node.place)
    walk.visit(type, values, written: written, at: ParameterPath())
    return walk.files.filter { !evaluation.later.contains($0.place) }
  }

  private mutating func note(_ problem: ParameterProblem, in given: Value, of node: NodeDeclaration) {
    let parent = ParameterPath(problem.path.steps.dropLast())
    switch problem.reason {
    case .unknown(let name, let known):
      let place = given.field(at: problem.path)?.place ?? node.place
      if parent.steps.isEmpty {
        note(.unknownParameter(name, stage: node.stage, known: known), at: place)
      } else {
        note(.unknownParameterField(name, of: parent.description, stage: node.stage, known: known), at: place)
      }
    case .missing(let name):
      if problem.path.steps.isEmpty {
        note(.missingParameter(name, node: node.id, stage: node.stage), at: node.place)
      } else {
        let place = given.value(at: problem.path)?.place ?? node.place
        note(.missingParameterField(name, of: problem.path.description, stage: node.stage), at: place)
      }
    case .wrong(let wanted, let found):
      let value = given.value(at: problem.path)
      note(
        .wrongParameter(problem.path.description, wanted: wanted, found: found, from: value?.origin),
        at: value?.place ?? node.place)
    }
  }

  /// Notes what the stage says, at the value that it speaks of or the one that this should stand in.
  private mutating func note(_ refusal: ParameterRefusal, in given: Value, of node: NodeDeclaration) {
    guard !refusal.parameter.steps.isEmpty else {
      return note(.refusedNode(refusal.reason, node: node.id), at: node.place)
    }
    let message = "parameter '\(refusal.parameter)': \(refusal.reason)"
    var path = refusal.parameter
    if let value = given.value(at: path) {
      return note(.refusedParameters(message, from: value.origin), at: value.place)
    }
    while !path.steps.isEmpty, given.value(at: path) == nil { path.steps.removeLast() }
    guard !path.steps.isEmpty, let value = given.value(at: path) else {
      return note(.refusedNode(message, node: node.id), at: node.place)
    }
    note(.refusedParameters(message, from: nil), at: value.place)
  }

  /// Notes what is wrong with a file; whether nothing is.
  private mutating func check(_ file: FileReference) -> Bool {
    guard let problem = problem(with: file) else { return true }
    note(.parameterFile(file, problem), at: file.place)
    return false
  }

  private mutating func problem(with file: FileReference) -> FileProblem? {
    let key = CheckedFile(kind: file.kind, path: file.path)
    let problem = checkedFiles[key] ?? surroundings.problem(file)
    checkedFiles[key] = .some(problem)
    return problem
  }

  // MARK: Evaluation

  func evaluation(at variant: Variant, each: Each) -> Evaluation {
    var chosen: [String: Row] = [:]
    for cell in variant.cells { chosen[cell.axis] = rows[cell.axis]?[cell.row] }
    return Evaluation(pipeline.scope, rows: chosen, each: each, budget: min(budget, Evaluation.budget))
  }

  mutating func take(_ evaluation: Evaluation, at place: Place) {
    // After one hostile value no other is looked at.
    budget = evaluation.isSpent ? 0 : max(0, budget - evaluation.spent)
    if budget == 0, !evaluation.isSpent { note(.expansionTooLarge, at: place) }
    problems.add(evaluation.problems)
  }

  mutating func note(_ problem: Problem, at place: Place) { problems.note(problem, at: place) }
}
