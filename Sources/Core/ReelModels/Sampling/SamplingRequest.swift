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

  /// A film that the run begins with.
  public struct Source: Sendable {
    /// As many as the request has, of its size.
    public var frames: [Frame]
    /// 0…1: the share of the steps that is taken, from the film noised so far; 1 begins with noise alone.
    public var strength: Double
    /// For every frame and pixel how far it is to be made anew: 255 is wholly, 0 is not at all. Empty where all of it
    /// is.
    public var open: [[UInt8]]

    public init(frames: [Frame], strength: Double, open: [[UInt8]] = []) {
      self.frames = frames
      self.strength = strength
      self.open = open
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
  /// The solver in place of the model's own.
  public var solver: Solver?
  /// The noise levels themselves, falling, above 0 and at most 1, in place of `steps` and `shift`: those that a
  /// distilled model was trained at.
  public var sigmas: [Double]?
  /// When blocks of the transformer are not run; `nil` for never, which alone is exact.
  public var reuse: BlockReuse?
  /// What decodes the result in place of the model's autoencoder; `nil` for that, which alone is exact.
  public var decoder: TinyDecoder?
  /// A film that the run begins with; `nil` for noise.
  public var source: Source?
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
    self.solver = nil
    self.sigmas = nil
    self.reuse = nil
    self.decoder = nil
    self.source = nil
    self.seed = seed
    self.noiseStream = noiseStream
    self.variation = variation
    self.known = known
    self.references = references
    self.controlStrength = controlStrength
  }
}

extension SamplingRequest {
  /// Where the noise of the run comes from.
  var noise: Philox { Philox(seed: seed, stream: noiseStream) }

  /// The extents of a frame's pixels.
  var pixelShape: [Int] { [size.height, size.width, 3] }

  /// Which steps the run takes.
  var stepping: Stepping {
    Stepping(solver: solver, steps: steps, shift: shift, sigmas: sigmas, share: source?.strength ?? 1)
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
