// Placeholder of the first build.

import ReelStage

struct Encoding: Stage {
  static let manifest = Manifest(
    name: "placeholder", version: 1, summary: "nothing yet", outputs: [Port("film", .film, help: "nothing")],
    parameters: [])

  init(_ parameters: Parameters) throws {}

  func run(_ job: Job) throws {}
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Encoding.self) }
