// The nonlinear functions between layers, alone or at the end of a linear layer.
import CKernels

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

extension Activation {
  /// The number that the loops know it by.
  var kernel: ReelActivation {
    switch self {
    case .none: reel_activation_none
    case .gelu: reel_activation_gelu
    case .geluTanh: reel_activation_gelu_tanh
    case .silu: reel_activation_silu
    }
  }
}

extension Tensor {
  /// The function of every element.
  public func activated(_ activation: Activation) -> Tensor {
    if activation == .none { return self }
    let kernels = kernels
    return mapped(grain: 8192) { range, input, output in
      kernels.activate(range.count, input + range.lowerBound, activation.kernel, output + range.lowerBound)
    }
  }

  public var silu: Tensor { activated(.silu) }

  /// eˣⁱ/Σeˣʲ along the last axis; the sum of each row is 1.
  public var softmax: Tensor {
    let kernels = kernels
    return mappedRows { rows, width, input, output in kernels.softmax(rows, width, input, output) }
  }
}
