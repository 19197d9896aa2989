// Actions: a node's work cut into pieces that are run, cached and rebuilt on their own.

import ReelStage

/// One file of an artifact list.
public struct Part: Hashable, Sendable {
  /// The shot's name, where the film is divided into shots.
  public let shot: String?
  public let digest: Digest
  /// How long it is, for a frame sequence.
  public let length: FilmLength?

  public init(shot: String?, digest: Digest, length: FilmLength? = nil) {
    self.shot = shot
    self.digest = digest
    self.length = length
  }
}

/// One execution of a node, with every input known.
public struct Action: Hashable, Sendable {
  /// The index of the node in ``Graph/nodes``.
  public let node: Int
  public let piece: Piece
  /// By port, the parts that it reads, in the order of the film. An open port is absent. For a join, by output
  /// port what the spans made.
  public let inputs: [String: [Part]]

  public init(node: Int, piece: Piece, inputs: [String: [Part]]) {
    self.node = node
    self.piece = piece
    self.inputs = inputs
  }
}

/// What of a node's work an action does.
public enum Piece: Hashable, Sendable {
  case whole
  /// The shot of this name; as a film of its own, where the stage is cut by span.
  case shot(String, SpanWork? = nil)
  /// These frames of the film.
  case span(Range<Int>, SpanWork)
  /// Joining what the spans made.
  case join

  /// The shot that the action makes, for a stage that is cut by shot.
  public var shot: String? { if case .shot(let name, _) = self { name } else { nil } }

  /// What the stage is told of its frames, where it is cut by span.
  public var work: SpanWork? {
    switch self {
    case .whole, .join: nil
    case .shot(_, let work): work
    case .span(_, let work): work
    }
  }

  /// What people call it, after the node: a shot's name, or a span's first and last frame, `50-99`; `nil` for
  /// an action that makes the node's result.
  public var label: String? {
    switch self {
    case .whole, .join: nil
    case .shot(let name, _): name
    case .span(let frames, _): "\(frames.lowerBound)-\(max(frames.lowerBound, frames.upperBound - 1))"
    }
  }
}

/// What a stage that is cut by span is given for one action.
public struct SpanWork: Hashable, Sendable {
  public let span: Span
  /// What of the node's parameters matters to it.
  public let parameters: SpanParameters

  public init(_ span: Span, parameters: SpanParameters) {
    self.span = span
    self.parameters = parameters
  }
}

/// Why a node's work cannot be cut.
public enum CuttingProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case unnamedParts(port: String, count: Int)
  case repeatedShot(port: String, shot: String)
  case otherShots(port: String, shots: [String], otherPort: String, otherShots: [String])
  case otherShotsThanForeach(port: String, shots: [String], foreach: [String])
  case noFrameSequence(port: String)
  case mixedRates(port: String, rate: FrameRate, otherRate: FrameRate)
  case otherLength(port: String, frames: Int, otherPort: String, otherFrames: Int)
  /// A parameter that does not fit the film.
  case parameter(StageError)

  public var description: String {
    func list(_ shots: [String]) -> String { shots.map { "'\($0)'" }.joined(separator: ", ") }
    return switch self {
    case .unnamedParts(let port, let count):
      "input '\(port)': wanted parts named by shot or a single one, found \(count) without names"
    case .repeatedShot(let port, let shot): "input '\(port)': shot '\(shot)' comes twice"
    case .otherShots(let port, let shots, let otherPort, let otherShots):
      "input '\(port)': has the shots \(list(shots)), but input '\(otherPort)' has \(list(otherShots))"
    case .otherShotsThanForeach(let port, let shots, let foreach):
      "input '\(port)': has the shots \(list(shots)), but 'foreach' has \(list(foreach))"
    case .noFrameSequence(let port): "input '\(port)': wanted frame sequences, found another kind of file"
    case .mixedRates(let port, let rate, let otherRate):
      "input '\(port)': has parts of \(rate) and of \(otherRate) frames a second; bring them to one rate first"
    case .otherLength(let port, let frames, let otherPort, let otherFrames):
      "input '\(port)': has \(frames) frames, but input '\(otherPort)' has \(otherFrames)"
    case .parameter(let error): error.description
    }
  }
}
