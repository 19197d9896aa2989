// What the tests of fast operations share: random tensors and sizes, closeness, and every way to run.
import ReelTensor
import Testing

/// Random sizes and tensors: the same in every run.
struct RandomCases {
  private let random: Philox
  private var drawn: UInt64 = 0

  init(_ seed: UInt64) { random = Philox(seed: seed) }

  /// A whole number of the range.
  mutating func size(_ range: ClosedRange<Int>) -> Int {
    drawn += 1
    return range.lowerBound + Int(random.word(at: drawn)) % range.count
  }

  mutating func tensor(_ shape: Shape) -> Tensor {
    drawn += 1
    return Philox(seed: random.seed, stream: drawn).normals(shape)
  }
}

/// The greatest difference, relative to the greatest expected number.
func relativeError(_ found: Tensor, _ expected: Tensor) -> Float {
  guard found.shape == expected.shape else { return .infinity }
  let scale = max(expected.elements.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
  return zip(found.elements, expected.elements).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1) / scale
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}

/// Computes at every CPU level of this machine with 1, 2 and 7 threads: close to `reference` everywhere, and at
/// each level the same to the bit.
func expectAgreement(
  with reference: Tensor, within tolerance: Float = 2e-6, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ compute: () -> Tensor
) {
  for level in CPULevel.supported {
    CPULevel.$current.withValue(level) {
      let results = [1, 2, 7].map { Threads.with($0, compute) }
      let error = relativeError(results[0], reference)
      #expect(
        error <= tolerance, "\(comment?.rawValue ?? "") at level \(level.rawValue)",
        sourceLocation: sourceLocation)
      #expect(
        results.allSatisfy { $0.shape == results[0].shape && $0.bits == results[0].bits },
        "threads change the result: \(comment?.rawValue ?? "") at level \(level.rawValue)",
        sourceLocation: sourceLocation)
    }
  }
}

extension Tensor {
  var bits: [UInt8] { withBytes { Array($0) } }
}
