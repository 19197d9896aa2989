// Norms over the last axis of a tensor: the channels of a token, or of a position.
import CKernels

extension Tensor {
  /// (x − mean)/√(variance + ε)·weight + bias over the last axis; the variance is the biased one.
  ///
  /// - Parameters:
  ///   - weight: `[C]`, or none for 1.
  ///   - bias: `[C]`, or none for 0.
  public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float) -> Tensor {
    let (kernels, weight, bias) = (kernels, parameters(weight), parameters(bias))
    return mappedRows { rows, width, input, output in
      kernels.layer_norm(rows, width, input, weight?.pointer, bias?.pointer, epsilon, output)
    }
  }

  /// layerNorm(x)·(1 + scale) + shift: the modulated norm of a diffusion transformer.
  ///
  /// - Parameters:
  ///   - scale: `[C]`, the same for every row, or the shape of this tensor.
  ///   - shift: as `scale`.
  public func layerNorm(scale: Tensor, shift: Tensor, epsilon: Float) -> Tensor {
    let (kernels, scale, shift) = (kernels, modulation(scale), modulation(shift))
    return mappedRows { first, rows, width, input, output in
      kernels.modulated_norm(
        rows, width, input, scale.pointer + first * scale.pitch, scale.pitch,
        shift.pointer + first * shift.pitch, shift.pitch, epsilon, output)
    }
  }

  /// x/√(mean(x²) + ε)·weight over the last axis; `weight`: `[C]`, or none for 1.
  public func rmsNorm(weight: Tensor? = nil, epsilon: Float) -> Tensor {
    let (kernels, weight) = (kernels, parameters(weight))
    return mappedRows { rows, width, input, output in
      kernels.rms_norm(rows, width, input, weight?.pointer, epsilon, output)
    }
  }

  /// x/max(‖x‖₂, 10⁻¹²)·√C·gamma over the last axis, and `activation` of that: the norm of Wan's autoencoder.
  ///
  /// - Parameter gamma: `[C]`.
  public func channelNorm(gamma: Tensor, activation: Activation = .none) -> Tensor {
    let (kernels, gamma) = (kernels, parameters(gamma)!)
    return mappedRows { rows, width, input, output in
      kernels.channel_norm(rows, width, input, gamma.pointer, activation.kernel, output)
    }
  }

  /// One number for each column.
  private func parameters(_ tensor: Tensor?) -> Parameters? {
    guard let tensor else { return nil }
    precondition(tensor.shape == [shape[-1]], "parameters of \(tensor.shape) for the norm of \(shape)")
    return Parameters(tensor, pitch: 0)
  }

  /// One number for each column, the same for all rows or not.
  private func modulation(_ tensor: Tensor) -> Parameters {
    precondition(
      tensor.count == shape[-1] || tensor.shape == shape,
      "a modulation of \(tensor.shape) for the norm of \(shape)")
    return Parameters(tensor, pitch: tensor.count == shape[-1] ? 0 : shape[-1])
  }
}

/// Parameters of a norm, as its loop takes them.
private struct Parameters {
  private let tensor: Tensor
  let pointer: UnsafePointer<Float>
  let pitch: Int

  init(_ tensor: Tensor, pitch: Int) {
    self.tensor = tensor
    self.pitch = pitch
    pointer = UnsafePointer(tensor.floats.baseAddress!)
  }
}
