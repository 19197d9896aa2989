// Bands of rows of frames, `[T, H, W, C]`: put below other rows of the same frames, and taken out again.
import CKernels

extension Tensor {
  /// The rows of these frames below others: `[T, H′ + H, W, C]`.
  ///
  /// - Parameter above: `[T, H′, W, C]`; none where not given.
  public func below(_ above: Tensor?) -> Tensor {
    above.map { Self.rows(0..<$0.shape[1] + shape[1], of: $0, self) } ?? self
  }

  /// Some rows of frames of which `upper` are the first rows and `lower` the rest; in memory of their own.
  public static func rows(_ range: Range<Int>, of upper: Tensor, _ lower: Tensor) -> Tensor {
    joined(range, of: upper, lower) { positions, source, target in
      target.update(from: source, count: positions * lower.shape[3])
    }
  }

  /// Some rows of these frames, in memory of their own.
  public func rows(_ range: Range<Int>) -> Tensor {
    Self.rows(range, of: Tensor.zeros(shape.replacing(1, with: 0)), self)
  }

  /// As ``channelNorm(gamma:activation:)`` of these rows, below others that are taken as they are.
  ///
  /// - Parameter above: `[T, H′, W, C]`.
  public func channelNorm(gamma: Tensor, activation: Activation = .none, below above: Tensor) -> Tensor {
    precondition(gamma.shape == [shape[3]], "a gamma of \(gamma.shape) for the norm of \(shape)")
    let (kernels, channels) = (kernels, shape[3])
    return gamma.withFloats { gamma in
      Self.joined(0..<above.shape[1] + shape[1], of: above, self) { positions, source, target in
        kernels.channel_norm(
          positions, channels, source, gamma.baseAddress!, activation.kernel, target)
      }
    }
  }

  /// Rows of `upper` as they are, and what `body` makes of rows of `lower`, each of so many positions.
  private static func joined(
    _ range: Range<Int>, of upper: Tensor, _ lower: Tensor,
    _ body: (_ positions: Int, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    precondition(
      lower.shape.rank == 4 && upper.shape.replacing(1, with: 0) == lower.shape.replacing(1, with: 0),
      "rows of \(lower.shape) below those of \(upper.shape)")
    let (first, second) = (upper.shape[1], lower.shape[1])
    precondition(range.upperBound <= first + second, "rows \(range) of \(first + second)")
    let (width, run) = (lower.shape[2], lower.shape[2] * lower.shape[3])
    return upper.withFloats { upper in
      lower.withFloats { lowerRows in
        Tensor(lower.shape.replacing(1, with: range.count)) { output in
          guard output.count > 0, let target = output.baseAddress else { return }
          dispatch(lower.shape[0] * range.count, grain: max(1, 8192 / run)) { lines in
            for line in lines {
              let (frame, row) = (line / range.count, range.lowerBound + line % range.count)
              if row < first {
                (target + line * run).update(
                  from: upper.baseAddress! + (frame * first + row) * run, count: run)
              } else {
                body(
                  width, lowerRows.baseAddress! + (frame * second + row - first) * run,
                  target + line * run)
              }
            }
          }
        }
      }
    }
  }
}
