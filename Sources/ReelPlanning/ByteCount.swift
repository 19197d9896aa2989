// Amounts of memory and disk, as people write and read them.

/// A number of bytes: `4GB`, `1.5 GB`, `512MiB`.
public struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let bytes: Int

  /// What a unit that people write stands for.
  private static let units: [(name: String, bytes: Int)] = [
    ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
    ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("b", 1),
  ]

  /// What ``init(_:)-(StringProtocol)`` wants, for messages.
  public static let wanted = "a size such as 4GB or 512MB"

  public init(_ bytes: Int) { self.bytes = bytes }

  /// Reads a number above 0 and its unit, in letters of either case; `nil` for anything else, and for more than
  /// a million terabytes.
  public init?(_ text: some StringProtocol) {
    let text = text.lowercased()
    guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }) else { return nil }
    var number = text.dropLast(unit.name.count)[...]
    if number.last == " " { number.removeLast() }
    guard number.first?.isNumber == true, let count = Double(number), count > 0 else { return nil }
    let bytes = count * Double(unit.bytes)
    guard bytes >= 1, bytes <= 1e18 else { return nil }
    self.bytes = Int(bytes.rounded())
  }

  /// In the largest decimal unit of which there is one, with a place after the point where it says something:
  /// "4 GB", "1.2 GB", "17 bytes".
  public var description: String {
    var (value, unit) = (Double(bytes), "bytes")
    for larger in ["kB", "MB", "GB", "TB"] where value >= 1000 {
      value /= 1000
      unit = larger
    }
    let tenths = Int((value * 10).rounded())
    return (tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)") + " " + unit
  }

  public static func < (first: ByteCount, second: ByteCount) -> Bool { first.bytes < second.bytes }
}
