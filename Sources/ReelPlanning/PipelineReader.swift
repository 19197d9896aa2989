// From YAML files to a pipeline: the top level of a file, what it includes, and the order of the steps.

import ReelStage

extension Pipeline {
  /// The version of the language that this reads: `reel: 1`.
  public static let version = 1

  /// Reads a pipeline.
  ///
  /// - Parameters:
  ///   - file: its path. Paths in it start from its folder.
  ///   - overrides: variables set on the command line, `-D name=value`; dots reach into records.
  ///   - environment: of it, only what the pipeline declares under `env` is seen.
  ///   - read: reads the pipeline, the files that it includes and its feeds.
  public init(
    file: String, overrides: [(name: String, value: String)] = [], environment: [String: String] = [:],
    read: FileReading
  ) {
    self = withoutActuallyEscaping(read) { read in
      var reader = PipelineReader(file: file, environment: environment, read: read)
      return reader.read(overrides: overrides)
    }
  }
}

/// The path of a file that `home` names: `path` from the folder of `home`, without `.` and needless `..`.
func path(_ path: String, from home: String) -> String {
  if path.hasPrefix("/") { return normalised(path) }
  guard let slash = home.utf8.lastIndex(of: UInt8(ascii: "/")) else { return normalised(path) }
  return normalised(home[...slash] + path)
}

private func normalised(_ path: String) -> String {
  var names: [Substring] = []
  for name in path.split(separator: "/") where name != "." {
    if name == "..", let last = names.last, last != ".." { names.removeLast() } else { names.append(name) }
  }
  if path.hasPrefix("/") { return "/" + names.joined(separator: "/") }
  return names.isEmpty ? "." : names.joined(separator: "/")
}

/// Collects what the files say, then makes sense of it step by step, noting every error on the way.
struct PipelineReader {
  let read: FileReading
  var pipeline: Pipeline
  var problems = ProblemLog()
  /// The name field of the pipeline file itself.
  private var name: Value?
  private var vars: [Field] = []
  /// By name, the place in `vars`.
  private var variableIndices: [String: Int] = [:]
  /// The axes as written, in the order of the files.
  var axes: [Field] = []
  var exclusions: [Value] = []
  var inclusions: [Value] = []
  /// The nodes as written, in the order of the files, overrides merged in.
  var nodes: [Field] = []
  var outputs: [Field] = []
  /// By id, the place in `nodes`.
  private(set) var nodeIndices: [String: Int] = [:]
  private var outputPlaces: [String: Place] = [:]
  /// The files being read, the outermost first.
  private var reading: [String] = []
  /// Whether a file could not be read.
  private var isIncomplete = false
  /// Where it is told that there are no nodes; `nil` where that follows from something else.
  var nodesPlace: Place?

  /// How much more text and how many more values may be made.
  private var budget = 32 << 20

  private static let keys = [
    "reel", "name", "include", "vars", "env", "plugins", "matrix", "stages", "outputs",
  ]
  private static let maximumIncludes = 100

  init(file: String, environment: [String: String], read: @escaping FileReading) {
    self.read = read
    pipeline = Pipeline(file: file, sources: [])
    nodesPlace = Place(file: file)
    pipeline.scope.environment = environment
  }

  mutating func read(overrides: [(name: String, value: String)]) -> Pipeline {
    readFile(pipeline.file, namedAt: nil)
    // Of a pipeline that is not all there, only what was found so far is worth telling.
    if !isIncomplete {
      for (name, value) in overrides { override(name, with: value) }
      pipeline.scope.vars = vars
      readName()
      readMatrix()
      readNodes()
      readOutputs()
      checkVariables()
    }
    pipeline.problems = problems
    return pipeline
  }

  // MARK: Files

  private mutating func readFile(_ file: String, namedAt place: Place?) {
    if let start = reading.firstIndex(of: file), let place {
      isIncomplete = true
      return note(.includeCycle(reading[start...] + [file]), at: place)
    }
    // A file that two others include is read once.
    guard !pipeline.sources.contains(file) else { return }
    guard pipeline.sources.count < Self.maximumIncludes else {
      isIncomplete = true
      return note(.tooManyFiles(limit: Self.maximumIncludes), at: place ?? Place(file: file))
    }
    pipeline.sources.append(file)
    reading.append(file)
    defer { reading.removeLast() }
    switch read(file) {
    case .failure(let problem):
      isIncomplete = true
      note(place == nil ? .pipelineUnreadable(problem) : .file(file, problem), at: place ?? Place(file: file))
    case .success(let bytes):
      do throws(PlacedProblem) {
        let document = try Document(reading: bytes, of: file)
        problems.add(document.problems)
        take(document)
      } catch {
        isIncomplete = true
        problems.note(error)
      }
    }
  }

