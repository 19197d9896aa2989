// A pipeline file opened for work: read, expanded against its plugins, with its store beside it.

import Glibc
import ReelModels
import ReelPlanning
import ReelStage

/// A campaign: one pipeline file and all that is known about it.
public final class Campaign {
  /// The pipeline file.
  public let file: String
  /// The folder of the pipeline file, where its outputs and its store are.
  public let folder: String
  public let store: Store
  public let graph: Graph
  let loader: StageLoader
  /// The pipeline's files by path, as they were when they were read.
  private(set) var texts: [String: WatchState] = [:]
  private let parameterSources: SourceContents

  /// What the command line says about a campaign.
  public struct Request: Sendable {
    public var file: String
    /// Variables set with `-D`.
    public var overrides: [(name: String, value: String)]
    /// Folders given with `--plugins`.
    public var pluginFolders: [String]

    public init(file: String, overrides: [(name: String, value: String)] = [], pluginFolders: [String] = []) {
      self.file = file
      self.overrides = overrides
      self.pluginFolders = pluginFolders
    }

    /// Where the pipeline file is, its outputs and its store.
    public var folder: String { FileSystem.parent(of: file) ?? "." }
    public var storeFolder: String { folder == "." ? ".reel" : FileSystem.path(".reel", in: folder) }
  }

  /// Reads the pipeline and expands it.
  ///
  /// - Parameter openStore: called where the pipeline's text is right, so that a wrong one leaves no store
  ///   behind.
  /// - Parameter asksStages: whether the stages themselves look at the nodes' parameters, for which the files
  ///   that these name are read.
  /// - Throws: `Diagnostics` for a wrong pipeline, ``StoreError`` or ``FileError``.
  public init(
    _ request: Request, asksStages: Bool = true, openStore: (_ folder: String) throws -> Store
  ) throws {
    file = request.file
    folder = request.folder
    var texts: [String: WatchState] = [:]
    func readPipeline() -> Pipeline {
      texts = [:]
      return Measurements.phase("read the pipeline") {
        Pipeline(
          file: request.file, overrides: request.overrides, environment: Self.environment
        ) { path in
          let before = FileIdentity(at: path)
          let result = Self.read(path)
          let isSettled = before.map { !$0.isRacy(at: fileClock()) && $0 == FileIdentity(at: path) } ?? false
          texts[path] = WatchState(identity: before, isSettled: isSettled)
          return result
        }
      }
    }
    var pipeline = readPipeline()
    if pipeline.diagnostics.isEmpty {
      store = try Measurements.phase("open the store") { try openStore(request.storeFolder) }
      // Waiting for another run may have taken hours.
      if !texts.allSatisfy({ $1.isSettled && $1.identity == FileIdentity(at: $0) }) {
        pipeline = readPipeline()
      }
    } else {
      // The stages may have more to say about it.
      store = try Store(reading: request.storeFolder)
    }
    let loader = try StageLoader(
      folders: PluginFolders(given: request.pluginFolders, pipeline: pipeline.pluginFolders.map(\.path)),
      store: store)
    self.loader = loader
    let stages = try Measurements.phase("look the stages up") {
      try loader.catalogue(of: pipeline.stageNames)
    }
    let parameterSources = SourceContents(digests: store.digests)
    self.parameterSources = parameterSources
    var surroundings = Self.surroundings
    if asksStages {
      surroundings.refusal = { stage, parameters, files in
        Self.refusal(loader, parameterSources, stage: stage, parameters, files)
      }
    }
    defer { loader.endCheckers() }
    graph = try Measurements.phase("expand the graph") {
      try Graph(pipeline, stages: stages, surroundings: surroundings)
    }
    self.texts = texts
  }

  /// The part of a campaign that a snapshot tells of.
  init(_ request: Request, store: Store, graph: Graph, loader: StageLoader) {
    (file, folder) = (request.file, request.folder)
    (self.store, self.graph, self.loader) = (store, graph, loader)
    parameterSources = SourceContents(digests: store.digests)
  }

  /// The parts of a node's key that lie on the disk: what is in the files that its parameters name.
  func contents(of node: GraphNode) throws -> [ParameterPath: FileContent] {
    try parameterSources.contents(of: node.files)
  }

