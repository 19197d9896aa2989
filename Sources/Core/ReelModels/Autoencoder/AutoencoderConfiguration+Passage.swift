// How many rows pass the autoencoder at a time, and in which order.

/// How much memory the autoencoder takes for a film. No result depends on it.
public struct AutoencoderMemory: Hashable, Sendable {
  /// Bytes of the largest tensor of a band of rows, as far as bands can be so small. Smaller ones are no faster, and
  /// larger ones take more memory.
  public var band: Int
  /// Bytes of frames before that are kept, rather than have the first frames wait for the last band.
  public var frameHistory: Int

  public init(band: Int = 48 << 20, frameHistory: Int = 1 << 30) {
    (self.band, self.frameHistory) = (band, frameHistory)
  }

  /// That of the work that is called from here.
  @TaskLocal public static var bounds = AutoencoderMemory()
}

extension AutoencoderConfiguration {
  /// A resolution of the network: how many frames a latent frame has, how many positions a side of a latent one, and
  /// how many channels each.
  private struct Resolution {
    let frames: Int
    let side: Int
    let channels: Int
  }

  /// Finest first.
  private func resolutions(base: Int) -> [Resolution] {
    multipliers.indices.map { level in
      Resolution(
        frames: temporalFactor >> halvesTime[..<level].count { $0 }, side: 1 << (halvesTime.count - level),
        channels: base * multipliers[level])
    }
  }

  /// The passage of `chunks` latent frames of `height`×`width` through the decoder.
  func decoding(chunks: Int, height: Int, width: Int, _ decoder: FrameDecoder) -> FilmPassage {
    let resolutions = resolutions(base: decoderWidth)
    let rows = bandRows(resolutions, width: width)
    let levels = resolutions.reversed().enumerated().map { index, resolution in
      FilmPassage.Level(rows: rows * resolution.side) { decoder.level(index, $0, history: &$1) }
    }
    return FilmPassage(
      levels: levels,
      isBandAfterBand: isBandAfterBand(resolutions, chunks: chunks, height: height, width: width))
  }

  /// The passage of the frames of `chunks` latent ones of `height`×`width` through the encoder.
  func encoding(chunks: Int, height: Int, width: Int, _ encoder: FrameEncoder) -> FilmPassage {
    let resolutions = resolutions(base: encoderWidth)
    let rows = bandRows(resolutions, width: width)
    let levels = resolutions.enumerated().map { index, resolution in
      // The finest level takes pixels.
      FilmPassage.Level(rows: rows * resolution.side * (index == 0 ? patch : 1)) {
        encoder.level(index, $0, history: &$1)
      }
    }
    return FilmPassage(
      levels: levels,
      isBandAfterBand: isBandAfterBand(resolutions, chunks: chunks, height: height, width: width))
  }

  /// The latent rows of a band.
  private func bandRows(_ resolutions: [Resolution], width: Int) -> Int {
    // Between two levels are the positions of the finer with the channels of the coarser.
    let widest = zip(resolutions, resolutions.dropFirst() + [resolutions.last!]).map { finer, coarser in
      finer.frames * finer.side * finer.side * max(finer.channels, coarser.channels)
    }.max()!
    return max(2, AutoencoderMemory.bounds.band / (4 * widest * width) / 2 * 2)
  }

  private func isBandAfterBand(_ resolutions: [Resolution], chunks: Int, height: Int, width: Int) -> Bool {
    // Of two convolutions: two frames before of each; three rows above of each, and four of what goes around them.
    let frames = resolutions.reduce(0) { $0 + 4 * $1.side * $1.side * $1.channels } * height
    let rows = resolutions.reduce(0) { $0 + 10 * $1.frames * $1.side * $1.channels } * chunks
    return 4 * frames * width * (residualBlocks + 1) > AutoencoderMemory.bounds.frameHistory && rows < frames
  }
}
