// Plugins that the tests compile as their users would: outside of the package, against the core that is built.

import Glibc
import Testing

/// The folder with the fast stages `shot-list`, `shot-work` and `shot-join`; compiled once for all tests.
enum FastStages {
  static let folder = Task {
    let workspace = try Workspace()
    for name in ["ShotList", "ShotWork", "ShotJoin"] {
      // ShotWork is SHOT_WORK to the compiler.
      let flag = name == "ShotList" ? "SHOT_LIST" : name == "ShotWork" ? "SHOT_WORK" : "SHOT_JOIN"
      try compilePlugin(
        name, from: "\(Built.project)/Tests/Fixtures/Plugins/Fast.swift", flags: ["-D", flag], in: workspace)
    }
    return workspace
  }
}

/// Compiles one Swift file to `lib<name>.so` in the workspace.
///
/// - Parameter abi: The folder of a `module.modulemap` to use in the place of the SDK's own C header.
func compilePlugin(
  _ name: String, from source: String, flags: [String] = [], abi: String? = nil, in workspace: Workspace
) throws {
  let modules = ["CReelABI", "CKernels"].map { module in
    abi.flatMap { module == "CReelABI" ? $0 : nil } ?? "\(Built.folder)/\(module).build"
  }
  let libraries = ["CJansson", "CPNG", "CUTF8Proc", "CZstd"].map {
    "\(Built.project)/Sources/Core/System/\($0)"
  }
  let compiler = try Running(
    "swiftc",
    ["-O", "-parse-as-library", "-emit-library", "-module-name", name, "-I", "\(Built.folder)/Modules"]
      + libraries.flatMap { ["-I", $0] }
      + modules.flatMap { ["-Xcc", "-fmodule-map-file=\($0)/module.modulemap"] } + flags
      + ["-L", Built.folder, "-lReelCore", source, "-o", "lib\(name).so"],
    in: workspace.path
  ).wait()
  try #require(compiler.status == 0, "\(compiler)")
}
