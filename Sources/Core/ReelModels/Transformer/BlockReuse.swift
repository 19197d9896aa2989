// Calls of a transformer that take what its blocks did at an earlier step for what they would do now.

import ReelTensor

/// When the blocks of a transformer are not run, and what they added at the last step that ran them is added again.
/// The thresholds decide how much is saved and how far the result is from the exact one.
public enum BlockReuse: Hashable, Sendable {
  /// First-Block-Cache (ParaAttention, diffusers): the first block always runs; the others do not while what it adds
  /// differs from what it added when they last ran by less than this share.
  case firstBlock(Double)
  /// TeaCache (arXiv 2411.19108): no block runs until the embeddings of the times that have passed differ by this
  /// share in sum. The first and the last step always run.
  case timeEmbedding(Double)
}

/// What is remembered between the steps of one run, for one prompt.
struct BlockMemory {
  private let reuse: BlockReuse
  /// How many calls there will be.
  private let calls: Int
  private let polynomial: [Double]
  private var call = 0
  /// What the blocks added, `[N, d]`: all of them, or those after the first.
  private var added: Tensor?
  /// What the first block added when the others last ran, `[N, d]`.
  private var firstAdded: Tensor?
  /// The last call's embedding of its time, `[d]`.
  private var embedding: Tensor?
  private var distance = 0.0

  /// - Parameter calls: of one expert, at every step one.
  init(_ reuse: BlockReuse, calls: Int, configuration: TransformerConfiguration) {
    self.reuse = reuse
    self.calls = calls
    polynomial = Self.polynomial(for: configuration)
  }

  /// How a difference of embeddings tells the difference of what the blocks add: fitted polynomials, highest power
  /// first (TeaCache4Wan2.1/teacache_generate.py), and the difference itself for models that none was fitted to.
  private static func polynomial(for configuration: TransformerConfiguration) -> [Double] {
    switch (configuration.width, configuration.image != nil) {
    case (1536, _): [2.39676752e+03, -1.31110545e+03, 2.01331979e+02, -8.29855975e+00, 1.37887774e-01]
    case (5120, false): [-5784.54975374, 5449.50911966, -1811.16591783, 256.27178429, -13.02252404]
    case (5120, true): [-114.36346466, 65.26524496, -18.82220707, 4.91518089, -0.23412683]
    default: [1, 0]
    }
  }

  /// What comes out of the blocks for `x`, `[N, d]`.
  ///
  /// - Parameters:
  ///   - embedding: of the call's time, `[d]`.
  ///   - blocks: runs a range of the blocks.
  mutating func output(
    _ x: Tensor, embedding: Tensor, count: Int, blocks: (Tensor, Range<Int>) -> Tensor
  ) -> Tensor {
    defer { call += 1 }
    switch reuse {
    case .timeEmbedding(let threshold):
      if let added, mayReuse(embedding, threshold) { return x + added }
      let result = blocks(x, 0..<count)
      added = result - x
      return result
    case .firstBlock(let threshold):
      let head = blocks(x, 0..<1)
      let firstAdded = head - x
      if let added, let last = self.firstAdded, !(firstAdded.relativeDistance(from: last) > threshold) {
        return head + added
      }
      let result = blocks(head, 1..<count)
      added = result - head
      self.firstAdded = firstAdded
      return result
    }
  }

  private mutating func mayReuse(_ now: Tensor, _ threshold: Double) -> Bool {
    defer { embedding = now }
    guard let embedding, call > 0, call < calls - 1 else {
      distance = 0
      return false
    }
    let change = now.relativeDistance(from: embedding)
    distance += polynomial.reduce(0) { $0 * change + $1 }
    if distance < threshold { return true }
    distance = 0
    return false
  }
}

extension Tensor {
  /// mean|a − b|/mean|b|.
  fileprivate func relativeDistance(from other: Tensor) -> Double {
    withFloats { a in
      other.withFloats { b in
        var (difference, scale) = (0.0, 0.0)
        for index in a.indices {
          difference += Double(abs(a[index] - b[index]))
          scale += Double(abs(b[index]))
        }
        return scale > 0 ? difference / scale : .infinity
      }
    }
  }
}
