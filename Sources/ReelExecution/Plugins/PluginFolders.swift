// Where plugins are looked for.

import Glibc

/// The folders of plugins, the first one first. `patch-diffusion` is supplied by `libPatchDiffusion.so`.
public struct PluginFolders: Hashable, Sendable {
  public let folders: [String]

  /// - Parameters:
  ///   - given: folders from the command line.
  ///   - pipeline: folders that the pipeline names.
  public init(given: [String], pipeline: [String] = []) {
    let environment =
      getenv("REEL_PLUGINS").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    folders =
      given + environment + pipeline + [
        Installation.folder, FileSystem.path("../lib/reel/plugins", in: Installation.folder),
      ]
  }

  public init(only folders: [String]) { self.folders = folders }

  /// The file that supplies the stage; `nil` where no folder has one.
  public func file(of stage: String) -> String? {
    candidates(for: stage).first { FileSystem.exists($0) }
  }

  /// Where the file of the stage is looked for, in this order.
  func candidates(for stage: String) -> [String] {
    Self.isName(stage) ? folders.map { FileSystem.path(Self.fileName(of: stage), in: $0) } : []
  }

  /// Every stage that a file's name speaks of, in alphabetical order.
  public var stages: [String] {
    var stages: Set<String> = []
    for folder in folders {
      for file in (try? FileSystem.names(in: folder)) ?? [] {
        if let stage = Self.stage(ofFile: file) { stages.insert(stage) }
      }
    }
    return stages.sorted()
  }

  /// Lower-case words and digits joined by hyphens.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 100
      && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
        !word.isEmpty && word.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
      }
  }

  /// `libFooBar.so` for `foo-bar`.
  package static func fileName(of stage: String) -> String {
    "lib" + stage.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + ".so"
  }

  /// `foo-bar` for `libFooBar.so`; `nil` for a file that is named otherwise, and for the core.
  package static func stage(ofFile file: String) -> String? {
    guard file.hasPrefix("lib"), file.hasSuffix(".so"), file != Installation.coreFile else { return nil }
    var stage = ""
    for letter in file.dropFirst(3).dropLast(3) {
      if letter.isUppercase, !stage.isEmpty { stage += "-" }
      stage += letter.lowercased()
    }
    return isName(stage) && fileName(of: stage) == file ? stage : nil
  }
}
