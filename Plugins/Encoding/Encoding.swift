// The stage that makes the finished film: H.264 in MP4, as the destination wants it.

import ReelStage
import ReelTensor

/// Encodes the frames of a film, part after part, as H.264 High in MP4: 4:2:0, BT.709 in limited range, closed groups
/// of pictures of equal length with two B-frames, constant frame rate, moov first, no edit list.
///
/// The same frames give the same file, whatever the number of threads.
public struct Encoding: Stage {
  public static let manifest = Manifest(
    name: "encoding", version: 1, summary: "makes the finished film: H.264 in MP4",
    inputs: [Port("frames", .frames, help: "the film's frames")],
    outputs: [Port("film", .film, help: "the MP4 file")],
    parameters: [
      .optional(
        "for", .choice(Preset.all.map(\.name)), default: "youtube",
        help: "where the film goes: decides bitrate, groups of pictures and effort"),
      .optional(
        "crf", .number(0...51),
        help: "constant quality instead of a bitrate: 18 looks lossless, 28 is a draft"),
      .optional(
        "bitrate", .number(0.1...300, unit: "megabits a second"),
        help: "the mean bitrate instead of the preset's"),
      .optional(
        "gop", .integer(1...600, unit: "frames"),
        help: "the length of a group of pictures instead of the preset's"),
    ])

  private let preset: Preset
  private let crf: Double?
  private let bitrate: Double?
  private let gop: Int?

  public init(_ parameters: Parameters) throws {
    let name = parameters.text("for")
    preset = Preset.all.first { $0.name == name }!
    crf = parameters.ifGiven("crf", parameters.number)
    bitrate = parameters.ifGiven("bitrate", parameters.number)
    gop = parameters.ifGiven("gop", parameters.integer)
    if crf != nil && bitrate != nil {
      throw parameters.problem("crf", "given together with 'bitrate', wanted one of them; leave one out")
    }
  }

  public func run(_ job: Job) throws {
    try Threads.with(job.threads) {
      do {
        try encode(FrameTimeline(paths: job.parts("frames")), job)
      } catch let error as MediaError {
        throw StageError.failed("\(error)")
      }
    }
  }

  private func encode(_ film: FrameTimeline, _ job: Job) throws {
    try check(film)
    var settings = preset.settings(size: film.size, rate: film.rate)
    if let bitrate { settings.quality = .bitrate(Int((bitrate * 1_000_000).rounded())) }
    if let crf { settings.quality = .constant(crf) }
    if let gop { settings.gop = gop }
    let encoder = try H264Encoder(
      path: job.makeOutput("film"), size: film.size, rate: film.rate, settings: settings)
    var done = 0
    while done < film.count {
      let first = done
      let count = min(2 * Threads.count, film.count - first)
      let frames = try parallelMap(count) { (offset) throws(MediaError) in
        YUVFrame(try film.frame(at: first + offset))
      }
      for frame in frames { try encoder.append(frame) }
      done += count
      job.progress(done: done, total: film.count, unit: "frames")
    }
    try encoder.finish()
  }

  /// Refuses what H.264 in 4:2:0 cannot hold.
  private func check(_ film: FrameTimeline) throws(StageError) {
    let size = film.size
    guard film.count > 0 else { throw .input("frames", "wanted a film, found no frames") }
    guard size.width % 2 == 0 && size.height % 2 == 0 else {
      let even = Size(width: (size.width + 1) / 2 * 2, height: (size.height + 1) / 2 * 2)
      throw .input(
        "frames", "wanted even sides for 4:2:0 colour, found \(size); upscale to \(even) or another even size"
      )
    }
    // Level 6.2, the highest: 139264 macroblocks of 16 × 16 (ITU-T H.264, table A-1).
    guard (size.width + 15) / 16 * ((size.height + 15) / 16) <= 139_264 else {
      throw .input("frames", "wanted at most 8192x4352 for H.264, found \(size); upscale to a smaller size")
    }
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Encoding.self) }
