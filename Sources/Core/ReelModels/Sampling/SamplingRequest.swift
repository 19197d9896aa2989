// What a still or a clip is to be made of.

import ReelMedia
import ReelTensor

/// One picture or clip to be made by a diffusion model.
public struct SamplingRequest: Sendable {
  /// A frame of the result that is given.
  public struct KnownFrame: Hashable, Sendable {
    /// 0 for the first frame.
    public let index: Int
    public let frame: Frame
    /// For every pixel, row by row, how far it is to be made anew: 255 is wholly, 0 is not at all. `nil` where the
    /// frame is given as it is. Only models with control take parts of frames.
    public let open: [UInt8]?

    public init(index: Int, frame: Frame, open: [UInt8]? = nil) {
      self.index = index
      self.frame = frame
      self.open = open
    }
  }

  /// Noise that is partly another stream's: √(1 − share²)·n + share·m, which is as normal as either.
  public struct Variation: Hashable, Sendable {
    /// The other stream, of the same seed.
    public let stream: UInt64
    /// 0…1: how much of the noise is the other stream's.
    public let share: Double

    public init(stream: UInt64, share: Double) {
      self.stream = stream
      self.share = share
    }
  }

  public var prompt: String
  /// What must not be seen; without effect at a guidance of 1 or less.
  public var negativePrompt: String
  /// Multiples of the model's ``DiffusionModel/sizeMultiple``.
  public var size: Size
  /// 1 for a still; for a clip 1 more than a multiple of the model's ``DiffusionModel/frameMultiple``.
  public var frames: Int
  /// 1…1000.
  public var steps: Int
  /// How strongly the prompt is followed; 1 or less asks the model once a step instead of twice.
  public var guidance: Double
  /// How far the noise levels are moved towards 1, in place of the model's own; above 0.
  public var shift: Double?
  /// The noise comes from this seed and stream alone: equal ones give equal noise in every latent frame, however
  /// many frames there are.
  public var seed: UInt64
  public var noiseStream: UInt64
  /// Makes the noise differ a little from that of seed and stream; `nil` for not at all.
  public var variation: Variation?
  /// Frames that are given, in any order; only for models with conditioning channels.
  public var known: [KnownFrame]
  /// Pictures of what is to be seen, of any size; only for models with control.
  public var references: [Frame]
  /// How strongly known frames and references steer a model with control: 1 as it was trained.
  public var controlStrength: Double

  public init(
    prompt: String, negativePrompt: String = "", size: Size, frames: Int = 1, steps: Int, guidance: Double,
    shift: Double? = nil, seed: UInt64, noiseStream: UInt64 = 0, variation: Variation? = nil,
    known: [KnownFrame] = [], references: [Frame] = [], controlStrength: Double = 1
  ) {
    self.prompt = prompt
    self.negativePrompt = negativePrompt
    self.size = size
    self.frames = frames
    self.steps = steps
    self.guidance = guidance
    self.shift = shift
    self.seed = seed
    self.noiseStream = noiseStream
    self.variation = variation
    self.known = known
    self.references = references
    self.controlStrength = controlStrength
  }
}

extension SamplingRequest.KnownFrame {
  /// The frame as numbers.
  var picture: KnownFilm.Picture {
    KnownFilm.Picture(
      pixels: Tensor(pixelsOf: frame),
      open: open.map { Tensor([frame.height, frame.width], $0.map { Float($0) / 255 }) })
  }
}
