// Loading a plugin into this process. Only reel-worker does it.

import Glibc
import ReelStage

/// A plugin that was loaded. It stays for the life of the process: Swift's types cannot be unloaded.
public struct LoadedPlugin {
  public let path: String
  public let stage: any Stage.Type

  /// Checks the file at `path`, loads it, checks the versions that it was compiled with, and has it make its
  /// stage, which must be the one called `name`.
  public init(path: String, stage name: String) throws(PluginError) {
    func refuse(_ reason: PluginError.Reason) -> PluginError { PluginError(path: path, reason: reason) }
    try ELFHeader.check(path)
    // A name without a slash would be searched for in the system's folders.
    guard let library = dlopen(FileSystem.path(path, in: "."), RTLD_NOW | RTLD_LOCAL) else {
      throw refuse(Self.reason(fromLoader: dlerror().map { String(cString: $0) } ?? "no reason given", path))
    }
    guard let symbol = dlsym(library, pluginEntryPoint) else { throw refuse(.noEntryPoint) }
    typealias EntryPoint = @convention(c) () -> UnsafePointer<reel_plugin>?
    guard let table = unsafeBitCast(symbol, to: EntryPoint.self)()?.pointee else { throw refuse(.noManifest) }
    try Self.check(table, path)
    let found = String(cString: table.name)
    guard found == name else { throw refuse(.wrongStage(found: found, wanted: name)) }
    guard let object = table.create(),
      let box = Unmanaged<AnyObject>.fromOpaque(object).takeRetainedValue() as? StageBox
    else { throw refuse(.notAStage) }
    self.path = path
    stage = box.stage
  }

  /// Compares the versions in the plugin with this binary's, from the least to the most specific.
  private static func check(_ table: reel_plugin, _ path: String) throws(PluginError) {
    func refuse(_ reason: PluginError.Reason) -> PluginError { PluginError(path: path, reason: reason) }
    let here = CompiledVersions.here
    guard table.magic == here.magic else { throw refuse(.wrongMagic) }
    guard table.abi == here.abi else { throw refuse(.wrongInterface(found: table.abi, wanted: here.abi)) }
    let sdk = String(cString: table.sdk_version)
    guard sdk == here.sdk else { throw refuse(.wrongSDK(found: sdk, wanted: here.sdk)) }
    let compiler = String(cString: table.compiler_version)
    guard compiler == here.compiler else {
      throw refuse(.wrongCompiler(found: compiler, wanted: here.compiler))
    }
  }

  /// `dlerror` says "FILE: undefined symbol: NAME" where the core lacks what the plugin was built against.
  private static func reason(fromLoader text: String, _ path: String) -> PluginError.Reason {
    let mark = ": undefined symbol: "
    if let place = text.firstRange(of: mark) {
      return .undefinedSymbol(String(text[place.upperBound...].prefix { $0 != " " && $0 != "\n" }))
    }
    let oneLine = text.split(separator: "\n").joined(separator: " ")
    return .refusedByLoader(
      oneLine.hasPrefix(path + ": ") ? String(oneLine.dropFirst(path.count + 2)) : oneLine)
  }
}
