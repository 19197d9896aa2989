// The parts of a film as one run of frames.

/// Frame sequences laid end to end: frame 0 is the first of the first part.
public struct FrameTimeline: Sendable {
  public let size: Size
  public let rate: FrameRate
  /// The number of frames of all parts together.
  public let count: Int
  /// The parts in the order of the film.
  public let parts: [FrameSequenceReader]
  /// The frame at which each part starts.
  private let starts: [Int]

  /// Opens the parts of a film, in order.
  ///
  /// - Throws: ``MediaError`` where there is none, one cannot be read, or they differ in size or rate.
  public init(paths: [String]) throws(MediaError) {
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
    (self.parts, self.starts, self.count) = (parts, starts, count)
  }

  /// The frame at `index` of the whole film, from 0.
  public func frame(at index: Int) throws(MediaError) -> Frame {
    guard (0..<count).contains(index) else {
      throw .noFrame(path: parts[0].path, index: index, count: count)
    }
    let part = starts.lastIndex { $0 <= index }!
    return try parts[part].frame(at: index - starts[part])
  }
}
