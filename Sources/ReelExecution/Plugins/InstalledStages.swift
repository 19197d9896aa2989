// The stages that can be used, whatever a pipeline uses of them.

import ReelPlanning
import ReelStage

/// Every stage that a plugin supplies.
public struct InstalledStages {
  private let folders: PluginFolders
  private let loader: StageLoader

  /// - Parameter pipeline: a pipeline whose own folders of plugins count, too.
  public init(pluginFolders: [String], pipeline: String? = nil) throws {
    folders = PluginFolders(
      given: pluginFolders, pipeline: pipeline.map { Campaign.pluginFolders(of: $0) } ?? [])
    loader = try StageLoader(folders: folders, store: try Store(reading: ".reel"))
  }

  /// What the stage declares.
  public func manifest(of stage: String) throws -> Manifest {
    switch try loader.manifest(of: stage) {
    case .success(let manifest): return manifest
    case .failure(let unavailable): throw UnusableStage.unusable(unavailable.reason)
    case nil: throw UnusableStage.unknown(stage, known: folders.stages)
    }
  }

  /// Every stage's declaration by name, and what is wrong with plugins that cannot be loaded.
  public func all() throws -> (manifests: [Manifest], problems: [String]) {
    var (manifests, problems): ([Manifest], [String]) = ([], [])
    for stage in folders.stages {
      switch try loader.manifest(of: stage) {
      case .success(let manifest): manifests.append(manifest)
      case .failure(let unavailable): problems.append(unavailable.reason)
      case nil: break
      }
    }
    return (manifests, problems)
  }

  /// A stage that cannot be told about.
  enum UnusableStage: ExitCoded {
    case unknown(String, known: [String])
    case unusable(String)

    var description: String {
      switch self {
      case .unknown(let name, let known):
        "unknown stage '\(name)'"
          + (nearestName(to: name, among: known).map { "; did you mean '\($0)'?" }
            ?? "; 'reel stages' lists them")
      case .unusable(let reason): reason
      }
    }

    var exitCode: ExitCode {
      if case .unknown = self { .wrongInput } else { .failed }
    }
  }
}
