// The stage of the engine's benchmark: one link of a chain, next to no work, so that what is timed is the engine.

import Glibc
import ReelStage

/// Writes what came before it, or the first line of a file, and a word.
struct Link: Stage {
  static let manifest = Manifest(
    name: "link", version: 1, summary: "put a word behind what came before",
    inputs: [Port("before", .film, isOptional: true, help: "what comes before")],
    outputs: [Port("film", .film, help: "that, and the word")],
    parameters: [
      .optional("file", .file, help: "the file whose first line begins the chain"),
      .required("word", .text, help: "the word"),
    ])

  private let parameters: Parameters

  init(_ parameters: Parameters) { self.parameters = parameters }

  func run(_ job: Job) throws {
    var text = parameters.text("word") + "\n"
    for path in (parameters.ifGiven("file", parameters.text).map { [$0] } ?? []) + job.parts("before") {
      text = String(try read(path).prefix { $0 != "\n" }) + " " + text
    }
    let path = job.makeOutput("film")
    guard let file = fopen(path, "w") else { throw StageError.file(path, "cannot be written") }
    defer { fclose(file) }
    fputs(text, file)
  }

  private func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw StageError.file(path, "cannot be read") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 12)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Link.self) }
