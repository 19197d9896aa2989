// How a movement begins and ends.

/// An easing curve of CSS: a cubic Bézier curve from (0, 0) to (1, 1), progress over time.
///
/// Source: W3C CSS Easing Functions Level 1, § 2.2, whose control points these are.
struct Easing: Hashable, Sendable {
  /// What a pipeline calls them.
  static let names = ["linear", "ease-in", "ease-out", "ease-in-out"]

  static let linear = Easing(x1: 0, y1: 0, x2: 1, y2: 1)
  static let easeIn = Easing(x1: 0.42, y1: 0, x2: 1, y2: 1)
  static let easeOut = Easing(x1: 0, y1: 0, x2: 0.58, y2: 1)
  static let easeInOut = Easing(x1: 0.42, y1: 0, x2: 0.58, y2: 1)

  private let x1: Double
  private let y1: Double
  private let x2: Double
  private let y2: Double

  private init(x1: Double, y1: Double, x2: Double, y2: Double) {
    (self.x1, self.y1, self.x2, self.y2) = (x1, y1, x2, y2)
  }

  /// The curve that a pipeline names; one of ``names``.
  init(_ name: String) {
    switch name {
    case "linear": self = .linear
    case "ease-in": self = .easeIn
    case "ease-out": self = .easeOut
    case "ease-in-out": self = .easeInOut
    default: preconditionFailure("the declaration lists the easings")
    }
  }

  /// The progress, 0…1, at `time`, 0…1; times outside are taken as the nearer end.
  func callAsFunction(_ time: Double) -> Double {
    if time <= 0 { return 0 }
    if time >= 1 { return 1 }
    if self == .linear { return time }
    // x grows with the parameter, so halving finds it: 50 steps leave no error that a double can show.
    var (low, high) = (0.0, 1.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if Self.bezier(middle, x1, x2) < time { low = middle } else { high = middle }
    }
    return Self.bezier((low + high) / 2, y1, y2)
  }

  /// One coordinate of the curve whose end points are 0 and 1: 3(1−t)²t·p₁ + 3(1−t)t²·p₂ + t³.
  private static func bezier(_ t: Double, _ p1: Double, _ p2: Double) -> Double {
    3 * (1 - t) * (1 - t) * t * p1 + 3 * (1 - t) * t * t * p2 + t * t * t
  }
}
