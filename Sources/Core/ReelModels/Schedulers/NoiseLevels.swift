// The noise levels of a run, and what the model is told at each.

/// From the first step's noise level to 0.
public struct NoiseLevels: Hashable, Sendable {
  /// The noise levels: one for each step, and the last result's, 0.
  public let sigmas: [Float]
  /// What the model is told at each step.
  public let timesteps: [Float]

  init(sigmas: [Float], timesteps: [Float]) {
    precondition(!timesteps.isEmpty && sigmas.count == timesteps.count + 1, "a level more than steps")
    (self.sigmas, self.timesteps) = (sigmas, timesteps)
  }

  /// Levels that are given, falling, above 0: what a distilled model was trained at.
  init(given sigmas: [Double], trainingSteps: Int) {
    self.init(
      sigmas: sigmas.map { Float($0) } + [0], timesteps: sigmas.map { Float($0 * Double(trainingSteps)) })
  }

  /// Only the last steps, as many as a share of all: what is left to do where a picture is not made from noise but
  /// from another picture. At least one.
  func last(_ share: Double) -> NoiseLevels {
    let steps = timesteps.count
    let left = max(1, min(steps, Int(Double(steps) * share)))
    return NoiseLevels(
      sigmas: Array(sigmas.suffix(left + 1)), timesteps: Array(timesteps.suffix(left)))
  }
}
