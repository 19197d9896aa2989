// Frames a second, as an exact fraction.

/// A frame rate: `numerator / denominator` frames a second, in lowest terms. Written "25" or "30000/1001".
public struct FrameRate: Hashable, Sendable, CustomStringConvertible {
  public let numerator: Int
  public let denominator: Int

  public init(_ numerator: Int, _ denominator: Int = 1) {
    precondition(numerator > 0 && denominator > 0, "a frame rate is positive")
    (self.numerator, self.denominator) = inLowestTerms(numerator, denominator)
  }

  /// Reads "25", "30000/1001" and the usual decimals "23.976", "29.97", "59.94"; `nil` for anything else, or
  /// a rate outside 1…240.
  public init?(_ text: some StringProtocol) {
    let ntsc: [String: Int] = ["23.976": 24000, "23.98": 24000, "29.97": 30000, "59.94": 60000]
    if let numerator = ntsc[String(text)] {
      self.init(numerator, 1001)
    } else {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count <= 2, let numerator = Int(parts[0]),
        let denominator = parts.count == 2 ? Int(parts[1]) : 1,
        (1...1_000_000).contains(numerator), (1...1_000_000).contains(denominator),
        numerator >= denominator, numerator <= 240 * denominator
      else { return nil }
      self.init(numerator, denominator)
    }
  }

  public var framesPerSecond: Double { Double(numerator) / Double(denominator) }

  public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}
