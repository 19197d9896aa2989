// The plugin SDK's first page: what a stage is, and how a plugin hands one to the worker.

@_exported import CReelABI

@_exported import ReelJSON
@_exported import ReelMedia

/// A kind of work. A plugin is a shared library with one stage in it:
///
/// ```swift
/// struct Blur: Stage {
///   static let manifest = Manifest(name: "blur", version: 1, summary: "softens every frame", …)
///   init(_ parameters: Parameters) throws { … }
///   func run(_ job: Job) throws { … }
/// }
///
/// @c(reel_plugin_manifest) public func blurPlugin() -> UnsafePointer<reel_plugin> { plugin(of: Blur.self) }
/// ```
///
/// The same parameters and the same inputs must give the same bytes, whatever the number of threads: no clock,
/// no randomness but seeded noise, nothing read that is not an input or a declared file parameter.
public protocol Stage: Sendable {
  /// What the stage is called, reads, writes and takes. Constant.
  static var manifest: Manifest { get }

  /// Reads the parameters, which are already checked against the manifest and complete with defaults.
  ///
  /// - Throws: ``StageError/parameter(_:_:)`` for what a declaration alone cannot refuse.
  init(_ parameters: Parameters) throws

  /// Runs one action: reads the job's inputs, writes its outputs.
  func run(_ job: Job) throws

  /// What an action takes. Asked before it runs, and for a plan, of stages whose ``Manifest/isEstimated`` is set.
  ///
  /// It reads what is quick to read, and writes nothing. For a plan an input may be absent that no action has made yet:
  /// then the estimate is of what is known.
  ///
  /// - Returns: `nil` where nothing can be said.
  func estimate(_ job: Job) throws -> ActionEstimate?

  /// Makes the node's outputs of what its spans made, which ``Job/inputs`` has by output port in the order of the
  /// film. Only a stage whose spans are joined has one.
  func join(_ job: Job) throws
}

extension Stage {
  public func estimate(_ job: Job) throws -> ActionEstimate? { nil }

  public func join(_ job: Job) throws { preconditionFailure("a stage whose spans are joined says how") }
}

/// The entry in a plugin's table of symbols.
public let pluginEntryPoint = "reel_plugin_manifest"

/// Holds a stage's type while it crosses the C boundary.
public final class StageBox {
  public let stage: any Stage.Type
  init(_ stage: any Stage.Type) { self.stage = stage }
}

/// The constants that a binary was compiled with: the plugin's when a plugin evaluates it, the worker's when the
/// worker does.
public struct CompiledVersions: Hashable, Sendable {
  public let magic: UInt32
  public let abi: UInt32
  public let sdk: String
  public let compiler: String

  @_alwaysEmitIntoClient
  public static var here: CompiledVersions {
    CompiledVersions(
      magic: reel_compiled_magic(), abi: reel_compiled_abi(),
      sdk: String(cString: reel_compiled_sdk_version()),
      compiler: String(cString: reel_compiled_compiler_version()))
  }

  public init(magic: UInt32, abi: UInt32, sdk: String, compiler: String) {
    self.magic = magic
    self.abi = abi
    self.sdk = sdk
    self.compiler = compiler
  }
}

/// What a plugin's entry point returns: the versions it was compiled with, and its stage behind a C function.
///
/// Copied into each plugin, so that the versions are the plugin's own.
@_alwaysEmitIntoClient
public func plugin<S: Stage>(of stage: S.Type) -> UnsafePointer<reel_plugin> {
  makePlugin(
    stage, magic: reel_compiled_magic(), abi: reel_compiled_abi(), sdk: reel_compiled_sdk_version(),
    compiler: reel_compiled_compiler_version())
}

/// Fills the C struct once for the life of the process; a plugin is never unloaded.
public func makePlugin(
  _ stage: any Stage.Type, magic: UInt32, abi: UInt32, sdk: UnsafePointer<CChar>,
  compiler: UnsafePointer<CChar>
) -> UnsafePointer<reel_plugin> {
  exportedStage = StageBox(stage)
  let name = stage.manifest.name
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: name.utf8.count + 1)
  for (index, byte) in (Array(name.utf8) + [0]).enumerated() { copy[index] = CChar(bitPattern: byte) }
  let table = UnsafeMutablePointer<reel_plugin>.allocate(capacity: 1)
  table.initialize(
    to: reel_plugin(
      magic: magic, abi: abi, sdk_version: sdk, compiler_version: compiler, name: UnsafePointer(copy),
      create: { Unmanaged.passRetained(exportedStage!).toOpaque() }))
  return UnsafePointer(table)
}

/// The one stage of the plugin that this process has loaded. Written before the worker serves its first job.
nonisolated(unsafe) private var exportedStage: StageBox?
