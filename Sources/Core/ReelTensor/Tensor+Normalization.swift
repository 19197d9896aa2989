// Norms over the last axis of a tensor: the channels of a token, or of a position.

extension Tensor {
  /// (x − mean)/√(variance + ε)·weight + bias over the last axis; the variance is the biased one.
  ///
  /// - Parameters:
  ///   - weight: `[C]`, or none for 1.
  ///   - bias: `[C]`, or none for 0.
  public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float) -> Tensor {
    Reference.layerNorm(self, weight: weight, bias: bias, epsilon: epsilon)
  }

  /// layerNorm(x)·(1 + scale) + shift: the modulated norm of a diffusion transformer.
  ///
  /// - Parameters:
  ///   - scale: `[C]`, the same for every row, or the shape of this tensor.
  ///   - shift: as `scale`.
  public func layerNorm(scale: Tensor, shift: Tensor, epsilon: Float) -> Tensor {
    Reference.modulatedLayerNorm(self, scale: scale, shift: shift, epsilon: epsilon)
  }

  /// x/√(mean(x²) + ε)·weight over the last axis; `weight`: `[C]`, or none for 1.
  public func rmsNorm(weight: Tensor? = nil, epsilon: Float) -> Tensor {
    Reference.rmsNorm(self, weight: weight, epsilon: epsilon)
  }

  /// x/max(‖x‖₂, 10⁻¹²)·√C·gamma over the last axis, and `activation` of that: the norm of Wan's autoencoder.
  ///
  /// - Parameter gamma: `[C]`.
  public func channelNorm(gamma: Tensor, activation: Activation = .none) -> Tensor {
    Reference.channelNorm(self, gamma: gamma, activation: activation)
  }
}
