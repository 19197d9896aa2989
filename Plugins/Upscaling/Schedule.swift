// Which moment of the footage each frame of the result shows, in whole numbers.

import ReelStage

/// The frames of a result: how many there are, and where in the footage each one lies.
struct Schedule: Sendable {
  /// An hour at 60 frames a second.
  static let maximumCount = 216_000

  /// The number of frames of the result.
  let count: Int
  private let sourceCount: Int
  /// Source frames a frame of the result: `numerator / denominator`.
  private let step: FrameRate

  /// The schedule of `count` frames at `rate`, shown at `target` frames a second.
  init(count sourceCount: Int, rate: FrameRate, at target: FrameRate) throws(StageError) {
    guard sourceCount > 0 else { throw .input("frames", "wanted footage, found a sequence of no frames") }
    step = FrameRate(rate.numerator * target.denominator, rate.denominator * target.numerator)
    // round(sourceCount / step), halves up; in Double first, which cannot overflow.
    let seconds = Double(sourceCount) / rate.framesPerSecond
    guard seconds * target.framesPerSecond <= Double(Self.maximumCount) else {
      throw .input(
        "frames",
        "\(sourceCount) frames at \(rate) a second make more than \(Self.maximumCount) at \(target) a second")
    }
    count = (2 * sourceCount * step.denominator + step.numerator) / (2 * step.numerator)
    guard count > 0 else {
      throw .input("frames", "\(sourceCount) frames at \(rate) a second make none at \(target) a second")
    }
    self.sourceCount = sourceCount
  }

  /// A moment of the footage: `fraction` of the way from the frame at `index` to the next.
  struct Moment: Hashable, Sendable {
    let index: Int
    /// From 0 up to, but not, 1.
    let fraction: Float
  }

  /// What frame `index` of the result shows.
  ///
  /// Fewer frames than the footage has are picked at their times. More are spread from its first frame to its
  /// last: at their times the last few would all come after the last frame, and every shot would freeze
  /// before its cut.
  func moment(of index: Int) -> Moment {
    let (numerator, denominator) =
      count > sourceCount
      ? (index * (sourceCount - 1), count - 1) : (index * step.numerator, step.denominator)
    let source = numerator / denominator
    if source >= sourceCount - 1 { return Moment(index: sourceCount - 1, fraction: 0) }
    return Moment(index: source, fraction: Float(Double(numerator % denominator) / Double(denominator)))
  }
}
