// Names of plugins and models, and the folders they are looked for in.

import Glibc
import ReelExecution
import Testing

@Suite struct PluginFoldersTests {
  @Test(
    "a stage's name and its file's name stand for each other",
    arguments: [
      ("patch-diffusion", "libPatchDiffusion.so"), ("blur", "libBlur.so"),
      ("x2-upscaling", "libX2Upscaling.so"),
    ])
  func names(stage: String, file: String) {
    #expect(PluginFolders.fileName(of: stage) == file)
    #expect(PluginFolders.stage(ofFile: file) == stage)
  }

  @Test(
    "other files are no plugins",
    arguments: [
      "libReelCore.so", "libblur.so", "Blur.so", "libBlur.so.1", "libBlur.a", "lib.so", "libswiftCore.so",
    ])
  func noPlugins(file: String) { #expect(PluginFolders.stage(ofFile: file) == nil) }

  @Test("the first folder that has the file wins; a name that is a path finds nothing") func search() throws {
    let folder = try TemporaryFolder()
    for name in ["one", "two"] { try FileSystem.makeFolder(folder.path(name)) }
    try folder.write("two/libBlur.so", "2")
    let folders = PluginFolders(only: [folder.path("one"), folder.path("two")])
    #expect(folders.file(of: "blur") == folder.path("two/libBlur.so"))
    try folder.write("one/libBlur.so", "1")
    #expect(folders.file(of: "blur") == folder.path("one/libBlur.so"))
    #expect(folders.stages == ["blur"])
    try folder.write("libSecret.so", "0")
    #expect(folders.file(of: "../secret") == nil)
    #expect(folders.file(of: "Blur") == nil)
    #expect(folders.file(of: "") == nil)
  }

  @Test("of a model, the files that the patterns match are read") func modelFiles() throws {
    let folder = try TemporaryFolder()
    for name in ["vae", "text/deep", ".git"] { try FileSystem.makeFolder(folder.path(name)) }
    for name in [
      "model_index.json", "vae/config.json", "vae/notes.txt", "text/deep/a.json", ".git/config.json",
    ] {
      try folder.write(name, "x")
    }
    // A link that leads back up must not be followed for ever.
    #expect(symlink("..", folder.path("vae/up")) == 0)
    #expect(try ModelFolders.files(in: folder.path, matching: ["*.json"]) == ["model_index.json"])
    #expect(try ModelFolders.files(in: folder.path, matching: ["vae/*.json"]) == ["vae/config.json"])
    #expect(try ModelFolders.files(in: folder.path, matching: ["text/**"]) == ["text/deep/a.json"])
    #expect(try ModelFolders.files(in: folder.path, matching: ["none/*"]) == [])
  }
}
