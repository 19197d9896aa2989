// Distilled models: each answer is taken for the picture itself, and noised again to the next level.

import ReelTensor

/// x′ = (1 − σ′)·x₀ + σ′·ε with fresh noise ε: diffusers' `FlowMatchLCMScheduler`, whose noise levels are those of
/// Euler's method (consistency models, arXiv 2303.01469; distribution matching, arXiv 2405.14867).
public struct RenoisingScheduler: Scheduler {
  public let timesteps: [Float]
  public let sigmas: [Float]
  private let noise: Philox
  private var index = 0

  /// - Parameter noise: where the noise of the steps comes from; each takes its own part.
  init(_ levels: NoiseLevels, noise: Philox) {
    (sigmas, timesteps) = (levels.sigmas, levels.timesteps)
    self.noise = noise
  }

  public mutating func step(velocity: Tensor, sample: Tensor) -> Tensor {
    defer { index += 1 }
    let prediction = sample - velocity * sigmas[index]
    let next = sigmas[index + 1]
    guard next > 0 else { return prediction }
    return prediction * (1 - next) + noise.latentNoise(sample.shape, draw: index + 1) * next
  }
}
