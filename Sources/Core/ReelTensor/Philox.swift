// Counter-based random numbers: the noise at any place is known without drawing what comes before it.

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011).
///
/// Every `seed` and `stream` names a sequence of its own of 2⁶⁶ numbers, any of which can be had at once.
public struct Philox: Hashable, Sendable {
  public let seed: UInt64
  public let stream: UInt64

  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// Four random words: the block cipher of `counter` under `key`.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = counter[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = counter[2].multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(
        second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
    }
    return counter
  }

  /// The block `index` of this sequence: four random words.
  public func block(_ index: UInt64) -> SIMD4<UInt32> {
    Philox.block(
      counter: SIMD4(index.low, index.high, stream.low, stream.high), key: SIMD2(seed.low, seed.high))
  }

  /// The word `offset` of this sequence.
  public func word(at offset: UInt64) -> UInt32 { block(offset / 4)[Int(offset % 4)] }

  /// Standard normal numbers from place `offset` on, by the Box–Muller transform of pairs of words.
  public func normals(_ shape: Shape, offset: UInt64 = 0) -> Tensor {
    Tensor(shape) { output in
      var index = 0
      while index < output.count {
        let place = offset + UInt64(index)
        let normals = normalBlock(place / 4)
        for lane in Int(place % 4)..<4 where index < output.count {
          output[index] = normals[lane]
          index += 1
        }
      }
    }
  }

  private func normalBlock(_ index: UInt64) -> SIMD4<Float> {
    let words = block(index)
    let (a, b) = Philox.normalPair(words[0], words[1])
    let (c, d) = Philox.normalPair(words[2], words[3])
    return SIMD4(a, b, c, d)
  }

  private static func normalPair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    // The middle of each of 2³² intervals: never 0, so the logarithm is finite.
    let u = (Double(first) + 0.5) * 0x1p-32
    let angle = (Double(second) + 0.5) * 0x1p-32 * 2 * Double.pi
    let radius = (-2 * naturalLogarithm(u)).squareRoot()
    return (Float(radius * cosine(angle)), Float(radius * sine(angle)))
  }
}

extension UInt64 {
  fileprivate var low: UInt32 { UInt32(truncatingIfNeeded: self) }
  fileprivate var high: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
}
