// What a stage declares of itself: name, ports, how it is cut, parameters.

/// A stage's declaration. Defaults, checks, `reel stages NAME`, the JSON Schema and the key all come from it.
public struct Manifest: Hashable, Sendable {
  /// Lower-case words joined by hyphens: "patch-diffusion".
  public let name: String
  /// Raised when the same parameters and inputs give other bytes than before.
  public let version: Int
  /// One line for `reel stages`.
  public let summary: String
  public let inputs: [Port]
  /// The first is what a node's bare name stands for.
  public let outputs: [Port]
  public let cut: Cut
  public let parameters: [Parameter]
  /// Whether ``Stage/estimate(_:)`` says what an action takes.
  public let isEstimated: Bool

  public init(
    name: String, version: Int, summary: String, inputs: [Port] = [], outputs: [Port], cut: Cut = .whole,
    parameters: [Parameter], isEstimated: Bool = false
  ) {
    precondition(!outputs.isEmpty, "a stage has an output")
    self.name = name
    self.version = version
    self.summary = summary
    self.inputs = inputs
    self.outputs = outputs
    self.cut = cut
    self.parameters = parameters
    self.isEstimated = isEstimated
  }
}

/// A named, typed input or output of a stage.
public struct Port: Hashable, Sendable {
  public let name: String
  public let type: PortType
  /// An input that a node may leave out. Outputs are always there.
  public let isOptional: Bool
  public let help: String

  public init(_ name: String, _ type: PortType, isOptional: Bool = false, help: String) {
    self.name = name
    self.type = type
    self.isOptional = isOptional
    self.help = help
  }
}

/// What flows through a port. Each part of it is one file.
public enum PortType: String, Hashable, Sendable, CaseIterable {
  /// A part is one shot: a ``Shot`` as JSON.
  case prompts
  /// A part is the keyframes of one shot, evenly spread from its first frame to its last: a frame sequence.
  case stills
  /// A part is a run of frames of the film: a frame sequence. The parts in order are the film.
  case frames
  /// One finished file, as it is delivered.
  case film
}

/// How a stage's work may be divided into actions.
public enum Cut: Hashable, Sendable {
  /// One action reads every part of every input.
  case whole
  /// One action a shot, which reads only that shot's part of each input.
  case shot
  /// One action a span, a run of frames about so many seconds long, which makes one part at every output. Of an
  /// input of frames it reads the parts that hold its own frames and `halo` frames more on either side; of any
  /// other input, all.
  ///
  /// Where `isJoined`, what the spans made is no result yet: one more action reads it, port by port, and makes
  /// the node's outputs (``Stage/join(_:)``).
  case span(seconds: Double, halo: Int = 0, isJoined: Bool = false)
}
