// Pictures at another size, byte for byte as Pillow makes them: what models were trained to see through its filters.

import Glibc
import ReelMedia

/// A filter of Pillow's, under Pillow's number.
enum PillowFilter: Int, Hashable, Sendable {
  case lanczos = 1
  case bicubic = 3

  /// How far the filter reaches to each side.
  fileprivate var support: Double {
    switch self {
    case .lanczos: 3
    case .bicubic: 2
    }
  }

  fileprivate func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .lanczos: abs(x) < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    case .bicubic: Self.cubic(abs(x))
    }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }

  /// Keys' cubic with a = −½.
  private static func cubic(_ x: Double) -> Double {
    let a = -0.5
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}

extension Frame {
  /// The picture at another size: columns first and rounded to bytes, then rows, both with weights of 22 bits after
  /// the point (Pillow, src/libImaging/Resample.c).
  func resampled(to target: Size, by filter: PillowFilter) -> Frame {
    if target == size { return self }
    let across = PillowTaps(from: width, to: target.width, filter)
    var narrow = [UInt8](repeating: 0, count: height * target.width * 3)
    for y in 0..<height {
      for x in 0..<target.width {
        for colour in 0..<3 {
          narrow[(y * target.width + x) * 3 + colour] = across.sum(at: x) { place in
            pixels[(y * width + place) * 3 + colour]
          }
        }
      }
    }
    let down = PillowTaps(from: height, to: target.height, filter)
    let stride = target.width * 3
    var result = [UInt8](repeating: 0, count: target.height * stride)
    for y in 0..<target.height {
      for column in 0..<stride {
        result[y * stride + column] = down.sum(at: y) { place in narrow[place * stride + column] }
      }
    }
    return Frame(size: target, pixels: result)
  }
}

/// For every place along an axis which places of the source enter it, and how much of each.
private struct PillowTaps {
  private let starts: [Int]
  private let weights: [[Int]]
  private static let bits = 22

  init(from extent: Int, to count: Int, _ filter: PillowFilter) {
    let scale = Double(extent) / Double(count)
    // Reduced pictures are smoothed: the filter grows with the step.
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    var starts: [Int] = []
    var weights: [[Int]] = []
    for place in 0..<count {
      let centre = (Double(place) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let last = min(extent, Int(centre + support + 0.5))
      let values = (first..<last).map { filter((Double($0) - centre + 0.5) / stretch) }
      let sum = values.reduce(0, +)
      starts.append(first)
      weights.append(
        values.map { Int(($0 / sum * Double(1 << Self.bits)).rounded(.toNearestOrAwayFromZero)) })
    }
    (self.starts, self.weights) = (starts, weights)
  }

  func sum(at place: Int, _ source: (Int) -> UInt8) -> UInt8 {
    var sum = 1 << (Self.bits - 1)
    for (index, weight) in weights[place].enumerated() {
      sum += Int(source(starts[place] + index)) * weight
    }
    return UInt8(max(0, min(255, sum >> Self.bits)))
  }
}
