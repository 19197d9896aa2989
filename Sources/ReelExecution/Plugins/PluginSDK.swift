// Where the modules that plugins are compiled against are, in an installation and in a development tree.

import Glibc

/// What the compiler must be told to build a plugin for this very `reel`.
public struct PluginSDK {
  /// Words for `swiftc`, before the plugin's own name and sources.
  public let compilerOptions: [String]

  /// Finds the SDK beside the running program.
  ///
  /// An installation has `lib/reel/sdk` with the Swift modules of the core, and in folders below it the module
  /// maps of the C modules that they import; `lib/reel` has the library. A development tree has all of that where
  /// it was built.
  ///
  /// - Throws: ``InstallationError/noSDK(_:)``.
  public init() throws(InstallationError) {
    let installed = FileSystem.path("../lib/reel", in: Installation.folder)
    if let library = FileSystem.realPath(installed), FileSystem.exists(library + "/sdk") {
      let folders = [library + "/sdk"] + Self.moduleFolders(in: library + "/sdk")
      self.init(library: library, folders: folders, maps: [])
      return
    }
    let folder = Installation.folder
    let maps = ["CReelABI", "CKernels"].map { "\(folder)/\($0).build/module.modulemap" }
    guard FileSystem.exists(folder + "/Modules/ReelStage.swiftmodule"), maps.allSatisfy(FileSystem.exists),
      let libraries = Self.systemModules(above: folder)
    else { throw .noSDK(installed + "/sdk") }
    self.init(library: folder, folders: [folder + "/Modules"] + libraries, maps: maps)
  }

  private init(library: String, folders: [String], maps: [String]) {
    compilerOptions =
      ["-O", "-parse-as-library", "-emit-library"] + folders.flatMap { ["-I", $0] }
      + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] } + ["-L", library, "-lReelCore"]
  }

  /// The folders in `folder` that are C modules.
  private static func moduleFolders(in folder: String) -> [String] {
    ((try? FileSystem.names(in: folder)) ?? []).map { folder + "/" + $0 }.filter {
      FileSystem.exists($0 + "/module.modulemap")
    }
  }

  /// The system libraries of the core, in the sources that this program was built from.
  private static func systemModules(above folder: String) -> [String]? {
    var folder = folder
    while let parent = FileSystem.parent(of: folder), parent != folder {
      folder = parent
      let modules = moduleFolders(in: FileSystem.path("Sources/Core/System", in: folder))
      if !modules.isEmpty { return modules }
    }
    return nil
  }
}
