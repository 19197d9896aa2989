// Actions: a node's work cut into pieces that are run, cached and rebuilt on their own.

import ReelStage

/// One file of an artifact list.
public struct Part: Hashable, Sendable {
  /// The shot's name, where the film is divided into shots.
  public let shot: String?
  public let digest: Digest

  public init(shot: String?, digest: Digest) {
    self.shot = shot
    self.digest = digest
  }
}

/// One execution of a node, with every input known.
public struct Action: Hashable, Sendable {
  /// The index of the node in ``Graph/nodes``.
  public let node: Int
  /// The shot that it makes, for a stage that is cut by shot.
  public let shot: String?
  /// By port, the parts that it reads, in the order of the film. An open port is absent.
  public let inputs: [String: [Part]]

  public init(node: Int, shot: String?, inputs: [String: [Part]]) {
    self.node = node
    self.shot = shot
    self.inputs = inputs
  }
}

/// Why a node's inputs cannot be cut by shot.
public enum CuttingProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case unnamedParts(port: String, count: Int)
  case repeatedShot(port: String, shot: String)
  case otherShots(port: String, shots: [String], otherPort: String, otherShots: [String])
  case otherShotsThanForeach(port: String, shots: [String], foreach: [String])

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
    }
  }
}

extension Graph {
  /// What the node reads at each port, given the parts of every source.
  ///
  /// Where several sources are joined, a shot's name is led by the number of its source: `2.1`.
  public func inputs(of node: GraphNode, parts: (GraphSource) -> [Part]) -> [String: [Part]] {
    node.inputs.mapValues { sources in
      guard sources.count > 1 else { return sources.flatMap(parts) }
      return sources.enumerated().flatMap { index, source in
        parts(source).map { part in
          let position = "\(index + 1)"
          return Part(shot: part.shot.map { "\(position).\($0)" } ?? position, digest: part.digest)
        }
      }
    }
  }

  /// The actions of a node whose inputs are known, in the order of the film.
  ///
  /// A stage that is not cut has one, which reads every part. One that is cut by shot has one a shot: it
  /// reads, at every port, the part with that shot's name; an input of one unnamed part is read by each. A node
  /// that is repeated for each of `shots` is cut so whatever its stage is.
  ///
  /// - Throws: where the inputs of a stage that is cut by shot do not fit each other.
  public func actions(
    for node: GraphNode, inputs: [String: [Part]], shots repeated: [String]? = nil
  ) throws(CuttingProblem) -> [Action] {
    guard case .success(let manifest) = node.manifest, manifest.cut == .shot || repeated != nil else {
      return [Action(node: node.index, shot: nil, inputs: inputs)]
    }
    var first: (port: String, shots: [String])?
    var byShot: [String: [String: Part]] = [:]
    for port in manifest.inputs.map(\.name) {
      guard let parts = inputs[port], !Self.isShared(parts) else { continue }
      let shots = parts.compactMap(\.shot)
      guard shots.count == parts.count else {
        throw .unnamedParts(port: port, count: parts.count - shots.count)
      }
      let named = Dictionary(parts.map { ($0.shot!, $0) }, uniquingKeysWith: { first, _ in first })
      if named.count < parts.count {
        let repeated = shots.indices.first { shots[..<$0].contains(shots[$0]) }!
        throw .repeatedShot(port: port, shot: shots[repeated])
      }
      if let repeated, Set(repeated) != Set(shots) {
        throw .otherShotsThanForeach(port: port, shots: shots, foreach: repeated)
      }
      if let first, Set(first.shots) != Set(shots) {
        throw .otherShots(port: port, shots: shots, otherPort: first.port, otherShots: first.shots)
      }
      if first == nil { first = (port, shots) }
      byShot[port] = named
    }
    guard let shots = repeated ?? first?.shots else {
      return [Action(node: node.index, shot: nil, inputs: inputs)]
    }
    return shots.map { shot in
      let parts = inputs.reduce(into: [:]) { parts, input in
        parts[input.key] = byShot[input.key].map { [$0[shot]!] } ?? input.value
      }
      return Action(node: node.index, shot: shot, inputs: parts)
    }
  }

  /// Whether every shot reads these parts.
  private static func isShared(_ parts: [Part]) -> Bool { parts.count == 1 && parts[0].shot == nil }
}
