// The shape of a frame, as an exact ratio.

/// Width to height, in lowest terms. Written "16:9".
public struct AspectRatio: Hashable, Sendable, CustomStringConvertible {
  public let width: Int
  public let height: Int

  public init(_ size: Size) {
    (width, height) = inLowestTerms(size.width, size.height)
  }

  /// Reads "16:9", or the shape of a size, "1920x1080"; `nil` for anything else, or a side outside 1…16384.
  public init?(_ text: some StringProtocol) {
    let sides = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let size = Size(sides.count == 2 ? "\(sides[0])x\(sides[1])" : String(text)) else { return nil }
    self.init(size)
  }

  public var description: String { "\(width):\(height)" }

  /// How much wider than the other the wider of the two is at the same height: 1 for equal shapes.
  public func distance(to other: AspectRatio) -> Double {
    let (a, b) = (Double(width * other.height), Double(other.width * height))
    return max(a, b) / min(a, b)
  }
}
