// From noise to a picture: the times at which the model is asked, and the step that its answer allows.

import ReelTensor

/// A solver of the flow-matching equation with the state of one run.
///
/// Along a run x_σ = (1 − σ)·x₀ + σ·ε: the model answers with the velocity v = ε − x₀, and σ falls from about 1 to 0.
public protocol Scheduler: Sendable {
  /// What the model is told at each step; `sigmas.count - 1` of them.
  var timesteps: [Float] { get }
  /// The noise levels, from the first step's to the last result's: 0.
  var sigmas: [Float] { get }

  /// The sample at the next noise level.
  ///
  /// - Parameters:
  ///   - velocity: the model's answer for `sample`, in the same shape.
  ///   - sample: what the step before gave; at first the noise.
  mutating func step(velocity: Tensor, sample: Tensor) -> Tensor
}

/// A solver by its name.
public enum Solver: String, Hashable, Sendable, CaseIterable {
  /// A predictor–corrector of order two, for models that are asked often.
  case unipc
  /// Euler's method.
  case euler
  /// Noise anew after every answer, for distilled models that are asked three or four times.
  case renoise
}

/// How many steps a run takes, and which.
public struct Stepping: Hashable, Sendable {
  /// In place of the model's own; `nil` for that.
  public var solver: Solver?
  /// How often the model is asked; at least 1.
  public var steps: Int
  /// How far the noise levels are moved towards 1, in place of the model's own; above 0.
  public var shift: Double?
  /// The noise levels themselves, falling, within 0…1: neither `steps` nor `shift` has a part in them.
  public var sigmas: [Double]?
  /// The share of the steps, the last ones, that are taken: below 1 where the run begins with a picture.
  public var share: Double

  public init(
    solver: Solver? = nil, steps: Int, shift: Double? = nil, sigmas: [Double]? = nil, share: Double = 1
  ) {
    (self.solver, self.steps, self.shift, self.sigmas, self.share) = (solver, steps, shift, sigmas, share)
  }
}

/// A scheduler's configuration file: which solver, and its numbers.
public enum SchedulerConfiguration: Hashable, Sendable {
  case uniPC(UniPCScheduler.Configuration)
  case flowMatchEuler(FlowMatchEulerScheduler.Configuration)
  case renoising(FlowMatchEulerScheduler.Configuration)

  static let classes = [
    "UniPCMultistepScheduler", "FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler",
  ]

  /// Reads `scheduler_config.json`.
  public init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path)
    let name = try root.string("_class_name")
    switch name {
    case Self.classes[0]: self = .uniPC(try UniPCScheduler.Configuration(root))
    case Self.classes[1]: self = .flowMatchEuler(try FlowMatchEulerScheduler.Configuration(root))
    case Self.classes[2]: self = .renoising(try FlowMatchEulerScheduler.Configuration(root))
    default: throw root.unknown("_class_name", name, known: Self.classes)
    }
  }

  /// A scheduler at the start of a run.
  ///
  /// - Parameters:
  ///   - steps: how often the model is asked; at least 1.
  ///   - shift: how far the noise levels are moved towards 1, in place of the file's; above 0.
  public func scheduler(steps: Int, shift: Double? = nil) -> any Scheduler {
    scheduler(Stepping(steps: steps, shift: shift), noise: Philox(seed: 0, stream: 0))
  }

  /// A scheduler at the start of a run.
  ///
  /// - Parameter noise: for solvers that add noise between the steps.
  public func scheduler(_ stepping: Stepping, noise: Philox) -> any Scheduler {
    switch stepping.solver ?? solver {
    case .unipc:
      let configuration = uniPC
      let levels =
        stepping.sigmas.map { configuration.levels($0) }
        ?? configuration.levels(steps: stepping.steps, shift: stepping.shift)
      return UniPCScheduler(configuration, levels.last(stepping.share))
    case .euler: return FlowMatchEulerScheduler(flowLevels(stepping))
    case .renoise: return RenoisingScheduler(flowLevels(stepping), noise: noise)
    }
  }

  private func flowLevels(_ stepping: Stepping) -> NoiseLevels {
    let configuration = flow
    let levels =
      stepping.sigmas.map { NoiseLevels(given: $0, trainingSteps: configuration.trainingSteps) }
      ?? configuration.levels(steps: stepping.steps, shift: stepping.shift)
    return levels.last(stepping.share)
  }

  /// The solver that the file names.
  public var solver: Solver {
    switch self {
    case .uniPC: .unipc
    case .flowMatchEuler: .euler
    case .renoising: .renoise
    }
  }

  /// The file's numbers, as each solver takes them: all have a shift and the number of times in training.
  private var uniPC: UniPCScheduler.Configuration {
    switch self {
    case .uniPC(let own): own
    case .flowMatchEuler(let other), .renoising(let other):
      UniPCScheduler.Configuration(shift: other.shift, trainingSteps: other.trainingSteps, order: 2)
    }
  }

  private var flow: FlowMatchEulerScheduler.Configuration {
    switch self {
    case .flowMatchEuler(let own), .renoising(let own): own
    case .uniPC(let other):
      FlowMatchEulerScheduler.Configuration(shift: other.shift, trainingSteps: other.trainingSteps)
    }
  }
}

extension Configuration {
  /// Refuses a member that is given with another value than the only one that is implemented.
  func expect(_ name: String, _ wanted: Bool) throws(ModelError) {
    guard try bool(name, default: wanted) == wanted else {
      throw wrong(name, wanted: "\(wanted)", found: "'\(!wanted)'")
    }
  }

  func expect(_ name: String, _ wanted: String) throws(ModelError) {
    let found = try string(name, default: wanted)
    guard found == wanted else { throw wrong(name, wanted: "'\(wanted)'", found: "'\(found)'") }
  }

  func expectNothing(_ name: String) throws(ModelError) {
    if let value = values[name] { throw wrong(name, wanted: "nothing", found: value) }
  }
}

/// σ moved towards 1: sσ/(1 + (s − 1)σ).
func shifted(_ sigma: Double, by shift: Double) -> Double { shift * sigma / (1 + (shift - 1) * sigma) }

/// `count` numbers from `first` to `last` at equal distances; only `first` where one is asked.
func evenlySpaced(from first: Double, to last: Double, count: Int) -> [Double] {
  (0..<count).map { count == 1 ? first : first + (last - first) / Double(count - 1) * Double($0) }
}
