// Euler's method on the flow-matching equation.

import ReelTensor

/// x′ = x + (σ′ − σ)·v, on diffusers' `FlowMatchEulerDiscreteScheduler` noise levels.
public struct FlowMatchEulerScheduler: Scheduler {
  public struct Configuration: Hashable, Sendable {
    public var shift: Double
    public var trainingSteps: Int
  }

  public let timesteps: [Float]
  public let sigmas: [Float]
  private var index = 0

  public init(_ configuration: Configuration, steps: Int, shift: Double? = nil) {
    self.init(configuration.levels(steps: steps, shift: shift))
  }

  init(_ levels: NoiseLevels) { (sigmas, timesteps) = (levels.sigmas, levels.timesteps) }

  public mutating func step(velocity: Tensor, sample: Tensor) -> Tensor {
    defer { index += 1 }
    return sample + velocity * (sigmas[index + 1] - sigmas[index])
  }
}

extension FlowMatchEulerScheduler.Configuration {
  /// The levels run evenly from the largest to the smallest of training, both already shifted, and are then
  /// shifted once more: what diffusers does, and what its results come from.
  func levels(steps: Int, shift: Double?) -> NoiseLevels {
    precondition(steps >= 1, "at least one step")
    let shift = shift ?? self.shift
    let training = Double(trainingSteps)
    // diffusers keeps these two as 32-bit numbers.
    let highest = Double(Self.trainingLevel(1, shift: shift))
    let lowest = Double(Self.trainingLevel(Float(1 / training), shift: shift))
    let levels = evenlySpaced(from: highest * training, to: lowest * training, count: steps)
      .map { Float(shifted($0 / training, by: shift)) }
    return NoiseLevels(sigmas: levels + [0], timesteps: levels.map { $0 * Float(training) })
  }

  private static func trainingLevel(_ sigma: Float, shift: Double) -> Float {
    let shift = Float(shift)
    return shift * sigma / (1 + (shift - 1) * sigma)
  }

  init(_ root: Configuration) throws(ModelError) {
    for member in [
      "use_dynamic_shifting", "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas",
      "invert_sigmas",
      "stochastic_sampling",
    ] {
      try root.expect(member, false)
    }
    try root.expectNothing("shift_terminal")
    shift = try root.number("shift", in: 0.01...1000, default: 1)
    trainingSteps = try root.integer("num_train_timesteps", in: 1...1_000_000, default: 1000)
  }
}
