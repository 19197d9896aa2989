// swift-tools-version: 6.2
// A table: system libraries, modules, executables, six plugins alike, and the tests that mirror them.
import PackageDescription

let core: Target.Dependency = .product(name: "ReelCore", package: "Core")

/// Our own code is compiled in Swift 6 mode and warns about nothing.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func runPath(_ path: String) -> LinkerSetting {
  .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", path])
}

func system(_ name: String, pkgConfig: String, apt: [String]) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt(apt)])
}

/// What the C library of every Linux has, and so needs neither pkg-config nor a package.
func linux(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)")
}

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, swiftSettings: strict,
    linkerSettings: [runPath("$ORIGIN/../lib/reel")])
}

/// All tests are linked into one program, and each plugin brings its entry point of the same C name, which no test
/// calls: the linker is told to take the first.
func tests(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: path ?? "Tests/\(name)", exclude: fixtures[name] ?? [],
    swiftSettings: strict, linkerSettings: [.unsafeFlags(["-Xlinker", "--allow-multiple-definition"])])
}

/// Folders beside the tests that are read in place, not compiled.
let fixtures: [String: [String]] = [:]

/// A plugin's name, and the C library that it alone knows.
let plugins: [(name: String, libraries: [Target.Dependency])] = [
  ("PromptExpansion", []), ("KeyframeGeneration", []), ("PatchDiffusion", []), ("Upscaling", []),
  ("AdOverlay", ["CPango"]), ("Encoding", ["CAV"]),
]

let package = Package(
  name: "Reelwright",
  products: plugins.map { .library(name: $0.name, type: .dynamic, targets: [$0.name]) }
    + [
      .executable(name: "reel", targets: ["reel"]),
      .executable(name: "reel-worker", targets: ["reel-worker"]),
    ],
  dependencies: [.package(path: "Sources/Core")],
  targets: [
    system("CYAML", pkgConfig: "yaml-0.1", apt: ["libyaml-dev"]),
    system("CSQLite", pkgConfig: "sqlite3", apt: ["libsqlite3-dev"]),
    system("CCrypto", pkgConfig: "libcrypto", apt: ["libssl-dev"]),
    system("CPango", pkgConfig: "pangocairo pangoft2 fontconfig", apt: ["libpango1.0-dev"]),
    system("CAV", pkgConfig: "libavformat libavcodec libavutil", apt: ["libavformat-dev", "libavcodec-dev"]),
    linux("CLinux"),
    module("ReelPlanning", [core, "CYAML", "CCrypto"]),
    module("ReelExecution", ["ReelPlanning", core, "CSQLite", "CLinux"]),
    executable("reel", ["ReelExecution", "ReelPlanning", core]),
    executable("reel-worker", ["ReelExecution", core]),
    .target(
      name: "StageTesting", dependencies: [core], path: "Tests/StageTesting", swiftSettings: strict),
    tests("ReelJSONTests", [core]),
    tests("ReelTensorTests", [core]),
    tests("ReelMediaTests", [core]),
    tests("ReelModelsTests", [core, "StageTesting"]),
    tests("ReelStageTests", [core]),
    tests("ReelPlanningTests", [core, "ReelPlanning"]),
    tests("ReelExecutionTests", [core, "ReelPlanning", "ReelExecution"]),
    tests("EndToEnd", [core]),
  ]
    + plugins.map {
      .target(
        name: $0.name, dependencies: [core] + $0.libraries, path: "Plugins/\($0.name)",
        // Loops over pixels are optimised even in a debug build.
        swiftSettings: strict + [.unsafeFlags(["-O"])],
        linkerSettings: [runPath("$ORIGIN/..")])
    }
    + plugins.map {
      tests(
        "\($0.name)Tests", path: "Tests/Plugins/\($0.name)Tests",
        [core, .target(name: $0.name), "StageTesting"])
    },
  swiftLanguageModes: [.v6]
)
