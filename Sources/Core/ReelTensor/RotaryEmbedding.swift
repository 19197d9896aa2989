// Rotary position embedding: adjacent pairs of a head's channels turn by an angle that grows with the position.

/// The angles of every position, as cosines and sines.
public struct RotaryEmbedding: Sendable {
  /// `[T, D/2]`: one angle for each pair of channels.
  public let cosines: Tensor
  public let sines: Tensor

  /// - Parameter angles: for every position in turn, one angle a pair, in radians.
  public init(positions: Int, pairs: Int, angles: [Double]) {
    precondition(angles.count == positions * pairs, "\(angles.count) angles for \(positions)×\(pairs)")
    cosines = Tensor([positions, pairs], angles.map { Float(cosine($0)) })
    sines = Tensor([positions, pairs], angles.map { Float(sine($0)) })
  }
}

extension Tensor {
  /// (x₂ⱼ, x₂ⱼ₊₁) turned by the angle j of the row's position, in every head alike.
  ///
  /// `[…, T, heads·D]`, where the embedding has T positions and D/2 angles.
  public func rotated(by embedding: RotaryEmbedding) -> Tensor {
    precondition(
      shape[-2] == embedding.cosines.shape[0] && shape[-1] % (2 * embedding.cosines.shape[1]) == 0,
      "the rotary embedding \(embedding.cosines.shape) of the shape \(shape)")
    let kernels = kernels
    let (positions, pairs) = (shape[-2], embedding.cosines.shape[1])
    return embedding.cosines.withFloats { cosines in
      embedding.sines.withFloats { sines in
        mappedRows { first, rows, width, input, output in
          for row in 0..<rows {
            let angle = (first + row) % positions * pairs
            kernels.rotate(
              width / (2 * pairs), pairs, input + row * width, cosines.baseAddress! + angle,
              sines.baseAddress! + angle, output + row * width)
          }
        }
      }
    }
  }
}
