// How a shot that is longer than the model's clip is divided into clips that share their boundary frames.

/// The clips that make a shot, as a value.
///
/// Every clip has the length the model was trained on, `clipFrames`; clip `k` begins on the last frame of clip
/// `k − 1`, so the shot has `count · (clipFrames − 1) + 1` frames.
public struct Segments: Hashable, Sendable {
  public let clipFrames: Int
  public let count: Int

  /// As many clips as come nearest to `seconds` at the model's own speed, at least one.
  ///
  /// - Parameters:
  ///   - clipFrames: frames of one clip, at least 2.
  ///   - framesPerSecond: the speed that the model was trained at.
  public init(seconds: Double, clipFrames: Int, framesPerSecond: Double) {
    self.clipFrames = clipFrames
    count = max(1, Int((seconds * framesPerSecond / Double(clipFrames - 1)).rounded()))
  }

  /// Frames of the whole shot.
  public var frameCount: Int { count * (clipFrames - 1) + 1 }

  /// The shot's frames that clip `index` covers. Its first is the last of the clip before.
  public func frames(of index: Int) -> ClosedRange<Int> {
    let start = index * (clipFrames - 1)
    return start...start + clipFrames - 1
  }

  /// The shot's frames on which `stills` keyframes stand, evenly spread from the first frame to the last. One
  /// keyframe is the first frame.
  public func positions(ofStills stills: Int) -> [Int] {
    guard stills > 1 else { return stills == 1 ? [0] : [] }
    return (0..<stills).map { still in
      // Rounded to the nearest frame, halves up.
      (2 * still * (frameCount - 1) + stills - 1) / (2 * (stills - 1))
    }
  }
}
