// The stage that makes the finished film: H.264 in MP4, as the destination wants it.

import ReelStage
import ReelTensor
import Synchronization

/// Encodes the frames of a film, part after part, as H.264 High in MP4: 4:2:0, BT.709 in limited range,
/// closed groups of pictures of equal length with two B-frames, constant frame rate, moov first, no edit
/// list.
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
    let settings = settings(film)
    let writer = try MP4Writer(path: job.makeOutput("film"), encoder: H264Encoder(settings))
    let segments = Self.segments(of: film.count, gop: settings.gop, rate: film.rate)
    let progress = Progress(total: film.count, job)
    for wave in stride(from: 0, to: segments.count, by: 2 * Threads.count) {
      let count = min(2 * Threads.count, segments.count - wave)
      let encoded = parallelMap(count) { index in
        Result { try Self.encode(segments[wave + index], of: film, settings, progress) }
      }
      for packets in encoded { try writer.append(packets.get()) }
    }
    try writer.finish()
  }

  /// What the encoder is asked for: the preset's wishes, then the node's own.
  private func settings(_ film: FrameTimeline) -> H264Settings {
    var settings = preset.settings(size: film.size, rate: film.rate)
    if let bitrate { settings.quality = .bitrate(Int((bitrate * 1_000_000).rounded())) }
    if let crf { settings.quality = .constant(crf, limit: nil) }
    if let gop { settings.gop = gop }
    return settings
  }

  /// Runs of whole groups of pictures, two seconds or a little more each, that are encoded on their own. A
  /// short rest goes with the run before it, as rate control needs some frames to settle.
  private static func segments(of count: Int, gop: Int, rate: FrameRate) -> [Range<Int>] {
    let length = gop * max(1, Int((2 * rate.framesPerSecond / Double(gop)).rounded()))
    let starts = stride(from: 0, to: count, by: length).filter { $0 == 0 || count - $0 > length / 2 }
    return zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
  }

  private static func encode(
    _ segment: Range<Int>, of film: FrameTimeline, _ settings: H264Settings, _ progress: Progress
  ) throws -> [H264Packet] {
    let encoder = try H264Encoder(settings)
    for index in segment {
      try encoder.append(YUVFrame(film.frame(at: index)))
      progress.step()
    }
    return try encoder.finish()
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

/// Counts frames that several threads finish, and says so in rising order.
private final class Progress: Sendable {
  private let done = Mutex(0)
  private let total: Int
  /// Called by one thread at a time.
  private nonisolated(unsafe) let job: Job

  init(total: Int, _ job: Job) {
    self.total = total
    self.job = job
  }

  func step() {
    done.withLock { done in
      done += 1
      job.progress(done: done, total: total, unit: "frames")
    }
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Encoding.self) }
