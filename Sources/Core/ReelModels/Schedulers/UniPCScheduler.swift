// UniPC, a predictor–corrector of order two (Zhao et al., arXiv 2302.04867), on flow-matching noise levels.

import Glibc
import ReelTensor

/// diffusers' `UniPCMultistepScheduler` with `use_flow_sigmas`, B(h) = eʰ − 1 ("bh2") and predicted x₀.
///
/// With α = 1 − σ, λ = ln α − ln σ, h = λ′ − λ and e = e⁻ʰ − 1, a step from σ to σ′ is
/// x′ = σ′/σ·x − α′e·m₀ − α′e·D, where m₀ is the last x₀ and D a combination of differences of earlier ones.
public struct UniPCScheduler: Scheduler {
  public struct Configuration: Hashable, Sendable {
    public var shift: Double
    public var trainingSteps: Int
    /// 1 or 2.
    public var order: Int
  }

  public let timesteps: [Float]
  public let sigmas: [Float]
  private let configuration: Configuration
  private var index = 0
  /// The order of the predictor that gave the current sample.
  private var predictorOrder = 1
  /// The predicted x₀ of earlier steps, the latest first; at most two.
  private var predictions: [Tensor] = []
  /// The corrected sample of the step before.
  private var previousSample: Tensor?

  public init(_ configuration: Configuration, steps: Int, shift: Double? = nil) {
    self.init(configuration, configuration.levels(steps: steps, shift: shift))
  }

  init(_ configuration: Configuration, _ levels: NoiseLevels) {
    self.configuration = configuration
    (sigmas, timesteps) = (levels.sigmas, levels.timesteps)
  }

  public mutating func step(velocity: Tensor, sample: Tensor) -> Tensor {
    let prediction = sample - velocity * sigmas[index]
    var sample = sample
    if let previousSample { sample = corrected(previousSample, prediction) }
    predictions = [prediction] + predictions.prefix(1)
    // The first step knows no earlier prediction, and the last one goes to λ = ∞: both are of order one.
    predictorOrder = min(configuration.order, timesteps.count - index, index + 1)
    previousSample = sample
    let result = predicted(sample)
    index += 1
    return result
  }

  /// The sample at the next noise level.
  private func predicted(_ sample: Tensor) -> Tensor {
    let span = Span(from: sigmas[index], to: sigmas[index + 1])
    guard predictorOrder == 2 else {
      return combination((span.keep, sample), (-span.gain, predictions[0]))
    }
    let ratio = (logSNR(index - 1) - logSNR(index)) / span.h
    let slope = span.gain * 0.5 / ratio
    return combination((span.keep, sample), (slope - span.gain, predictions[0]), (-slope, predictions[1]))
  }

  /// The sample at this noise level again, now that the model has answered here (`prediction`).
  private func corrected(_ previousSample: Tensor, _ prediction: Tensor) -> Tensor {
    let span = Span(from: sigmas[index - 1], to: sigmas[index])
    guard predictorOrder == 2 else {
      let half = span.gain * 0.5
      return combination(
        (span.keep, previousSample), (half - span.gain, predictions[0]), (-half, prediction))
    }
    let ratio = (logSNR(index - 2) - logSNR(index - 1)) / span.h
    let hh = -span.h
    let p = span.e / hh - 1
    let b1 = p / span.e
    let b2 = 2 * (p / hh - 0.5) / span.e
    let a = (b1 - b2) / (1 - ratio)
    let c = b1 - a
    return combination(
      (span.keep, previousSample), (span.gain * (a / ratio + c - 1), predictions[0]),
      (-span.gain * a / ratio, predictions[1]), (-span.gain * c, prediction))
  }

  /// The numbers of a step from one noise level to a lower one.
  private struct Span {
    let h: Double
    let e: Double
    /// σ′/σ: how much of the sample stays.
    let keep: Double
    /// α′e: how much of a prediction enters, with the sign of e.
    let gain: Double

    init(from start: Float, to end: Float) {
      h = logSNRatio(end) - logSNRatio(start)
      e = expm1(-h)
      keep = Double(end) / Double(start)
      gain = (1 - Double(end)) * e
    }
  }

  private func logSNR(_ index: Int) -> Double { logSNRatio(sigmas[index]) }

  /// Σ factor·tensor.
  private func combination(_ terms: (Double, Tensor)...) -> Tensor {
    terms.dropFirst().reduce(terms[0].1 * Float(terms[0].0)) { $0 + $1.1 * Float($1.0) }
  }
}

/// λ = ln(1 − σ) − ln σ; +∞ at 0.
private func logSNRatio(_ sigma: Float) -> Double { log(1 - Double(sigma)) - log(Double(sigma)) }

extension UniPCScheduler.Configuration {
  func levels(steps: Int, shift: Double?) -> NoiseLevels {
    precondition(steps >= 1, "at least one step")
    let levels = evenlySpaced(from: 1, to: 1 / Double(trainingSteps), count: steps + 1).dropLast()
    return self.levels(levels.map { shifted($0, by: shift ?? self.shift) })
  }

  /// The times are whole numbers, cut off.
  func levels(_ sigmas: [Double]) -> NoiseLevels {
    var levels = sigmas
    // At σ = 1, λ would be −∞.
    if abs(levels[0] - 1) < 1e-6 { levels[0] -= 1e-6 }
    return NoiseLevels(
      sigmas: levels.map { Float($0) } + [0],
      timesteps: levels.map { Float(($0 * Double(trainingSteps)).rounded(.towardZero)) })
  }

  init(_ root: Configuration) throws(ModelError) {
    try root.expect("use_flow_sigmas", true)
    try root.expect("prediction_type", "flow_prediction")
    try root.expect("solver_type", "bh2")
    try root.expect("final_sigmas_type", "zero")
    try root.expect("predict_x0", true)
    try root.expect("lower_order_final", true)
    for member in ["thresholding", "use_dynamic_shifting"] { try root.expect(member, false) }
    for member in ["solver_p", "shift_terminal"] { try root.expectNothing(member) }
    guard try root.array("disable_corrector", limit: 1000, default: []).isEmpty else {
      throw root.wrong("disable_corrector", wanted: "an empty list", found: "a list of steps")
    }
    shift = try root.number("flow_shift", in: 0.01...1000, default: 1)
    trainingSteps = try root.integer("num_train_timesteps", in: 1...1_000_000, default: 1000)
    order = try root.integer("solver_order", in: 1...2, default: 2)
  }
}
