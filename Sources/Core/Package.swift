// swift-tools-version: 6.2
// The core: everything a plugin may see, built as one shared library, libReelCore.so.
import PackageDescription

/// Our own code is compiled in Swift 6 mode and warns about nothing.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Functions of one file are inlined into another only where the module is compiled as a whole.
let wholeModule = ["-Ounchecked", "-disable-batch-mode", "-wmo", "-num-threads", "1"]

/// The numeric loops are optimised as a whole even in a debug build, and compiled once per CPU level.
func kernels(_ level: String, _ instructions: String...) -> Target {
  .target(
    name: "Kernels\(level)", dependencies: ["CKernels"], path: "Kernels/\(level)",
    swiftSettings: strict
      + (instructions.isEmpty
        ? [] : [.define("REEL_FMA"), .unsafeFlags(instructions.flatMap { ["-Xcc", $0] })])
      + [.define("REEL_\(level.uppercased())"), .unsafeFlags(wholeModule)])
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func module(
  _ name: String, _ dependencies: [Target.Dependency], isNumeric: Bool = false, linker: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: name,
    // Loops over pixels are optimised even in a debug build.
    swiftSettings: strict + (isNumeric ? [.unsafeFlags(["-O"])] : []), linkerSettings: linker)
}

#if arch(x86_64)
  let levels = [
    kernels("Baseline"), kernels("V3", "-march=x86-64-v3"), kernels("V4", "-march=x86-64-v4"),
    kernels("V4BF16", "-march=x86-64-v4", "-mavx512bf16", "-mavx512vnni"),
  ]
#else
  let levels = [kernels("Baseline")]
#endif

let package = Package(
  name: "Core",
  products: [
    .library(
      name: "ReelCore", type: .dynamic,
      targets: ["ReelJSON", "ReelTensor", "ReelMedia", "ReelModels", "ReelStage"])
  ],
  targets: levels + [
    system("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
    system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    system("CJansson", pkgConfig: "jansson", apt: "libjansson-dev"),
    system("CUTF8Proc", pkgConfig: "libutf8proc", apt: "libutf8proc-dev"),
    .target(name: "CKernels", path: "Kernels/CKernels"),
    .target(name: "CReelABI", path: "CReelABI"),
    module("ReelJSON", ["CJansson"]),
    module("ReelTensor", ["ReelJSON", "CKernels"] + levels.map { .target(name: $0.name) }, isNumeric: true),
    module("ReelMedia", ["ReelTensor", "CKernels", "CPNG", "CZstd"], isNumeric: true),
    module("ReelModels", ["ReelMedia", "ReelTensor", "ReelJSON", "CUTF8Proc"]),
    module(
      "ReelStage", ["ReelModels", "ReelMedia", "ReelJSON", "CReelABI"],
      linker: [.unsafeFlags(["-Xlinker", "-soname=libReelCore.so"])]),
  ],
  swiftLanguageModes: [.v6]
)
