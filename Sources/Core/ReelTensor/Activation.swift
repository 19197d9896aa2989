// The nonlinear functions between layers, alone or at the end of a linear layer.

/// A function applied to every element.
public enum Activation: Sendable, CaseIterable {
  case none
  /// x·Φ(x) with Φ = ½(1 + erf(x/√2)).
  case gelu
  /// ½x(1 + tanh(√(2/π)(x + 0.044715x³))), the approximation that Wan and UMT5 use.
  case geluTanh
  /// x/(1 + e⁻ˣ).
  case silu
}

extension Tensor {
  /// The function of every element.
  public func activated(_ activation: Activation) -> Tensor {
    activation == .none ? self : Reference.activated(self, activation)
  }

  public var silu: Tensor { activated(.silu) }

  /// eˣⁱ/Σeˣʲ along the last axis; the sum of each row is 1.
  public var softmax: Tensor { Reference.softmax(self) }
}
