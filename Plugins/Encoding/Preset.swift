// What each destination wants of a film.

import ReelStage

/// A destination, as a pipeline names it in `for:`. What YouTube and TikTok want was read at the sources named
/// below, what Instagram wants is second-hand. The limits of the last three are ours.
///
/// All are constant quality up to a bitrate: plain pictures cost little, and no second costs more than is
/// asked for.
struct Preset: Sendable {
  let name: String
  /// x264's rate factor: 17 cannot be told from the source.
  let crf: Double
  /// Bits a second at 1080p (2,073,600 pixels) up to 30 frames a second, over two seconds.
  let limit: Int
  /// The seconds of a group of pictures, at most.
  let gopSeconds: Double
  /// x264's own preset: how long it searches. At a constant quality a longer search saves bits, which nobody
  /// misses below the limit, and takes several times as long.
  let effort: String

  static let all = [
    // "Recommended upload encoding settings", support.google.com/youtube/answer/1722171: MP4, moov first, no
    // edit lists; H.264 High, progressive, 2 B-frames, closed GOP of half the frame rate, CABAC, 4:2:0,
    // BT.709; 8 Mb/s for 1080p (12 at 48 to 60 frames a second), 35 to 45 for 2160p.
    Preset(name: "youtube", crf: 17, limit: 8_000_000, gopSeconds: 0.5, effort: "veryfast"),
    // Instagram's publishing interface for reels: MP4, moov first, no edit lists; H.264
    // progressive, closed GOP, 4:2:0, 23 to 60 frames a second, at most 25 Mb/s and 1920 columns.
    Preset(name: "reels", crf: 17, limit: 10_000_000, gopSeconds: 1, effort: "veryfast"),
    // "TikTok auction in-feed ads", ads.tiktok.com/help: MP4, at least 516 kb/s, at most 500 MB, 5 to 60 s.
    Preset(name: "tiktok", crf: 17, limit: 10_000_000, gopSeconds: 1, effort: "veryfast"),
    // Ours: small and fast, to be looked at and thrown away.
    Preset(name: "preview", crf: 28, limit: 4_000_000, gopSeconds: 1, effort: "superfast"),
  ]

  /// The encoder's settings for a film of this size and rate.
  ///
  /// The limit grows with the number of pixels, and by half again from 48 frames a second on, as YouTube's
  /// table does.
  func settings(size: Size, rate: FrameRate) -> H264Settings {
    let share = Double(size.pixels) / 2_073_600 * (rate.framesPerSecond >= 48 ? 1.5 : 1)
    return H264Settings(
      size: size, rate: rate, quality: .constant(crf, limit: max(1_000_000, Int(Double(limit) * share))),
      gop: max(1, Int((rate.framesPerSecond * gopSeconds).rounded(.up))), effort: effort)
  }
}
