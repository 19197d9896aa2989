// The stage that brings footage to the size and the frame rate of the delivery.

import ReelModels
import ReelStage
import ReelTensor

/// Enlarges (or reduces) the frames of a shot, fits them to the asked shape, and makes the frames in between that the
/// asked rate wants.
///
/// With `engine: learned` a network enlarges the footage's own frames first, as often as that brings them nearer to
/// their size (``EnlargedFootage``); what is left is done by resampling in linear light. Frames in between are made
/// from enlarged ones, so that they cost no pass of the network.
///
/// It is cut by shot, not by run of frames: a frame that is steadied keeps a share of all before it in the shot,
/// and the frames of a higher rate are spread from the shot's first to its last.
///
/// A shot of N frames at r frames a second lasts N/r seconds; at F frames a second it becomes round(N·F/r)
/// frames.
public struct Upscaling: Stage {
  public static let manifest = Manifest(
    name: "upscaling", version: 2, summary: "brings frames to a size and a frame rate",
    inputs: [Port("frames", .frames, help: "the footage")],
    outputs: [Port("frames", .frames, help: "the footage at the asked size and rate")],
    cut: .shot,
    parameters: [
      .required("size", .size, help: "the size of the result"),
      .optional("fps", .frameRate, help: "the frame rate of the result; by default the footage's own"),
      .optional(
        "fit", .choice(["crop", "letterbox", "blur"]), default: "crop",
        help: "how another shape is filled: cut off, bars of colour, or a blurred copy behind"),
      .optional(
        "anchor", .choice(Anchor.allCases.map(\.rawValue)), default: "centre",
        help: "the part of the picture that a crop keeps"),
      .optional("zoom", .number(1...8), default: 1, help: "how far a crop goes into the picture"),
      .optional("background", .colour, default: "#000000", help: "the colour of a letterbox's bars"),
      .optional(
        "engine", .choice(["learned", "lanczos"]),
        help:
          "what enlarges: learned, a network, or lanczos, resampling alone; by default learned where there is a model"
      ),
      .model(
        "model", reading: ["*.safetensors", "*.pth"], orFile: true, ifFound: "upscaling",
        help:
          "the weights of an SRVGGNetCompact (Real-ESRGAN): a .safetensors or .pth file, or a folder with one"
      ),
      .optional(
        "passes", .integer(1...4, unit: "passes"), default: 2,
        help: "how often the network enlarges at most; resampling does the rest"),
      .optional(
        "steadiness", .percent(0...100), default: 50.0,
        help:
          "how much of the frame before stays where the footage stands still, so that learned detail keeps still"
      ),
      .optional(
        "filter", .choice(["lanczos", "bicubic"]), default: "lanczos",
        help: "the kernel of the resampling: lanczos is sharper, bicubic rings less"),
      .optional(
        "interpolation", .choice(Interpolation.allCases.map(\.rawValue)), default: "motion",
        help: "how frames in between are made: along the motion, by blending, or by repeating"),
      .optional("sharpen", .number(0...1), default: 0, help: "how much the finest detail is lifted"),
    ])

  private let size: Size
  /// The weights, where a network enlarges.
  private let model: String?
  private let passes: Int
  private let steadiness: Double
  private let rate: FrameRate?
  private let fit: Fit
  private let filter: ResamplingFilter
  private let interpolation: Interpolation
  private let sharpening: Double

  public init(_ parameters: Parameters) throws {
    size = parameters.size("size")
    guard size.pixels <= Size.maximumPixels else {
      throw parameters.problem("size", "\(size) has more than \(Size.maximumPixels) pixels; make it smaller")
    }
    rate = parameters.ifGiven("fps", parameters.frameRate)
    let model = parameters.ifGiven("model", parameters.text)
    let engine = parameters.ifGiven("engine", parameters.text)
    guard engine != "learned" || model != nil else {
      throw parameters.problem(
        "engine",
        "'learned' needs a model, and none called 'upscaling' is found; give 'model', or use 'lanczos'")
    }
    self.model = engine == "lanczos" ? nil : model
    passes = parameters.integer("passes")
    steadiness = parameters.number("steadiness") / 100
    let background = parameters.colour("background")
    guard background.alpha == 255 else {
      throw parameters.problem(
        "background", "\(background) can be seen through, wanted a colour such as #000000")
    }
    fit =
      switch parameters.text("fit") {
      case "letterbox": .letterbox(background)
      case "blur": .blur
      default: .crop(Anchor(rawValue: parameters.text("anchor"))!, zoom: parameters.number("zoom"))
      }
    filter = parameters.text("filter") == "bicubic" ? .bicubic : .lanczos
    interpolation = Interpolation(rawValue: parameters.text("interpolation"))!
    sharpening = parameters.number("sharpen")
  }

  public func run(_ job: Job) throws {
    try Threads.with(job.threads) {
      do {
        try upscale(job.timeline("frames"), job)
      } catch let error as MediaError {
        throw StageError.failed("\(error)")
      } catch let error as ModelError {
        throw StageError.parameter("model", "\(error)")
      }
    }
  }

  private func upscale(_ timeline: FrameTimeline, _ job: Job) throws {
    let rate = rate ?? timeline.rate
    let schedule = try Schedule(count: timeline.count, rate: timeline.rate, at: rate)
    let footage = try enlarged(timeline)
    let framing = Framing(from: footage.size, to: size, fit: fit, filter: filter)
    let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: size, rate: rate)
    var interpolator = Interpolator(footage, schedule, interpolation)
    var done = 0
    while done < schedule.count {
      let frames = try interpolator.frames(done..<min(done + 2 * Threads.count, schedule.count))
      let framed = parallelMap(frames.count) { framing(sharpened(frames[$0], by: sharpening)) }
      for frame in framed { try writer.append(frame) }
      done += frames.count
      job.progress(done: done, total: schedule.count, unit: "frames")
    }
    try writer.finish()
  }
}

extension Upscaling {
  /// The footage, by the network where there is one and the result is to be larger.
  private func enlarged(_ timeline: FrameTimeline) throws -> any Footage {
    let plain = PlainFootage(timeline: timeline)
    guard let model else { return plain }
    let network = try SuperResolution(path: model)
    let passes = EnlargedFootage.passes(
      timeline.size, magnification: Framing.magnification(from: timeline.size, to: size, fit: fit),
      scale: network.scale, limit: passes)
    guard passes > 0 else { return plain }
    return EnlargedFootage(timeline, by: network, passes: passes, steadiness: Float(steadiness))
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Upscaling.self) }
