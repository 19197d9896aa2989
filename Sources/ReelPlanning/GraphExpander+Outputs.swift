// Outputs: their paths in every variant, and whether each can stand where it is to stand.

import ReelStage

extension GraphExpander {
  /// The longest name of a file, in bytes: NAME_MAX of Linux.
  private static let longestName = 255

  mutating func expand(_ output: OutputDeclaration) {
    guard budget > 0 else { return }
    _ = self.output(of: output.source)
    let path = output.written
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
      guard let text = filled.text ?? (output.path.isEmpty ? "" : nil) else { continue }
      if let problem = Self.problem(with: text, writtenAs: output.path) {
        note(problem, at: output.place)
      } else if let source = self.source(output.source, variant: variant) {
        graph.outputs.append(GraphOutput(path: text, source: source, variant: variant, place: output.place))
      }
    }
  }

  /// Whether a path names a file, and leaves the pipeline's folder only where the pipeline itself says so, not
  /// where a row of a feed does.
  private static func problem(with path: String, writtenAs template: String) -> Problem? {
    func climbs(_ path: String) -> Int { path.split(separator: "/").count { $0 == ".." } }
    guard let last = path.split(separator: "/", omittingEmptySubsequences: false).last, !path.isEmpty else {
      return .noOutputPath
    }
    if ["", ".", ".."].contains(last) || path.utf8.contains(0) { return .outputIsFolder(path) }
    if climbs(path) != climbs(template) || path.hasPrefix("/") != template.hasPrefix("/") {
      return .outputClimbs(path)
    }
    let longest = path.split(separator: "/").map(\.utf8.count).max() ?? 0
    return longest > longestName ? .longName(path, bytes: longest, limit: longestName) : nil
  }

  /// Holds the outputs against each other, against what the pipeline reads, and against what stands there.
  mutating func checkOutputs() {
    let inputs = Inputs(of: self)
    var first: [String: GraphOutput] = [:]
    var sound: [(output: GraphOutput, location: String)] = []
    for output in graph.outputs {
      let file = location(of: output)
      if let problem = inputs.problem(with: output, at: file) ?? obstacle(to: output) {
        note(problem, at: output.place)
        continue
      }
      sound.append((output, file))
      guard let other = first.updateValue(output, forKey: file) else { continue }
      first[file] = other
      if other.place == output.place {
        let axis = zip(other.variant.cells, output.variant.cells).first { $0 != $1 }?.0.axis
        note(.outputsCollide(output.path, other.variant, output.variant, axis: axis), at: output.place)
      } else {
        note(.duplicate("output", output.path, first: other.place), at: output.place)
      }
    }
    for (output, file) in sound {
      guard let outer = ancestors(of: file).lazy.compactMap({ first[$0] }).first else { continue }
      note(.outputInOutput(output.path, outer: outer.path, at: outer.place), at: output.place)
    }
  }

  private func location(of output: GraphOutput) -> String {
    let file = path(output.path, from: pipeline.file)
    return surroundings.locations(file).first ?? file
  }

  /// What stands in an output's way: a folder where a file is to be, or the other way round.
  private func obstacle(to output: GraphOutput) -> Problem? {
    let file = path(output.path, from: pipeline.file)
    for folder in ancestors(of: file) {
      guard let found = surroundings.kind(folder) else { continue }
      if found == .folder { break }
      return .outputInTheWay(output.path, found: found, wanted: .folder)
    }
    guard let found = surroundings.kind(file),
      let manifest = try? graph.nodes[output.source.node].manifest.get(),
      let port = manifest.outputs.first(where: { $0.name == output.source.port })
    else { return nil }
    let wanted = port.type.deliveredKind
    return (found == .folder) == (wanted == .folder)
      ? nil : .outputInTheWay(output.path, found: found, wanted: wanted)
  }
}

extension PortType {
  /// What an output is that comes from such a port: pictures are a folder of files.
  fileprivate var deliveredKind: FileKind {
    switch self {
    case .prompts, .film: .file
    case .stills, .frames: .folder
    }
  }
}

/// The folders that a path lies in, the innermost first; not the root.
private func ancestors(of path: String) -> some Sequence<String> {
  sequence(first: path) { path in
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else { return nil }
    return String(path[..<slash])
  }.dropFirst()
}

/// What a pipeline reads, by where it is on the machine.
private struct Inputs {
  /// Files and folders that no output may stand at or in: by location, as the pipeline names them.
  private var read: [String: String] = [:]
  /// The folders that these lie in: an output that is a folder would take them away.
  private var above: [String: String] = [:]
  private var stores: Set<String> = []

  init(of expander: GraphExpander) {
    let surroundings = expander.surroundings
    func add(_ path: String, as name: String, to inputs: inout Inputs) {
      for location in surroundings.locations(path) {
        inputs.read[location] = name
        for folder in ancestors(of: location) { inputs.above[folder] = name }
      }
    }
    for source in expander.pipeline.sources { add(source, as: source, to: &self) }
    for plugin in expander.stages.files.sorted(by: { $0.key < $1.key }) {
      add(plugin.value, as: plugin.value, to: &self)
    }
    var seen: Set<String> = []
    for file in expander.graph.nodes.lazy.flatMap(\.files) where seen.insert(file.path).inserted {
      let isName = file.kind != .file && !file.path.contains("/")
      let path = isName ? surroundings.modelFolder(file.path) : file.path
      if let path { add(path, as: file.path, to: &self) }
    }
    let store = path(".reel", from: expander.pipeline.file)
    stores = Set(surroundings.locations(store))
    for folder in stores.flatMap({ Array(ancestors(of: $0)) }) { above[folder] = ".reel" }
  }

  /// Why `output` must not be written to `location`.
  func problem(with output: GraphOutput, at location: String) -> Problem? {
    if stores.contains(location) { return .outputInStore(output.path) }
    if read[location] != nil { return .outputIsRead(output.path, as: output.path) }
    if let inner = above[location] { return .outputIsRead(output.path, as: inner) }
    for folder in ancestors(of: location) {
      if stores.contains(folder) { return .outputInStore(output.path) }
      if let input = read[folder] { return .outputInsideRead(output.path, of: input) }
    }
    return nil
  }
}
