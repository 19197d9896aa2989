// Plugins that the tests compile as their users would: outside of the package, against the core that is built.

import Glibc
import Testing

/// The stages `shot-list`, `shot-work` and `shot-join`, which do no work; compiled once for all tests.
enum FastStages {
  /// The folder that they are in.
  static func folder() throws -> String { try compiled.get() }

  private static let compiled = Result {
    let folder = Built.folder + "/fast-stages"
    mkdir(folder, 0o755)
    for (name, flag) in [("ShotList", "SHOT_LIST"), ("ShotWork", "SHOT_WORK"), ("ShotJoin", "SHOT_JOIN")] {
      try compilePlugin(name, from: Fixtures.plugin("Fast"), flags: ["-D", flag], to: folder)
    }
    return folder
  }
}

enum Fixtures {
  /// The sources of a plugin.
  static func plugin(_ name: String) -> [String] {
    [name, "Texts"].map { "\(Built.project)/Tests/Fixtures/Plugins/\($0).swift" }
  }
}

/// Compiles Swift files to `lib<name>.so` in a folder.
///
/// - Parameter abi: The folder of a `module.modulemap` to use in the place of the SDK's own C header.
func compilePlugin(
  _ name: String, from sources: [String], flags: [String] = [], abi: String? = nil, to folder: String
) throws {
  let headers = ["CJansson", "CPNG", "CUTF8Proc", "CZstd"].map {
    "\(Built.project)/Sources/Core/System/\($0)"
  }
  let maps = ["\(Built.folder)/CKernels.build", abi ?? "\(Built.folder)/CReelABI.build"]
  let compiler = try Running(
    "swiftc",
    ["-O", "-parse-as-library", "-emit-library", "-module-name", name, "-I", "\(Built.folder)/Modules"]
      + headers.flatMap { ["-I", $0] }
      + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)/module.modulemap"] }
      + flags + ["-L", Built.folder, "-lReelCore"] + sources + ["-o", "lib\(name).so"],
    in: folder
  ).wait()
  try #require(compiler.status == 0, "\(compiler)")
}