  /// Takes in the top level of a file, after what it includes.
  private mutating func take(_ document: Document) {
    guard let fields = record(document.root, as: "a pipeline") else {
      isIncomplete = true
      return
    }
    for field in fields where !Self.keys.contains(field.name) {
      note(.unknownKey(field.name, known: Self.keys), at: field.place)
    }
    checkVersion(document.root)
    if let include = document.root["include"] { takeIncludes(include) }
    for field in fields where !field.value.isNothing {
      switch field.name {
      case "name": if reading.count == 1 { name = field.value }
      case "vars": takeVariables(field.value)
      case "env": takeEnvironment(field.value)
      case "plugins":
        for folder in texts(field.value, as: "'plugins'") {
          pipeline.pluginFolders.append((path(folder.text ?? "", from: folder.home), folder.place))
        }
      case "matrix": takeMatrix(field.value)
      case "stages": takeNodes(field.value)
      case "outputs": takeOutputs(field.value)
      default: break
      }
    }
  }

  private mutating func checkVersion(_ root: Value) {
    guard let version = root["reel"], !version.isNothing else {
      return note(.missingVersion, at: root.place)
    }
    if version.text != "\(Pipeline.version)" { note(.otherVersion(found: version.found), at: version.place) }
  }

  private mutating func takeIncludes(_ value: Value) {
    var seen: Set<String> = []
    for included in texts(value, as: "'include'") {
      let file = path(included.text ?? "", from: included.home)
      guard seen.insert(file).inserted else {
        note(.includedTwice(file), at: included.place)
        continue
      }
      readFile(file, namedAt: included.place)
    }
  }

  /// Variables of the including file, which comes later, take the place of those of the included one.
  private mutating func takeVariables(_ value: Value) {
    for field in record(value, as: "'vars'") ?? [] {
      guard Template.isName(field.name) else {
        note(.badName(field.name, of: "variable"), at: field.place)
        continue
      }
      if let index = variableIndices[field.name] {
        vars[index] = field
      } else {
        variableIndices[field.name] = vars.count
        vars.append(field)
      }
    }
  }

  private mutating func takeEnvironment(_ value: Value) {
    for name in texts(value, as: "'env'") where !pipeline.scope.declared.contains(name.text ?? "") {
      pipeline.scope.declared.append(name.text ?? "")
    }
  }

  private mutating func takeMatrix(_ value: Value) {
    for field in record(value, as: "'matrix'") ?? [] {
      switch field.name {
      case "exclude", "include":
        guard let list = field.value.list else {
          note(
            .wrong("'\(field.name)'", wanted: "a list of mappings", found: field.value.found),
            at: field.value.place)
          continue
        }
        if field.name == "exclude" { exclusions += list } else { inclusions += list }
      default:
        if let first = axes.first(where: { $0.name == field.name }) {
          note(.duplicate("axis", field.name, first: first.place), at: field.place)
        } else if Template.isName(field.name) {
          axes.append(field)
        } else {
          note(.badName(field.name, of: "axis"), at: field.place)
        }
      }
    }
  }

  private mutating func takeNodes(_ value: Value) {
    guard let fields = record(value, as: "'stages'") else {
      nodesPlace = nil
      return
    }
    if reading.count == 1, nodesPlace != nil { nodesPlace = value.place }
    for field in fields {
      guard let index = nodeIndices[field.name] else {
        nodeIndices[field.name] = nodes.count
        nodes.append(field)
        continue
      }
      if field.value["stage"] != nil {
        note(.duplicate("node", field.name, first: nodes[index].place), at: field.place)
      } else if let own = record(field.value, as: "node '\(field.name)'"),
        let included = nodes[index].value.record
      {
        let merged = merge(own, over: included, fieldByField: ["with", "in"])
        nodes[index] = Field(
          field.name, at: nodes[index].place, Value(.record(merged), at: nodes[index].value.place))
      }
    }
  }

