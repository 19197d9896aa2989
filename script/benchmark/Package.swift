// swift-tools-version: 6.2
// The benchmarks of the numeric loops and of the engine: a package of its own, so that normal builds do without it.
import PackageDescription

let package = Package(
  name: "Benchmark",
  dependencies: [.package(path: "../../Sources/Core")],
  targets: [
    .systemLibrary(
      name: "CSwscale", path: "System/CSwscale", pkgConfig: "libswscale libavutil",
      providers: [.apt(["libswscale-dev"])]),
    .systemLibrary(
      name: "CCairo", path: "System/CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CZimg", path: "System/CZimg", pkgConfig: "zimg", providers: [.apt(["libzimg-dev"])]),
    .target(name: "CPeak", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast"])]),
    .executableTarget(
      name: "Benchmark",
      dependencies: [.product(name: "ReelCore", package: "Core"), "CPeak", "CSwscale", "CCairo", "CZimg"],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(name: "EngineBenchmark", swiftSettings: [.treatAllWarnings(as: .error)]),
  ],
  swiftLanguageModes: [.v6]
)
