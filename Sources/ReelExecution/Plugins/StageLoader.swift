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

  /// Seconds that a plugin may take to load.
  private static let patience = 60.0

  init(folders: PluginFolders, store: Store, worker: String = Installation.worker) throws {
    self.folders = folders
    self.store = store
    self.worker = worker
    guard let path = Installation.core else { throw InstallationError.noCore }
    core = try store.digests.digest(of: path)
  }

  /// The plugins that a snapshot knows, which were found to be as they were.
  init(snapshot: Snapshot.GraphTable, store: Store, worker: String = Installation.worker) {
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
    return StageCatalogue(manifests, otherNames: folders.stages)
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
