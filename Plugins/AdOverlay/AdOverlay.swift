// The stage 'ad-overlay': logo, headline, call to action, legal line and end card over the frames of a film.

import ReelStage
import ReelTensor

/// Draws layers over every frame on which they are seen. Other frames stay as they are, bit for bit.
///
/// Lengths are percentages, so that one list of layers serves every format: sizes and margins of the frame's
/// shorter side, boxes of the safe area. A run of frames is made on its own, from the layers that are on it:
/// each is drawn once, and a frame is touched only inside the boxes of the layers on it.
package struct AdOverlay: Stage {
  package static let manifest = Manifest(
    name: "ad-overlay", version: 2, summary: "draws logos, texts and end cards over the frames",
    inputs: [Port("frames", .frames, help: "the film")],
    outputs: [Port("frames", .frames, help: "the film with the layers drawn over it")],
    cut: .span(seconds: 2),
    parameters: [
      .required(
        "layers", .list(.record(Layer.fields), count: 1...200), timing: Layer.timing,
        help: "what is drawn, the lowest first"),
      .optional(
        "safe", .choice(SafeArea.all.map(\.name)), default: "none",
        help: "the destination whose buttons the layers keep clear of"),
      .optional(
        "safe_insets",
        .record(
          ["top", "bottom", "left", "right"].map { .optional($0, .percent(0...49), help: "of that side") }),
        help: "a safe area of your own; a side that it leaves out is the destination's"),
      .optional(
        "direction", .choice(["auto", "left-to-right", "right-to-left"]), default: "auto",
        help: "the way the ad is read; auto is that of its first text"),
      .optional("language", .text, help: "the texts' language as in BCP 47, such as ar or zh-Hant"),
      .optional(
        "fonts", .list(.file, count: 0...50), default: [], help: "font files to use beside the installed ones"
      ),
    ])

  private let layers: [Layer]
  private let safe: String
  private let safeInsets: Parameters?
  private let direction: Direction
  private let language: String?
  private let fontFiles: [String]

  package init(_ parameters: Parameters) throws {
    var layers: [Layer] = []
    for record in parameters.records("layers") { layers.append(try Layer(record)) }
    try Layer.checkNames(layers)
    self.layers = layers
    safe = parameters.text("safe")
    safeInsets = parameters.ifGiven("safe_insets", parameters.record)
    language = parameters.ifGiven("language", parameters.text)
    if let language { try LanguageTag.check(language) }
    fontFiles = parameters.list("fonts").compactMap(\.string)
    try Self.checkFonts(of: layers, files: fontFiles, language: language)
    direction =
      switch parameters.text("direction") {
      case "left-to-right": .leftToRight
      case "right-to-left": .rightToLeft
      default: Self.direction(of: layers)
      }
  }

  package func run(_ job: Job) throws {
    let timeline = try job.timeline("frames")
    let frames = job.span.frames
    let composition = try Composition(
      layers, on: frames,
      film: Composition.Film(
        size: timeline.size, rate: timeline.rate, safe: insets, direction: direction, language: language,
        fonts: try FontCollection(files: fontFiles)))
    let writer = try FrameSequenceWriter(
      path: job.makeOutput("frames"), size: timeline.size, rate: timeline.rate)
    try Threads.with(job.threads) {
      // A few frames at a time, so that a long film takes no more memory than a short one.
      let batch = 2 * job.threads
      for start in stride(from: frames.lowerBound, to: frames.upperBound, by: batch) {
        let end = min(start + batch, frames.upperBound)
        let drawn = try parallelMap(end - start) { place throws(MediaError) in
          var frame = try timeline.frame(at: start + place)
          composition.draw(onto: &frame, at: start + place)
          return frame
        }
        for frame in drawn { try writer.append(frame) }
        job.progress(done: end - frames.lowerBound, total: frames.count, unit: "frames")
      }
    }
    try writer.finish()
  }

  private var insets: Insets {
    var insets = SafeArea.insets(safe, direction: direction)
    func side(_ name: String) -> Double? { safeInsets?.ifGiven(name) { safeInsets!.number($0) / 100 } }
    insets.top = side("top") ?? insets.top
    insets.bottom = side("bottom") ?? insets.bottom
    insets.left = side("left") ?? insets.left
    insets.right = side("right") ?? insets.right
    return insets
  }

  /// Refuses fonts that this machine does not have, and characters that no font has.
  private static func checkFonts(of layers: [Layer], files: [String], language: String?) throws(StageError) {
    let texts = layers.compactMap { if case .text(let text) = $0.content { ($0, text) } else { nil } }
    if texts.isEmpty, files.isEmpty { return }
    let fonts = try FontCollection(files: files)
    for (layer, text) in texts { _ = try fonts.families(for: text, of: layer, language: language) }
  }

  /// That of the first text that has one.
  private static func direction(of layers: [Layer]) -> Direction {
    for case .text(let text) in layers.map(\.content) {
      if let direction = Direction(of: text) { return direction }
    }
    return .leftToRight
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: AdOverlay.self) }
