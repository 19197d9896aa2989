// Everything on the disk that an expanded campaign stands on, gathered after a build for its snapshot.

import Glibc
import ReelPlanning

/// The files to look at before a build, each once.
struct WatchList {
  struct Watch {
    let kind: WatchKind
    let state: WatchState
    let path: String
  }

  private(set) var watches: [Watch] = []
  /// By the path of a file that nodes read, its place.
  private(set) var contents: [String: Int] = [:]
  private var seen: Set<String> = []

  /// A file by its state when it was read.
  mutating func add(_ path: String, _ kind: WatchKind, _ state: WatchState) {
    guard seen.insert("\(kind.rawValue) \(path)").inserted else { return }
    if kind == .content { contents[path] = watches.count }
    watches.append(Watch(kind: kind, state: state, path: path))
  }

  /// A file or folder that is taken as it stands now.
  mutating func add(asItStands path: String, _ kind: WatchKind) {
    add(path, kind, WatchState(asItStands: FileIdentity(at: path)))
  }

  /// The places where something was looked for in vain.
  mutating func add(passedOver paths: some Sequence<String>) {
    for path in paths {
      if FileSystem.exists(path) {
        add(asItStands: path, .fixed)
      } else {
        add(path, .absent, WatchState(identity: nil, isSettled: true))
      }
    }
  }
}

extension Campaign {
  /// All that the selected nodes stand on; `nil` where it is not any more what the build saw.
  ///
  /// - Parameter files: by node, the files that it reads.
  func watchList(_ files: [[FileReference]], of selection: Selection) -> WatchList? {
    var list = WatchList()
    for (path, state) in texts { list.add(path, .text, state) }
    guard let core = Installation.core, let coreState = store.digests.state(of: core) else { return nil }
    list.add(core, .fixed, coreState)
    list.add(asItStands: "/proc/self/exe", .fixed)
    for stage in graph.pipeline.stageNames {
      guard add(pluginOf: stage, to: &list) else { return nil }
    }
    let isSelected = graph.isWanted(in: selection)
    for (node, references) in files.enumerated() {
      for reference in references {
        guard add(reference, isSelected: isSelected[node], to: &list) else { return nil }
      }
    }
    // A model that was not found may come.
    for case .success(let manifest) in Set(graph.nodes.map(\.manifest)) {
      for parameter in manifest.parameters where parameter.isDefaultIfFound {
        guard let name = parameter.defaultValue?.string, ModelFolders.directory(of: name) == nil else {
          continue
        }
        list.add(passedOver: ModelFolders.candidates(for: name))
      }
    }
    return list
  }

  private func add(pluginOf stage: String, to list: inout WatchList) -> Bool {
    let candidates = loader.folders.candidates(for: stage)
    guard let plugin = loader.plugins[stage], let state = store.digests.state(of: plugin.path),
      let found = candidates.firstIndex(where: { FileSystem.realPath($0) == plugin.path })
    else { return false }
    list.add(passedOver: candidates[..<found])
    list.add(candidates[found], .fixed, state)
    return true
  }

  private func add(_ reference: FileReference, isSelected: Bool, to list: inout WatchList) -> Bool {
    if let file = Self.sourceFile(of: reference) {
      if reference.kind != .file {
        list.add(
          passedOver: ModelFolders.candidates(for: reference.path).prefix { FileSystem.realPath($0) != file })
      }
      if isSelected {
        guard let state = store.digests.state(of: file) else { return false }
        list.add(file, .content, state)
      } else {
        list.add(asItStands: file, .fixed)
      }
      return true
    }
    let candidates = ModelFolders.candidates(for: reference.path)
    guard let directory = ModelFolders.directory(of: reference.path),
      let found = candidates.firstIndex(where: { FileSystem.realPath($0) == directory })
    else { return false }
    list.add(passedOver: candidates[..<found])
    list.add(asItStands: candidates[found], .fixed)
    guard isSelected else { return true }
    for folder in ModelFolders.folders(below: directory) { list.add(asItStands: folder, .fixed) }
    guard let files = try? Self.modelFiles(reference) else { return false }
    for file in files {
      guard let state = store.digests.state(of: file.path) else { return false }
      list.add(file.path, .content, state)
    }
    return true
  }
}
