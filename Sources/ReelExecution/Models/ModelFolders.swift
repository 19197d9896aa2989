// Where models are looked for, and which files of one a stage reads.

import Glibc
import ReelPlanning

/// Finds a model's directory by path or by name.
public enum ModelFolders {
  /// The folders in which a model is looked for by name: those of `$REEL_MODELS`, the installed ones, and, in
  /// a development tree, `Sources/Models` above the program. Not all need exist.
  public static var all: [String] {
    var folders =
      getenv("REEL_MODELS").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    folders.append(FileSystem.path("../lib/reel/models", in: Installation.folder))
    var folder = Installation.folder
    while let parent = FileSystem.parent(of: folder), parent != folder {
      folder = parent
      folders.append(FileSystem.path("Sources/Models", in: folder))
    }
    return folders
  }

  /// The absolute path of the model's directory; `nil` where there is none.
  ///
  /// - Parameter name: a path if it has a slash in it, else a name.
  public static func directory(of name: String) -> String? {
    candidates(for: name).first { (try? FileIdentity(path: $0))?.isFolder ?? false }
      .flatMap(FileSystem.realPath)
  }

  /// The absolute path of a model that is one file whose name matches one of `patterns`; `nil` where there is none.
  ///
  /// - Parameter name: a path if it has a slash in it, else a name.
  static func file(of name: String, matching patterns: [String]) -> String? {
    let file = name.split(separator: "/").last.map(String.init) ?? name
    guard patterns.contains(where: { Glob($0).matches(file) }) else { return nil }
    return candidates(for: name).first { (try? FileIdentity(path: $0))?.isRegularFile ?? false }
      .flatMap(FileSystem.realPath)
  }

  /// Where a model is looked for, in this order.
  static func candidates(for name: String) -> [String] {
    name.contains("/") ? [name] : all.map { FileSystem.path(name, in: $0) }
  }

  /// The names that ``directory(of:)`` finds, each once.
  public static var names: [String] {
    var names: Set<String> = []
    for folder in all {
      for name in (try? FileSystem.names(in: folder)) ?? [] where !name.hasPrefix(".") {
        if let identity = try? FileIdentity(path: FileSystem.path(name, in: folder)), identity.isFolder {
          names.insert(name)
        }
      }
    }
    return names.sorted()
  }

  /// The files below `directory` that one of `patterns` matches, as paths below it, ascending.
  package static func files(in directory: String, matching patterns: [String]) throws(FileError) -> [String] {
    let globs = patterns.map { Glob($0) }
    var found: [String] = []
    try collect(directory, below: "", depth: 0) { path, isFolder in
      if !isFolder, globs.contains(where: { $0.matches(path) }) { found.append(path) }
    }
    return found.sorted()
  }

  /// The folders in which ``files(in:matching:)`` looks, but for `directory` itself.
  static func folders(below directory: String) -> [String] {
    var found: [String] = []
    try? collect(directory, below: "", depth: 0) { path, isFolder in
      if isFolder { found.append(directory + "/" + path) }
    }
    return found
  }

  /// How deep a model's folders go at most: a link that leads back up must end somewhere.
  private static let deepest = 8

  private static func collect(
    _ directory: String, below: String, depth: Int, visit: (_ path: String, _ isFolder: Bool) -> Void
  ) throws(FileError) {
    for name in try FileSystem.names(in: directory + "/" + below) where !name.hasPrefix(".") {
      let path = below.isEmpty ? name : below + "/" + name
      guard let identity = try? FileIdentity(path: directory + "/" + path) else { continue }
      if identity.isRegularFile { visit(path, false) }
      if identity.isFolder, depth < deepest {
        visit(path, true)
        try collect(directory, below: path, depth: depth + 1, visit: visit)
      }
    }
  }
}
