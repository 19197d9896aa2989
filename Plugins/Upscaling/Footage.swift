// The frames that interpolation works on: the footage's own, or enlarged by a network.

import ReelModels
import ReelStage
import ReelTensor

/// Frames of the footage by index, all of one size. They are asked for in rising order, each once.
protocol Footage {
  var size: Size { get }
  mutating func frames(at indices: [Int]) throws -> [Frame]
}

/// The footage as it is.
struct PlainFootage: Footage {
  let timeline: FrameTimeline
  var size: Size { timeline.size }

  func frames(at indices: [Int]) throws -> [Frame] {
    let timeline = timeline
    return try parallelMap(indices.count) { (position) throws(MediaError) in
      try timeline.frame(at: indices[position])
    }
  }
}

/// The footage enlarged by a network, frame after frame: only its own frames cost a pass, however many more the
/// film has.
struct EnlargedFootage: Footage {
  let size: Size
  private let plain: PlainFootage
  private let network: SuperResolution
  private let passes: Int
  private var steadying: Steadying

  /// - Parameters:
  ///   - passes: how many times the network is applied, 1 or more.
  ///   - steadiness: the share of the frame before that stays where the footage stands still, 0…1.
  init(_ timeline: FrameTimeline, by network: SuperResolution, passes: Int, steadiness: Float) {
    plain = PlainFootage(timeline: timeline)
    self.network = network
    self.passes = passes
    let factor = (0..<passes).reduce(1) { factor, _ in factor * network.scale }
    size = Size(width: timeline.size.width * factor, height: timeline.size.height * factor)
    steadying = Steadying(factor: factor, share: steadiness)
  }

  mutating func frames(at indices: [Int]) throws -> [Frame] {
    try plain.frames(at: indices).map { frame in
      let enlarged = try network.enlarged(frame.codeValues, passes: passes)
      return Frame(codeValues: steadying.next(frame.codeValues, enlarged: enlarged))
    }
  }

  /// How many times a network that enlarges `scale` times is applied to footage of `size`, of which a film shows each
  /// pixel `magnification` times as large.
  ///
  /// As long as what is left to enlarge is √scale or more, a further pass brings the picture nearer to its size than
  /// it was; below, it would mostly be reduced again. No more than `limit` passes: what a network adds is invented, a
  /// further pass invents upon that, and costs scale² times as much. No pass makes a picture larger than a frame can be.
  static func passes(_ size: Size, magnification: Double, scale: Int, limit: Int) -> Int {
    var (left, factor, passes) = (magnification, 1, 0)
    while passes < limit, left * left >= Double(scale) {
      factor *= scale
      let (width, height) = (size.width * factor, size.height * factor)
      guard max(width, height) <= Size.maximumSide, width * height <= Size.maximumPixels else { break }
      left /= Double(scale)
      passes += 1
    }
    return passes
  }
}
