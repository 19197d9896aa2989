// The plugin that `reel init --plugin` writes. The article "Writing a stage" shows the same, and tests hold them
// together.

import ReelExecution

/// A plugin of one file, the script that builds it, and a campaign to try it with.
struct NewPlugin {
  /// `soft-focus`.
  private let stage: String
  /// `SoftFocus`.
  private let type: String

  init(stage: String) {
    self.stage = stage
    type = String(PluginFolders.fileName(of: stage).dropFirst(3).dropLast(3))
  }

  var files: [NewFile] {
    [
      NewFile(name: "\(type).swift", content: .text(source)),
      NewFile(name: "build", content: .script(script)), NewFile(name: "try.yaml", content: .text(campaign)),
    ]
  }

  private var source: String {
    """
    // The stage `\(stage)`: every frame a little darker.

    import ReelStage

    public struct \(type): Stage {
      public static let manifest = Manifest(
        name: "\(stage)", version: 1, summary: "darkens every frame",
        inputs: [Port("frames", .frames, help: "the film")],
        outputs: [Port("frames", .frames, help: "the darker film")],
        cut: .shot,
        parameters: [.optional("strength", .percent(0...100), default: 20.0, help: "how much darker")])

      let kept: Double

      public init(_ parameters: Parameters) throws {
        kept = 1 - parameters.number("strength") / 100
      }

      public func run(_ job: Job) throws {
        let film = try job.timeline("frames")
        let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: film.size, rate: film.rate)
        for index in 0..<film.count {
          var frame = try film.frame(at: index)
          for position in frame.pixels.indices {
            frame.pixels[position] = UInt8((Double(frame.pixels[position]) * kept).rounded())
          }
          try writer.append(frame)
          job.progress(done: index + 1, total: film.count, unit: "frames")
        }
        try writer.finish()
      }
    }

    @c(reel_plugin_manifest)
    public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: \(type).self) }

    """
  }

  private var script: String {
    """
    #!/usr/bin/env bash
    # Builds lib\(type).so for the reel on the PATH, or the one that $REEL names: a plugin needs the very compiler and
    # SDK of the reel that loads it.
    set -euo pipefail
    cd "$(dirname "${BASH_SOURCE[0]}")"

    options=$("${REEL:-reel}" sdk)
    mapfile -t options <<<"$options"
    swiftc "${options[@]}" -module-name \(type) \(type).swift -o lib\(type).so

    """
  }

  private var campaign: String {
    """
    # A quick film through the stage \(stage): './build', then 'reel build -f try.yaml'.
    reel: 1
    name: \(stage)
    plugins: [.]                # lib\(type).so stands here

    stages:
      prompts: {stage: prompt-expansion, with: {brief: a red can in snowy mountains, shots: 1, seconds: 1}}
      footage: {stage: patch-diffusion, in: {prompts: prompts}, with: {steps: 4}}
      changed: {stage: \(stage), in: {frames: footage}, with: {strength: 40%}}
      master: {stage: upscaling, in: {frames: changed}, with: {size: 320x320}}
      film: {stage: encoding, in: {frames: master}, with: {for: preview}}

    outputs:
      \(stage).mp4: film

    """
  }
}
