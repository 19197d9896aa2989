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

/// A scheduler's configuration file: which solver, and its numbers.
public enum SchedulerConfiguration: Hashable, Sendable {
  case uniPC(UniPCScheduler.Configuration)
  case flowMatchEuler(FlowMatchEulerScheduler.Configuration)

  static let classes = ["UniPCMultistepScheduler", "FlowMatchEulerDiscreteScheduler"]

  /// Reads `scheduler_config.json`.
  public init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path)
    let name = try root.string("_class_name")
    switch name {
    case Self.classes[0]: self = .uniPC(try UniPCScheduler.Configuration(root))
    case Self.classes[1]: self = .flowMatchEuler(try FlowMatchEulerScheduler.Configuration(root))
    default: throw root.unknown("_class_name", name, known: Self.classes)
    }
  }

  /// A scheduler at the start of a run.
  ///
  /// - Parameters:
  ///   - steps: how often the model is asked; at least 1.
  ///   - shift: how far the noise levels are moved towards 1, in place of the file's; above 0.
  public func scheduler(steps: Int, shift: Double? = nil) -> any Scheduler {
    switch self {
    case .uniPC(let configuration): UniPCScheduler(configuration, steps: steps, shift: shift)
    case .flowMatchEuler(let configuration):
      FlowMatchEulerScheduler(configuration, steps: steps, shift: shift)
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
