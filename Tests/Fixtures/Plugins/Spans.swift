// Stages that are cut by span, to test the engine with: compiled by the tests, one plugin from each flag.

import Glibc
import ReelStage

#if SPAN_SOURCE
  /// Makes grey frames, each of its own shade, in parts of so many frames.
  struct Spans: Stage {
    static let manifest = Manifest(
      name: "span-source", version: 1, summary: "make grey frames",
      outputs: [Port("frames", .frames, help: "them")],
      parameters: [
        .required("parts", .list(.integer(1...1000), count: 1...100), help: "how many frames each part has"),
        .optional("shade", .integer(0...255), default: 0, help: "the first frame's"),
      ])

    private let parameters: Parameters

    init(_ parameters: Parameters) { self.parameters = parameters }

    func run(_ job: Job) throws {
      var shade = parameters.integer("shade")
      for (number, count) in parameters.list("parts").compactMap(\.integer).enumerated() {
        try write(
          (0..<count).map { UInt8((shade + 7 * $0) % 256) },
          to: job.makeOutput("frames", shot: "\(number + 1)"))
        shade += 7 * count
      }
    }
  }
#elseif SPAN_MEAN
  /// The mean of each frame and of two on either side, as far as there are such.
  struct Spans: Stage {
    static let manifest = Manifest(
      name: "span-mean", version: 1, summary: "blur in time",
      inputs: [Port("frames", .frames, help: "the film")],
      outputs: [Port("frames", .frames, help: "the film, blurred")], cut: .span(seconds: 1, halo: 2),
      parameters: [])

    init(_ parameters: Parameters) {}

    func run(_ job: Job) throws {
      let film = try job.timeline("frames")
      let shades = try job.span.frames.map { index in
        let near = max(film.frames.lowerBound, index - 2)..<min(film.frames.upperBound, index + 3)
        let sum = try near.reduce(0) { $0 + Int(try film.frame(at: $1).pixels[0]) }
        return UInt8(sum / near.count)
      }
      try write(shades, to: job.makeOutput("frames"))
    }
  }
#else
  /// The shades as text, a line a run; joined, all lines.
  struct Spans: Stage {
    static let manifest = Manifest(
      name: "span-text", version: 1, summary: "write frames as text",
      inputs: [Port("frames", .frames, help: "the film")],
      outputs: [Port("film", .film, help: "the text")], cut: .span(seconds: 1, isJoined: true), parameters: []
    )

    init(_ parameters: Parameters) {}

    func run(_ job: Job) throws {
      let film = try job.timeline("frames")
      let shades = try job.span.frames.map { "\(try film.frame(at: $0).pixels[0])" }
      try write(shades.joined(separator: " ") + "\n", to: job.makeOutput("film"))
    }

    func join(_ job: Job) throws {
      try write(job.parts("film").map(read).joined(), to: job.makeOutput("film"))
    }
  }
#endif

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Spans.self) }

private func write(_ shades: [UInt8], to path: String) throws {
  let size = Size(width: 2, height: 2)
  let writer = try FrameSequenceWriter(path: path, size: size, rate: FrameRate(10))
  for shade in shades { try writer.append(Frame(size: size, red: shade, green: shade, blue: shade)) }
  try writer.finish()
}
