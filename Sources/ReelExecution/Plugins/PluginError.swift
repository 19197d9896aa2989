// All that can be wrong with a plugin's file, worded in one place.

import ReelPlanning
import ReelStage

/// A plugin that cannot be used. The message starts with its file.
public struct PluginError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: Reason

  package init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public enum Reason: Hashable, Sendable {
    case unreadable(String)
    case notAFile(found: FileKind)
    case empty
    case text
    case notELF
    /// The bytes that its own headers speak of, and those that are there.
    case truncated(wanted: UInt64, found: UInt64)
    case wrongWidth
    case wrongByteOrder
    case wrongMachine(found: String, wanted: String)
    case notALibrary(found: String)
    case noEntryPoint
    case undefinedSymbol(String)
    case refusedByLoader(String)
    case noManifest
    case wrongMagic
    case wrongInterface(found: UInt32, wanted: UInt32)
    case wrongSDK(found: String, wanted: String)
    case wrongCompiler(found: String, wanted: String)
    case wrongStage(found: String, wanted: String)
    case notAStage
  }

  public var description: String { "\(path): \(reasonText)" }

  private var reasonText: String {
    let again = "build the plugin again with this reel's SDK"
    return switch reason {
    case .unreadable(let why): "cannot read the plugin: \(why)"
    case .notAFile(let found): "wanted a plugin, found \(found.rawValue)"
    case .empty: "wanted a plugin (an ELF shared library), found an empty file; build it again"
    case .text: "wanted a plugin (an ELF shared library), found a text file"
    case .notELF: "wanted a plugin (an ELF shared library), found some other file"
    case .truncated(let wanted, let found):
      "the plugin is truncated: wanted at least \(wanted) bytes, found \(found); build or copy it again"
    case .wrongWidth: "wanted a 64-bit plugin, found a 32-bit one; \(again)"
    case .wrongByteOrder: "wanted a little-endian plugin, found a big-endian one; \(again)"
    case .wrongMachine(let found, let wanted):
      "wanted a plugin for machine \(wanted), found one for \(found); \(again)"
    case .notALibrary(let found): "wanted a plugin, found \(found); a plugin is a shared library"
    case .noEntryPoint:
      "not a plugin: it has no entry point '\(pluginEntryPoint)'; export one with @c(\(pluginEntryPoint))"
    case .undefinedSymbol(let symbol):
      "the plugin needs '\(symbol)', which this reel does not have: "
        + "it was built with another SDK version; \(again)"
    case .refusedByLoader(let why): "the plugin cannot be loaded: \(why)"
    case .noManifest: "not a plugin: its entry point '\(pluginEntryPoint)' returns nothing"
    case .wrongMagic:
      "not a plugin: its entry point '\(pluginEntryPoint)' returns something else than a plugin"
    case .wrongInterface(let found, let wanted):
      "wanted a plugin of interface \(wanted), found one of interface \(found); \(again)"
    case .wrongSDK(let found, let wanted):
      "wanted a plugin built with SDK version \(wanted), found one built with '\(found)'; \(again)"
    case .wrongCompiler(let found, let wanted):
      "wanted a plugin compiled by '\(wanted)', found one compiled by '\(found)'; \(again)"
    case .wrongStage(let found, let wanted): "wanted the stage '\(wanted)', found the stage '\(found)'"
    case .notAStage:
      "not a plugin: what it creates is no stage; link it to libReelCore.so and nothing else of reel"
    }
  }
}
