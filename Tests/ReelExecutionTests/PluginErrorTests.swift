// Files that are no plugins: each is told by its own words before anything is loaded.

import Glibc
import ReelExecution
import Testing

@Suite struct PluginErrorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is said about a file of these bytes, without the file's path.
  private func complaint(_ bytes: [UInt8]) throws -> String? {
    let path = try folder.write("libMadeUp.so", bytes)
    let error = #expect(throws: PluginError.self) { try LoadedPlugin(path: path, stage: "made-up") }
    guard let text = error?.description, text.hasPrefix(path + ": ") else { return nil }
    return String(text.dropFirst(path.count + 2))
  }

  /// A real shared library of this machine.
  private static func library() throws -> [UInt8] {
    try FileSystem.read(Installation.folder + "/libReelCore.so")
  }

  @Test("an empty file") func empty() throws {
    #expect(
      try complaint([]) == "wanted a plugin (an ELF shared library), found an empty file; build it again")
  }

  @Test("a text file") func text() throws {
    #expect(
      try complaint(Array("echo this is no library\n".utf8))
        == "wanted a plugin (an ELF shared library), found a text file")
  }

  @Test("other bytes") func otherBytes() throws {
    #expect(
      try complaint([0, 1, 2, 3, 255]) == "wanted a plugin (an ELF shared library), found some other file")
  }

  @Test("a folder, and nothing") func noFile() throws {
    let path = folder.path("libMadeUp.so")
    let absent = #expect(throws: PluginError.self) { try LoadedPlugin(path: path, stage: "made-up") }
    #expect(absent?.description == "\(path): cannot read the plugin: no such file or directory")
    try FileSystem.makeFolder(path)
    let error = #expect(throws: PluginError.self) { try LoadedPlugin(path: path, stage: "made-up") }
    #expect(error?.description == "\(path): wanted a plugin, found a folder")
    let pipe = folder.path("libPipe.so")
    try #require(mkfifo(pipe, 0o644) == 0)
    let waiting = #expect(throws: PluginError.self) { try LoadedPlugin(path: pipe, stage: "pipe") }
    #expect(waiting?.description == "\(pipe): wanted a plugin, found a pipe")
  }

  @Test("a library that was cut anywhere is told to be truncated, and is never loaded") func truncated()
    throws
  {
    let whole = try Self.library()
    for size in [10, 63, 64, 500, whole.count / 2, whole.count - 1] {
      let complaint = try #require(try complaint(Array(whole[..<size])))
      #expect(complaint.hasPrefix("the plugin is truncated: wanted at least "), "\(size): \(complaint)")
      #expect(complaint.hasSuffix(" bytes, found \(size); build or copy it again"))
    }
  }

  @Test("another machine, width, byte order or kind") func foreign() throws {
    var bytes = try Self.library()
    let again = "build the plugin again with this reel's SDK"
    bytes[18] = 0xf3
    #expect(try complaint(bytes)?.hasSuffix(", found one for riscv; \(again)") == true)
    bytes = try Self.library()
    bytes[4] = 1
    #expect(try complaint(bytes) == "wanted a 64-bit plugin, found a 32-bit one; \(again)")
    bytes = try Self.library()
    bytes[5] = 2
    #expect(try complaint(bytes) == "wanted a little-endian plugin, found a big-endian one; \(again)")
    bytes = try Self.library()
    bytes[16] = 1
    #expect(try complaint(bytes) == "wanted a plugin, found an object file; a plugin is a shared library")
    bytes[16] = 2
    #expect(try complaint(bytes) == "wanted a plugin, found an executable; a plugin is a shared library")
  }

  @Test("headers that speak of bytes beyond any file") func hostileHeaders() throws {
    var bytes = try Self.library()
    // e_phoff, at byte 32.
    for index in 32..<40 { bytes[index] = 0xff }
    #expect(try complaint(bytes)?.hasPrefix("the plugin is truncated: ") == true)
    bytes = try Self.library()
    // The first program header's p_filesz, 32 bytes into it; the table follows the 64 bytes of the header.
    for index in 64 + 32..<64 + 40 { bytes[index] = 0xff }
    #expect(try complaint(bytes)?.hasPrefix("the plugin is truncated: ") == true)
  }

  @Test("a shared library without the entry point") func noEntryPoint() throws {
    #expect(
      try complaint(try Self.library())
        == "not a plugin: it has no entry point 'reel_plugin_manifest'; export one with "
        + "@c(reel_plugin_manifest)")
  }

  @Test(
    "the rest, in words",
    arguments: [
      (
        PluginError.Reason.undefinedSymbol("$s9ReelStage3JobC"),
        "the plugin needs '$s9ReelStage3JobC', which this reel does not have: it was built with another SDK "
          + "version; build the plugin again with this reel's SDK"
      ),
      (
        .wrongSDK(found: "99", wanted: "1"),
        "wanted a plugin built with SDK version 1, found one built with '99'; "
          + "build the plugin again with this reel's SDK"
      ),
      (
        .wrongInterface(found: 2, wanted: 1),
        "wanted a plugin of interface 1, found one of interface 2; "
          + "build the plugin again with this reel's SDK"
      ),
      (.wrongStage(found: "blur", wanted: "sharpen"), "wanted the stage 'sharpen', found the stage 'blur'"),
    ] as [(PluginError.Reason, String)])
  func words(reason: PluginError.Reason, text: String) {
    #expect(PluginError(path: "p/libBlur.so", reason: reason).description == "p/libBlur.so: " + text)
  }
}