  /// What workers need to share what they make of the node's models; `nil` where it names none.
  func modelCache(of node: GraphNode) -> ModelCache? {
    var digests: [String: String] = [:]
    // A file that is gone or unreadable by now is the failure of the action.
    let contents = (try? contents(of: node)) ?? [:]
    for reference in node.files {
      guard case .model(let files)? = contents[reference.parameter],
        let directory = ModelFolders.directory(of: reference.path)
      else { continue }
      for (name, digest) in files { digests["\(directory)/\(name)"] = "\(digest)" }
    }
    return digests.isEmpty ? nil : ModelCache(files: store.derived, digests: digests)
  }

  /// The one file that a parameter names; `nil` where it names a model's directory, or what is not there.
  static func sourceFile(of reference: FileReference) -> String? {
    switch reference.kind {
    case .file: return reference.path
    case .model(let patterns, let orFile):
      guard orFile, ModelFolders.directory(of: reference.path) == nil else { return nil }
      return ModelFolders.file(of: reference.path, matching: patterns)
    }
  }

  /// The files of a model that a stage reads: path below the model's directory, and path.
  static func modelFiles(_ reference: FileReference) throws -> [(name: String, path: String)] {
    guard case .model(let patterns, _) = reference.kind,
      let directory = ModelFolders.directory(of: reference.path)
    else { return [] }
    return try ModelFolders.files(in: directory, matching: patterns).map { ($0, directory + "/" + $0) }
  }

  /// The node's parameters as its stage gets them: every file by its absolute path.
  func parameters(of node: GraphNode) -> JSON {
    Self.absolute(node.parameters, node.files)
  }

  private static func absolute(_ parameters: JSON, _ files: [FileReference]) -> JSON {
    files.reduce(parameters) { parameters, reference in
      let path =
        Self.sourceFile(of: reference).flatMap(FileSystem.realPath)
        ?? ModelFolders.directory(of: reference.path)
      return parameters.replacing(reference.parameter, with: .string(path ?? reference.path))
    }
  }

  /// Whether the node's plugin is still the one that its key speaks of.
  func hasItsPlugin(_ node: GraphNode) -> Bool {
    loader.plugins[node.stage].map { store.digests.isUnchanged($0.path) } ?? false
  }

  /// The source files that the key of a node speaks of which names these.
  static func sourceFiles(of files: [FileReference]) throws -> [String] {
    var paths = files.compactMap(sourceFile)
    for reference in files { paths += try modelFiles(reference).map(\.path) }
    return paths
  }

  /// The first of them that is not any more what it was.
  func changedSource(of node: GraphNode) throws -> String? {
    try Self.sourceFiles(of: node.files).first { !store.digests.isUnchanged($0) }
  }

  /// Looks at a source file again.
  func forget(source path: String) {
    store.digests.forget(path)
    parameterSources.forgetAll()
  }

  /// Every file that the campaign is made of: the pipeline and what it includes, feeds, files that parameters
  /// name, models and plugins. A file that is not there is among them: it may come.
  public var sources: [String] {
    var paths = graph.pipeline.sources
    for reference in Set(graph.nodes.flatMap(\.files)) {
      if let file = Self.sourceFile(of: reference) { paths.append(file) }
      paths += ((try? Self.modelFiles(reference)) ?? []).map(\.path)
    }
    return paths + loader.plugins.values.map(\.path).sorted()
  }

  /// The files that a pipeline is read from, whatever is wrong with it.
  public static func textSources(of request: Request) -> [String] {
    Pipeline(file: request.file, overrides: request.overrides, environment: environment, read: read).sources
  }

  // MARK: What the planner asks for

  private static var surroundings: Surroundings {
    var surroundings = Surroundings()
    surroundings.problem = problem(with:)
    // Thousands of outputs stand in a few folders.
    var folders: [String: String] = [:]
    surroundings.locations = { path in
      let parent = FileSystem.parent(of: path) ?? "."
      let folder = folders[parent] ?? FileSystem.parent(of: FileSystem.location(of: path)) ?? "/"
      folders[parent] = folder
      let location = FileSystem.path(FileSystem.name(of: path), in: folder)
      guard let real = FileSystem.realPath(path), real != location else { return [location] }
      return [location, real]
    }
    surroundings.modelFolder = ModelFolders.directory(of:)
    surroundings.isFolder = FileSystem.isFolder
    surroundings.kind = { try? FileIdentity(path: $0).kind }
    return surroundings
  }

