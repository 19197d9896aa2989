// When a layer is seen, and how it comes and goes.

import ReelStage

/// How a layer comes in or goes out.
struct Transition: Hashable, Sendable {
  var seconds: Double
  var isFading: Bool
  /// The way that the layer moves, whether it comes or goes; `nil` for one that stays in place.
  var slide: Heading?
  /// How far it moves, in pixels.
  var distance: Double
  var easing: Easing
}

/// A layer's place and opacity at each frame of a film.
struct Motion: Hashable, Sendable {
  /// The frames on which the layer is seen.
  let frames: Range<Int>
  let enter: Transition?
  let leave: Transition?
  private let rate: FrameRate

  /// How a layer looks on one frame.
  struct Pose: Hashable, Sendable {
    /// 0…1.
    var opacity: Double
    /// How far from its place, in pixels.
    var dx: Double
    var dy: Double

    static let still = Pose(opacity: 1, dx: 0, dy: 0)
  }

  init(frames: Range<Int>, enter: Transition?, leave: Transition?, rate: FrameRate) {
    (self.frames, self.enter, self.leave, self.rate) = (frames, enter, leave, rate)
  }

  /// The pose on the frame at `index`; `nil` where the layer is not seen. A frame stands for its middle, so
  /// that coming in and going out mirror each other and the first frame already shows something.
  func pose(at index: Int) -> Pose? {
    guard frames.contains(index) else { return nil }
    var pose = Pose.still
    let frame = 1 / rate.framesPerSecond
    if let enter {
      let progress = enter.easing((Double(index - frames.lowerBound) + 0.5) * frame / enter.seconds)
      pose.apply(enter, opacity: progress, steps: progress - 1)
    }
    if let leave {
      let left = (Double(frames.upperBound - index) - 0.5) * frame
      let progress = leave.easing(1 - left / leave.seconds)
      pose.apply(leave, opacity: 1 - progress, steps: progress)
    }
    return pose
  }
}

extension Motion.Pose {
  fileprivate mutating func apply(_ transition: Transition, opacity: Double, steps: Double) {
    if transition.isFading { self.opacity *= opacity }
    if let slide = transition.slide {
      dx += slide.x * transition.distance * steps
      dy += slide.y * transition.distance * steps
    }
  }
}
