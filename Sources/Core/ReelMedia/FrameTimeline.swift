// The parts of a film as one run of frames.

/// Frame sequences laid end to end.
public struct FrameTimeline: Sendable {
  public let size: Size
  public let rate: FrameRate
  /// The number of frames of all parts together.
  public let count: Int
  /// The number of the first part's first frame.
  public let start: Int
  /// The parts in the order of the film.
  public let parts: [FrameSequenceReader]
  /// The frame at which each part starts.
  private let starts: [Int]

  /// Opens the parts of a film, in order.
  ///
  /// - Parameter start: the number of the first frame.
  /// - Throws: ``MediaError`` where there is none, one cannot be read, or they differ in size or rate.
  public init(paths: [String], from start: Int = 0) throws(MediaError) {
    var parts: [FrameSequenceReader] = []
    var starts: [Int] = []
    var count = 0
    for path in paths {
      let part = try FrameSequenceReader(path: path)
      if let first = parts.first {
        func mismatch<Value>(_ property: String, _ wanted: Value, _ found: Value) -> MediaError {
          .mismatch(path: path, first: first.path, property: property, wanted: "\(wanted)", found: "\(found)")
        }
        guard part.size == first.size else { throw mismatch("size", first.size, part.size) }
        guard part.rate == first.rate else { throw mismatch("frame rate", first.rate, part.rate) }
      }
      parts.append(part)
      starts.append(count)
      count += part.count
    }
    guard let first = parts.first else { throw .noParts }
    (size, rate) = (first.size, first.rate)
    (self.parts, self.starts, self.count, self.start) = (parts, starts, count, start)
  }

  /// The numbers of the frames.
  public var frames: Range<Int> { start..<start + count }

  /// The frame with the number `index`.
  public func frame(at index: Int) throws(MediaError) -> Frame {
    guard frames.contains(index) else {
      throw .noFrame(path: parts[0].path, index: index, count: count)
    }
    let place = index - start
    let part = starts.lastIndex { $0 <= place }!
    return try parts[part].frame(at: place - starts[part])
  }
}