  /// What a stage says against parameters, in the words of the pipeline where it speaks of a file.
  private static func refusal(
    _ loader: StageLoader, _ sources: SourceContents, stage: String, _ parameters: JSON,
    _ files: [FileReference]
  ) -> ParameterRefusal? {
    // A file that cannot be read is the failure of the node's actions.
    guard let contents = try? sources.contents(of: files) else { return nil }
    let refusal = loader.refusal(
      of: stage, parameters: absolute(parameters, files),
      contents: KeyRecord.parameters(parameters, with: contents))
    guard let refusal, refusal.parameter.steps.isEmpty else { return refusal }
    for reference in files {
      guard let path = FileSystem.realPath(reference.path), refusal.reason.hasPrefix(path + ": ") else {
        continue
      }
      let reason = refusal.reason.dropFirst(path.utf8.count + 2)
      return ParameterRefusal(parameter: reference.parameter, reason: "file '\(reference.path)': \(reason)")
    }
    return refusal
  }

  /// The folders of plugins that a pipeline names, whatever else is wrong with it.
  public static func pluginFolders(of file: String) -> [String] {
    Pipeline(file: file, overrides: [], environment: environment, read: read).pluginFolders.map(\.path)
  }

  private static var environment: [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }

  /// The largest pipeline or feed that is read.
  private static let textLimit = 64 << 20

  private static func read(_ path: String) -> Result<[UInt8], FileProblem> {
    do throws(FileError) {
      let kind = try FileIdentity(path: path).kind
      guard kind == .file else { return .failure(kind == .folder ? .isFolder : .isNoRegularFile) }
      return .success(try FileSystem.read(path, limit: textLimit))
    } catch {
      return .failure(problem(error))
    }
  }

  private static func problem(_ error: FileError) -> FileProblem {
    if error.isAbsence { return .missing(nearby: names(near: error.path)) }
    return error.code == EFBIG ? .tooLarge(limit: textLimit) : .unreadable(FileError.reason(error.code))
  }

  /// What is wrong with a file or a model that a parameter names.
  static func problem(with reference: FileReference) -> FileProblem? {
    guard let file = sourceFile(of: reference) else { return problem(withModel: reference) }
    do throws(FileError) {
      let kind = try FileIdentity(path: file).kind
      guard kind == .file else { return kind == .folder ? .isFolder : .isNoRegularFile }
      return access(file, R_OK) == 0 ? nil : .unreadable(FileError.reason(errno))
    } catch {
      return problem(error)
    }
  }

  private static func problem(withModel reference: FileReference) -> FileProblem? {
    if ModelFolders.directory(of: reference.path) != nil { return nil }
    guard reference.path.contains("/") else { return .missing(nearby: ModelFolders.names) }
    guard FileSystem.exists(reference.path) else { return .missing(nearby: names(near: reference.path)) }
    if case .model(let patterns, orFile: true) = reference.kind { return .isNoModel(patterns) }
    return .isNoFolder
  }

  private static func names(near path: String) -> [String] {
    (try? FileSystem.names(in: FileSystem.parent(of: path) ?? ".")) ?? []
  }
}

/// What is in the files and models that parameters name, each looked at once a run.
private final class SourceContents {
  private let digests: FileDigests
  private var known: [FileReference: FileContent] = [:]

  init(digests: FileDigests) { self.digests = digests }

  func contents(of files: [FileReference]) throws -> [ParameterPath: FileContent] {
    var found: [ParameterPath: FileContent] = [:]
    for reference in files { found[reference.parameter] = try content(of: reference) }
    return found
  }

  func forgetAll() { known = [:] }

  private func content(of reference: FileReference) throws -> FileContent {
    if let content = known[reference] { return content }
    let content: FileContent
    if let path = Campaign.sourceFile(of: reference) {
      content = .file(try digests.digest(of: path))
    } else {
      var files: [String: Digest] = [:]
      for (name, path) in try Campaign.modelFiles(reference) { files[name] = try digests.digest(of: path) }
      content = .model(files)
    }
    known[reference] = content
    return content
  }
}

extension Diagnostics: ExitCoded {
  public var exitCode: ExitCode { .wrongInput }
}
