// What resampling is told: a filter and a part of the picture; and the weights that follow from them.

import Glibc

/// The kernel by which a picture is enlarged or reduced.
public enum ResamplingFilter: Hashable, Sendable {
  /// A tent over 2 pixels: soft, never rings.
  case bilinear
  /// The cubic of Keys (1981) with a = −0.5, Catmull and Rom's spline, over 4 pixels.
  case bicubic
  /// A sinc windowed by a sinc over 6 pixels: the sharpest of these, rings a little at hard edges.
  case lanczos
  /// A bell with this standard deviation in pixels of the source: blurs as it scales.
  case gaussian(Double)

  /// Half the kernel's width in pixels of the source, when enlarging.
  var radius: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    case .gaussian(let deviation): 3 * deviation
    }
  }

  /// The kernel's height at a distance of `x` pixels. Not normalised.
  func height(at x: Double) -> Double {
    let x = abs(x)
    guard x < radius else { return 0 }
    switch self {
    case .bilinear: return 1 - x
    case .bicubic:
      return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2
    case .lanczos:
      func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
      return sinc(x) * sinc(x / 3)
    case .gaussian(let deviation): return exp(-0.5 * x * x / (deviation * deviation))
    }
  }
}

/// A part of a picture in pixels from its top left corner; edges may fall between pixels.
public struct Region: Hashable, Sendable {
  public let x: Double
  public let y: Double
  public let width: Double
  public let height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The whole of a picture.
  public init(_ size: Size) {
    self.init(x: 0, y: 0, width: Double(size.width), height: Double(size.height))
  }
}

/// Along one axis: which source samples each target sample is a sum of, and with what weights.
struct ResamplingWeights: Sendable {
  /// [target] The first source sample of each sum.
  let starts: [Int]
  /// The number of terms, the same for each sum; those beyond the kernel have weight 0.
  let count: Int
  /// [target × count] Each sum's weights add up to 1.
  let weights: [Float]

  /// The weights that make `target` samples of the stretch of `length` samples from `start` of `source`
  /// samples.
  ///
  /// When reducing, the kernel is stretched over the samples that fall together. At the picture's edge the
  /// kernel is cut off and the rest of it brought to 1 again.
  init(source: Int, start: Double, length: Double, target: Int, filter: ResamplingFilter) {
    let scale = length / Double(target)
    let stretch = max(scale, 1)
    let radius = filter.radius * stretch
    count = min(source, Int((radius * 2).rounded(.up)))
    var starts: [Int] = []
    var weights: [Float] = []
    starts.reserveCapacity(target)
    weights.reserveCapacity(target * count)
    for index in 0..<target {
      // In coordinates where sample i covers i…i+1.
      let centre = start + (Double(index) + 0.5) * scale
      let first = max(0, min(source - count, Int((centre - radius).rounded())))
      let heights = (first..<first + count).map { filter.height(at: (Double($0) + 0.5 - centre) / stretch) }
      let sum = heights.reduce(0, +)
      starts.append(first)
      weights += heights.map { Float($0 / sum) }
    }
    (self.starts, self.weights) = (starts, weights)
  }
}
