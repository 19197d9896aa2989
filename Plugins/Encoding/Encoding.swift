// The stage that makes the finished film: H.264 in MP4, as the destination wants it.

import ReelStage

/// Encodes the frames of a film as H.264 High in MP4: 4:2:0, BT.709 in limited range, closed groups of pictures
/// with two B-frames, constant frame rate, moov first, no edit list. Runs of frames are encoded on their own, and
/// joined without being encoded again.
///
/// The same frames give the same file, whatever the number of threads.
public struct Encoding: Stage {
  public static let manifest = Manifest(
    name: "encoding", version: 2, summary: "makes the finished film: H.264 in MP4",
    inputs: [Port("frames", .frames, help: "the film's frames")],
    outputs: [Port("film", .film, help: "the MP4 file")],
    cut: .span(seconds: 2, isJoined: true),
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
        help: "the most that a group of pictures has instead of the preset's; every 2 seconds one begins"),
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

  /// Encodes one run of frames, as a film of its own.
  public func run(_ job: Job) throws {
    try saying { () throws in
      let film = try job.timeline("frames")
      let frames = job.span.frames
      try check(film)
      let settings = settings(film)
      let keys = Self.keys(in: frames.count, gop: settings.gop)
      let encoder = try H264Encoder(settings)
      for (place, index) in frames.enumerated() {
        try encoder.append(YUVFrame(film.frame(at: index)), isKey: keys.contains(place))
        job.progress(done: place + 1, total: frames.count, unit: "frames")
      }
      let packets = try encoder.finish()
      let writer = try MP4Writer(path: job.makeOutput("film"), stream: encoder.stream())
      try writer.append(packets)
      try writer.finish()
    }
  }

  /// Puts the runs one after another, packet by packet.
  public func join(_ job: Job) throws {
    let runs = job.parts("film")
    let first = try MP4Reader(path: runs[0])
    let writer = try MP4Writer(path: job.makeOutput("film"), stream: first.stream)
    for (place, path) in runs.enumerated() {
      let run = place == 0 ? first : try MP4Reader(path: path)
      try run.require(sameStreamAs: first)
      try writer.append(run.packets())
      job.progress(done: place + 1, total: runs.count, unit: "runs")
    }
    try writer.finish()
  }

  /// What the media library says, in the stage's words.
  private func saying(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as MediaError {
      throw StageError.failed("\(error)")
    }
  }

  /// What the encoder is asked for: the preset's wishes, then the node's own.
  private func settings(_ film: FrameTimeline) -> H264Settings {
    var settings = preset.settings(size: film.size, rate: film.rate)
    if let bitrate { settings.quality = .bitrate(Int((bitrate * 1_000_000).rounded())) }
    if let crf { settings.quality = .constant(crf, limit: nil) }
    if let gop { settings.gop = gop }
    return settings
  }

  /// The frames of a run at which groups of pictures begin: as few groups as can be, none longer than `gop`
  /// frames, and of lengths that differ by one frame at most.
  static func keys(in count: Int, gop: Int) -> Set<Int> {
    let groups = max(1, (count + gop - 1) / gop)
    return Set((0..<groups).map { $0 * count / groups })
  }

  /// Refuses what H.264 in 4:2:0 cannot hold.
  private func check(_ film: FrameTimeline) throws(StageError) {
    let size = film.size
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
    guard film.count > 0 else { throw .input("frames", "wanted a film, found no frames") }
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Encoding.self) }
