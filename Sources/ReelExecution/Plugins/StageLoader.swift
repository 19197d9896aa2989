// The manifests of the stages that a pipeline uses: asked of workers once, then known by content.

import Glibc
import ReelPlanning
import ReelStage

/// A plugin's file and what is in it.
struct Plugin: Hashable, Sendable {
  let stage: String
  let path: String
  let digest: Digest
}

/// Finds plugins and learns their manifests. Used by one thread, the one that starts the workers.
final class StageLoader {
  let folders: PluginFolders
  private let store: Store
  private let worker: String
  /// The digest of the core library: part of every key.
  let core: Digest
  private(set) var plugins: [String: Plugin] = [:]
  /// By stage, the worker that is asked about parameters and actions; `nil` for one that gave no answer.
  private var checkers: [String: WorkerProcess?] = [:]

  /// Seconds that a plugin may take to load, or to look at a node's parameters.
  private static let patience = 10.0

  init(folders: PluginFolders, store: Store, worker: String = Installation.worker) throws {
    self.folders = folders
    self.store = store
    self.worker = worker
    guard let path = Installation.core else { throw InstallationError.noCore }
    core = try store.digests.digest(of: path)
  }

  /// The plugins that a snapshot knows, which were found to be as they were.
  init(snapshot: Snapshot.GraphHead, store: Store, worker: String = Installation.worker) {
    folders = PluginFolders(only: [])
    self.store = store
    self.worker = worker
    core = snapshot.core
    for stage in snapshot.stages {
      let path = FileSystem.realPath(stage.file) ?? stage.file
      plugins[stage.name] = Plugin(stage: stage.name, path: path, digest: stage.digest)
      store.digests.learn(stage.digest, of: path, identity: stage.identity)
    }
  }

  /// What the pipeline's stages declare.
  func catalogue(of stages: [String]) throws -> StageCatalogue {
    var manifests: [String: Result<Manifest, StageUnavailable>] = [:]
    for stage in stages {
      if let manifest = try manifest(of: stage) { manifests[stage] = manifest }
    }
    return StageCatalogue(
      manifests, otherNames: folders.stages, files: plugins.mapValues(\.path))
  }

  /// The stage's declaration, or why its plugin cannot be loaded; `nil` where there is no plugin.
  func manifest(of stage: String) throws -> Result<Manifest, StageUnavailable>? {
    guard let file = folders.file(of: stage) else { return nil }
    let path = FileSystem.realPath(file) ?? file
    let digest: Digest
    do {
      digest = try store.digests.digest(of: path)
    } catch is FileError {
      // A folder, an unreadable file: the worker says it in the words for plugins.
      return .failure(StageUnavailable(refusal(of: path, stage: stage)))
    }
    if let manifest = try store.index.manifest(plugin: digest, core: core, stage: stage) {
      plugins[stage] = Plugin(stage: stage, path: path, digest: digest)
      return .success(manifest)
    }
    do throws(WorkerError) {
      let process = try WorkerProcess(executable: worker, plugin: path, stage: stage)
      let manifest = try process.describe(timeout: Self.patience)
      plugins[stage] = Plugin(stage: stage, path: path, digest: digest)
      try? store.index.record(manifest, plugin: digest, core: core, stage: stage)
      return .success(manifest)
    } catch {
      return .failure(StageUnavailable(Self.text(error, path)))
    }
  }

  /// What a stage says against a node's parameters, which stand with absolute paths.
  ///
  /// What it took once it takes again, as long as it, the core and the parameters with their files are the same.
  /// A plugin that gives no answer says nothing here: that is the failure of its actions.
  ///
  /// - Parameter contents: the parameters with what is in their files in the place of the paths.
  func refusal(of stage: String, parameters: JSON, contents: JSON) -> ParameterRefusal? {
    guard let plugin = plugins[stage] else { return nil }
    let digest = Digest(of: "\(plugin.digest) \(core) \(stage) \(contents.text)")
    // An index to read that is older than this knowledge has no place for it.
    if (try? store.index.isAccepted(digest)) == true { return nil }
    guard let checker = checker(of: stage, plugin) else { return nil }
    do throws(WorkerError) {
      if let refusal = try checker.check(parameters, timeout: Self.patience) { return refusal }
    } catch {
      checkers[stage] = .some(nil)
      return nil
    }
    try? store.index.accept(digest)
    return nil
  }

  /// What an action takes; `nil` where its stage cannot say, or gave no answer.
  ///
  /// - Parameter identity: equal for equal actions of the stage.
  func estimate(of stage: String, _ request: WorkRequest, identity: Digest) -> ActionEstimate? {
    guard let plugin = plugins[stage] else { return nil }
    let digest = Digest(of: "\(plugin.digest) \(core) \(identity)")
    // An index to read that is older than this knowledge has no place for it.
    if let known = try? store.index.estimate(digest) { return known }
    guard let checker = checker(of: stage, plugin) else { return nil }
    do throws(WorkerError) {
      let estimate = try checker.estimate(request, timeout: Self.patience)
      try? store.index.record(estimate, of: digest)
      return estimate
    } catch {
      checkers[stage] = .some(nil)
      return nil
    }
  }

  /// The worker that is asked; `nil` where the stage's gave no answer.
  private func checker(of stage: String, _ plugin: Plugin) -> WorkerProcess? {
    if checkers[stage] == nil {
      checkers[stage] = .some(try? WorkerProcess(executable: worker, plugin: plugin.path, stage: stage))
    }
    return checkers[stage] ?? nil
  }

  /// Ends the workers that were asked about parameters and actions.
  func endCheckers() { checkers = [:] }

  private func refusal(of path: String, stage: String) -> String {
    do throws(WorkerError) {
      _ = try WorkerProcess(executable: worker, plugin: path, stage: stage).describe(timeout: Self.patience)
      return "\(path): changes while it is read; start again when it is finished"
    } catch {
      return Self.text(error, path)
    }
  }

  /// The message, led by the plugin's file.
  private static func text(_ error: WorkerError, _ path: String) -> String {
    switch error {
    case .refused, .cannotStart: "\(error)"
    default: "\(path): \(error)"
    }
  }
}

/// An installation that lacks a part.
public enum InstallationError: ExitCoded {
  case noCore
  /// Neither an installed SDK here nor a development tree.
  case noSDK(String)

  public var description: String {
    switch self {
    case .noCore: "\(Installation.coreFile) is not among the loaded libraries; install reel again"
    case .noSDK(let path): "\(path): the plugin SDK is not there; install reel again"
    }
  }

  public var exitCode: ExitCode { .failed }
}
