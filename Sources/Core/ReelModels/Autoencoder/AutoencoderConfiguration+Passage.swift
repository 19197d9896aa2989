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

  enum Half { case encoder, decoder }

  /// Bytes that the levels of a half take at one time for a film of `chunks` latent frames of `height`×`width`: what
  /// they keep, what they work on, and the pixels that wait.
  func passageMemory(_ half: Half, chunks: Int, height: Int, width: Int) -> Double {
    let resolutions = resolutions(base: half == .encoder ? encoderWidth : decoderWidth)
    // What is kept takes more room than it has numbers, with the gaps between.
    let (blocks, gaps) = half == .encoder ? (residualBlocks, 1.3) : (residualBlocks + 1, 1.55)
    let (frames, rows) = kept(resolutions, chunks: chunks, height: height)
    let isBandAfterBand = isBandAfterBand(resolutions, chunks: chunks, height: height, width: width)
    let bandRows = min(height, bandRows(resolutions, width: width))
    // A film of one frame has no frames before, and one frame at every level.
    let chunkFrames = chunks > 1 ? temporalFactor : 1
    let kept = chunks == 1 ? 0 : isBandAfterBand ? rows + frames / height * bandRows : frames
    // So many tensors of a band a level needs at its worst moment. The encoder's channels grow after the picture has
    // shrunk. A decoder's level with a way around it has its input and the way's output beside its own.
    let (tensors, largest) =
      switch half {
      case .encoder: (8.0, resolutions.map { $0.frames * $0.side * $0.side * $0.channels }.max()!)
      case .decoder: (hasShortcuts ? 9 : 5, widest(resolutions))
      }
    let band = largest / temporalFactor * chunkFrames * width * bandRows
    let pixels = Self.pixelChannels * chunkFrames * spatialFactor * spatialFactor * height * width
    return 4
      * (gaps * Double(kept * width * blocks) + tensors * Double(band)
        + Double(pixels * 2 * (isBandAfterBand ? chunks : 1)))
  }

  /// The latent rows of a band.
  private func bandRows(_ resolutions: [Resolution], width: Int) -> Int {
    max(2, AutoencoderMemory.bounds.band / (4 * widest(resolutions) * width) / 2 * 2)
  }

  /// The most numbers that a level has for a latent position.
  private func widest(_ resolutions: [Resolution]) -> Int {
    // Between two levels are the positions of the finer with the channels of the coarser.
    zip(resolutions, resolutions.dropFirst() + [resolutions.last!]).map { finer, coarser in
      finer.frames * finer.side * finer.side * max(finer.channels, coarser.channels)
    }.max()!
  }

  private func isBandAfterBand(_ resolutions: [Resolution], chunks: Int, height: Int, width: Int) -> Bool {
    let (frames, rows) = kept(resolutions, chunks: chunks, height: height)
    return 4 * frames * width * (residualBlocks + 1) > AutoencoderMemory.bounds.frameHistory && rows < frames
  }

  /// The numbers that a block of every level keeps for a latent column: of frames before, or of rows above.
  private func kept(_ resolutions: [Resolution], chunks: Int, height: Int) -> (frames: Int, rows: Int) {
    // Of two convolutions: two frames before of each; three rows above of each, and four of what goes around them.
    (
      resolutions.reduce(0) { $0 + 4 * $1.side * $1.side * $1.channels } * height,
      resolutions.reduce(0) { $0 + 10 * $1.frames * $1.side * $1.channels } * chunks
    )
  }
}
