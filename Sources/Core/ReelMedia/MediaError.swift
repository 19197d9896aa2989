// Every way in which a picture or a frame sequence can be refused, worded in one place.

/// A picture or a film that cannot be read or written. Its description starts with the file.
public enum MediaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system refused: what was tried ("open", "write"), and its own words.
  case system(path: String, action: String, reason: String)
  /// Bytes that are not what the file should be; `expected` is the kind of file ("a PNG picture").
  case wrongKind(path: String, expected: String, reason: String)
  /// A file of the right kind that ends too early.
  case cutShort(path: String, expected: String)
  /// A file of the right kind whose bytes contradict each other: which part, and how.
  case damaged(path: String, part: String, reason: String)
  /// A picture with more pixels than ``Size/maximumPixels``.
  case tooLarge(path: String, size: Size)
  /// A frame rate with too many digits to reckon with exactly.
  case unusualRate(path: String, rate: String)
  /// A frame of another size than the sequence it is added to.
  case wrongSize(path: String, wanted: Size, found: Size)
  /// Parts of one film that do not fit together: the later part, and what differs.
  case mismatch(path: String, first: String, property: String, wanted: String, found: String)
  /// A frame that a film does not have.
  case noFrame(path: String, index: Int, count: Int)
  /// A film without a single part.
  case noParts

  public var description: String {
    switch self {
    case .system(let path, let action, let reason): "\(path): cannot \(action): \(reason)"
    case .wrongKind(let path, let expected, let reason): "\(path): not \(expected): \(reason)"
    case .cutShort(let path, let expected): "\(path): \(expected) that is cut short; write it again"
    case .damaged(let path, let part, let reason): "\(path): \(part) is damaged: \(reason); write it again"
    case .tooLarge(let path, let size):
      "\(path): a picture of \(size) pixels, wanted at most \(Size.maximumPixels) pixels in all; "
        + "make it smaller"
    case .unusualRate(let path, let rate):
      "\(path): a frame rate of \(rate), wanted a fraction of numbers up to 1000000; round it"
    case .wrongSize(let path, let wanted, let found): "\(path): wanted a frame of \(wanted), found \(found)"
    case .mismatch(let path, let first, let property, let wanted, let found):
      "\(path): wanted the \(property) \(wanted) of '\(first)', found \(found)"
    case .noFrame(let path, let index, let count): "\(path): no frame \(index), the film has \(count)"
    case .noParts: "a film of no parts"
    }
  }
}
