// Runs of frames: how long a film is, how it is cut into spans, and what an action is told of its own.

/// How many frames a film or a part of it has, and how fast they go.
public struct FilmLength: Hashable, Sendable {
  public let frames: Int
  public let rate: FrameRate

  public init(frames: Int, rate: FrameRate) {
    self.frames = frames
    self.rate = rate
  }

  public var seconds: Double { Double(frames) / rate.framesPerSecond }

  /// The frame that starts nearest to a moment, from 0 to ``frames`` inclusive; `nil` outside the film.
  ///
  /// - Parameter moment: seconds from the start, or from the end where negative.
  public func frame(at moment: Double) -> Int? {
    let position = moment < 0 ? seconds + moment : moment
    let frame = (position * rate.framesPerSecond).rounded()
    return frame >= 0 && frame <= Double(frames) ? Int(frame) : nil
  }
}

/// The run of frames that an action makes.
public struct Span: Hashable, Sendable {
  /// The frames to make. For a stage whose parameters name moments these are the film's own numbers; another
  /// stage counts from the first frame that it is given, and so gives the same wherever the run stands.
  public let frames: Range<Int>
  /// By input of frames, the number of its first frame: at most `frames.lowerBound`.
  public let starts: [String: Int]

  public init(frames: Range<Int>, starts: [String: Int]) {
    self.frames = frames
    self.starts = starts
  }
}

extension Cut {
  /// The runs of frames that a film is cut into, in order: about so many seconds each, on a grid that starts
  /// with the film, so that a longer film keeps the spans it had. A rest of less than half a span goes with
  /// the one before it. One empty span for a film without frames.
  public static func spans(of film: FilmLength, seconds: Double) -> [Range<Int>] {
    var starts = [0]
    let length = seconds * film.rate.framesPerSecond
    while true {
      let next = max(starts.last! + 1, Int((Double(starts.count) * length).rounded()))
      guard Double(film.frames - next) >= length / 2, next < film.frames else { break }
      starts.append(next)
    }
    return zip(starts, starts.dropFirst() + [film.frames]).map { $0..<$1 }
  }
}
