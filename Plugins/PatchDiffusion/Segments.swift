// How a shot that is longer than the model's clip is divided into clips that share frames where they meet.

/// The clips that make a shot, as a value.
///
/// Every clip has the length the model was trained on, `clipFrames`; clip `k` begins with the last `overlap` frames of
/// clip `k − 1`, so the shot has `count · (clipFrames − overlap) + overlap` frames.
public struct Segments: Hashable, Sendable {
  public let clipFrames: Int
  public let overlap: Int
  public let count: Int

  /// As many clips as come nearest to `seconds` at the model's own speed, at least one.
  ///
  /// - Parameters:
  ///   - clipFrames: frames of one clip, at least 2.
  ///   - framesPerSecond: the speed that the model was trained at.
  ///   - overlap: frames that two clips share, at least 1; at most half a clip counts.
  public init(seconds: Double, clipFrames: Int, framesPerSecond: Double, overlap: Int = 1) {
    self.clipFrames = clipFrames
    self.overlap = max(1, min(overlap, clipFrames / 2))
    let stride = Double(clipFrames - self.overlap)
    count = max(1, Int(((seconds * framesPerSecond + 1 - Double(self.overlap)) / stride).rounded()))
  }

  /// As many clips as cover `frames`; the last may go beyond.
  public init(covering frames: Int, clipFrames: Int, overlap: Int = 1) {
    self.clipFrames = clipFrames
    self.overlap = max(1, min(overlap, clipFrames / 2))
    let stride = clipFrames - self.overlap
    count = max(1, (frames - self.overlap + stride - 1) / stride)
  }

  /// The frames that two clips share where nothing is said: the more the model sees of the clip before, the less the
  /// seam shows. A short clip has few to give away, and a model that was trained on first frames makes worse of more.
  public static func usualOverlap(clipFrames: Int, knowsAnyFrames: Bool) -> Int {
    clipFrames > 32 && knowsAnyFrames ? 5 : 1
  }

  private var stride: Int { clipFrames - overlap }

  /// Frames of the whole shot.
  public var frameCount: Int { count * stride + overlap }

  /// The shot's frames that clip `index` covers. Its first ones are the last of the clip before.
  public func frames(of index: Int) -> ClosedRange<Int> {
    let start = index * stride
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

  /// The shot's frames at the given times of a shot that lasts `seconds`, each within it.
  public func positions(at times: [Double], of seconds: Double) -> [Int] {
    times.map { max(0, min(frameCount - 1, Int(($0 / seconds * Double(frameCount - 1)).rounded()))) }
  }
}