  /// The fields of `base` with those of `own` in their place, those `fieldByField` merged likewise.
  private func merge(_ own: [Field], over base: [Field], fieldByField names: [String] = []) -> [Field] {
    var merged = base
    for field in own {
      guard let index = merged.firstIndex(where: { $0.name == field.name }) else {
        merged.append(field)
        continue
      }
      if names.contains(field.name), let inner = field.value.record, let base = merged[index].value.record {
        let fields = merge(inner, over: base)
        merged[index] = Field(field.name, at: field.place, Value(.record(fields), at: field.value.place))
      } else {
        merged[index] = field
      }
    }
    return merged
  }

  private mutating func takeOutputs(_ value: Value) {
    for field in record(value, as: "'outputs'") ?? [] {
      if let first = outputPlaces[field.name] {
        note(.duplicate("output", field.name, first: first), at: field.place)
      } else {
        outputPlaces[field.name] = field.place
        outputs.append(field)
      }
    }
  }

  // MARK: Names and variables

  private mutating func override(_ name: String, with text: String) {
    let place = Place(file: "-D \(name)=\(text)", home: pipeline.file)
    let value = Value(.text(text), at: place)
    let names = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let index = variableIndices[names[0]] else {
      return note(.unknownVariable(names[0], known: vars.map(\.name)), at: place)
    }
    if let replaced = replacing(
      names.dropFirst(), of: vars[index].value, named: names[0], with: value, at: place)
    {
      vars[index] = Field(names[0], at: vars[index].place, replaced)
    }
  }

  private mutating func replacing(
    _ names: ArraySlice<String>, of value: Value, named path: String, with replacement: Value, at place: Place
  ) -> Value? {
    guard let next = names.first else { return replacement }
    guard var fields = value.record else {
      note(.fieldOfText(names: ["vars", path, next]), at: place)
      return nil
    }
    guard let index = fields.firstIndex(where: { $0.name == next }) else {
      note(.unknownField(next, of: "vars.\(path)", known: fields.map(\.name)), at: place)
      return nil
    }
    guard
      let inner = replacing(
        names.dropFirst(), of: fields[index].value, named: "\(path).\(next)", with: replacement, at: place)
    else { return nil }
    fields[index] = Field(next, at: fields[index].place, inner)
    return Value(.record(fields), at: value.place, from: value.origin)
  }

  /// The name as written, or the pipeline file's without its folder and extension.
  private mutating func readName() {
    let stem = pipeline.file.split(separator: "/").last.map(String.init) ?? pipeline.file
    pipeline.name = stem.split(separator: ".").first.map(String.init) ?? stem
    if let name {
      let filled = fill(name)
      if let text = filled.text, !text.isEmpty, !text.contains("/"), text != ".", text != ".." {
        pipeline.name = text
      } else if !filled.isNothing {
        note(.wrong("'name'", wanted: "a name without slashes", found: filled.found), at: name.place)
      }
    }
    pipeline.scope.name = pipeline.name
  }

  /// Variables that no node uses are checked too.
  private mutating func checkVariables() {
    for variable in pipeline.scope.vars where budget > 0 {
      var evaluation = Evaluation(pipeline.scope, rows: [:], budget: min(budget, Evaluation.budget))
      _ = evaluation.fill(variable.value)
      take(evaluation)
    }
  }

  // MARK: Reading values

  mutating func note(_ problem: Problem, at place: Place) { problems.note(problem, at: place) }

  /// `value` with its references filled in, where the matrix has no row yet.
  mutating func fill(_ value: Value, each: Each = .none) -> Value {
    guard budget > 0 else { return Value(.nothing, at: value.place) }
    var evaluation = Evaluation(pipeline.scope, rows: nil, each: each, budget: min(budget, Evaluation.budget))
    let filled = evaluation.fill(value)
    take(evaluation)
    for place in evaluation.later { note(.shotElsewhere, at: place) }
    return evaluation.later.isEmpty ? filled : Value(.nothing, at: value.place)
  }

  private mutating func take(_ evaluation: Evaluation) {
    // After one hostile value no other is looked at.
    budget = evaluation.isSpent ? 0 : max(0, budget - evaluation.spent)
    problems.add(evaluation.problems)
  }

  mutating func record(_ value: Value, as what: String) -> [Field]? {
    if let fields = value.record { return fields }
    note(.wrong(what, wanted: "a mapping", found: value.found), at: value.place)
    return nil
  }

  /// A text or a list of texts.
  private mutating func texts(_ value: Value, as what: String) -> [Value] {
    (value.list ?? [value]).filter { element in
      if let text = element.text, !text.isEmpty { return true }
      note(.wrong(what, wanted: "text or a list of texts", found: element.found), at: element.place)
      return false
    }
  }
}
