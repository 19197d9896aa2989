// Seeded choices that do not disturb each other.

/// Throws dice that are named: the same seed, shot and name always give the same number. A new name changes
/// none of the others, and neither does the text of another shot.
struct Dice: Hashable, Sendable {
  let seed: UInt64
  /// The shot's name; empty for what is chosen once for the whole film.
  let shot: String

  /// A number for `name`, each of 64 bits evenly likely.
  ///
  /// FNV-1a over the seed and the lengths and bytes of the names, then the finaliser of SplitMix64 (Steele,
  /// Lea and Flood 2014), which spreads every bit over all.
  func roll(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    func add(_ number: UInt64) {
      for shift in 0..<8 { add(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }
    add(seed)
    for text in [name, shot] {
      add(UInt64(text.utf8.count))
      for byte in text.utf8 { add(byte) }
    }
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }

  /// A place from 0 to `count` − 1, each evenly likely.
  func pick(_ name: String, from count: Int) -> Int {
    Int(roll(name).multipliedFullWidth(by: UInt64(count)).high)
  }

  /// A place among the weights, as likely as its weight says. One of them is above 0.
  func pick(_ name: String, weights: [Double]) -> Int {
    let sum = weights.reduce(0, +)
    var left = Double(roll(name) >> 11) * 0x1p-53 * sum
    for (place, weight) in weights.enumerated() where weight > 0 {
      if left < weight { return place }
      left -= weight
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
