// Nodes that are repeated for each shot of a list: the shots are read from the store.

import ReelPlanning
import ReelStage

/// Why a node cannot be repeated for each shot.
enum ShotListProblem: Error, CustomStringConvertible {
  /// The artifact is gone, or its bytes are not what they were.
  case damaged(Digest)
  case noShot(String)

  var description: String {
    switch self {
    case .damaged(let digest): "artifact \(digest) is damaged; 'reel build' makes it again"
    case .noShot(let name):
      "'foreach': part '\(name)' is no shot: wanted seconds, seed, prompt, negative_prompt and choices"
    }
  }
}

extension Campaign {
  /// By shot, the node as it is for that shot; `nil` for a node that is not repeated so.
  ///
  /// - Throws: `CuttingProblem`, ``ShotListProblem`` or `Diagnostics`.
  func repeatedNode(
    _ node: GraphNode, parts: (GraphSource) -> [Part]
  ) throws -> [(name: String, node: GraphNode)]? {
    guard let source = node.shots else { return nil }
    let shots = try parts(source).map { part in (name: try name(of: part), shot: try shot(in: part)) }
    var surroundings = Surroundings()
    surroundings.problem = Self.problem(with:)
    let nodes = try graph.repeated(node, for: shots, surroundings: surroundings)
    return zip(shots, nodes).map { ($0.name, $1) }
  }

  private func name(of part: Part) throws(CuttingProblem) -> String {
    guard let name = part.shot else { throw .unnamedParts(port: "foreach", count: 1) }
    return name
  }

  /// The shot that an artifact of prompts holds.
  func shot(in part: Part) throws -> Shot {
    guard store.blobs.isSound(part.digest) else { throw ShotListProblem.damaged(part.digest) }
    let bytes = try FileSystem.read(store.blobs.path(of: part.digest), limit: 1 << 20)
    guard let json = try? bytes.withUnsafeBytes({ try JSON(parsing: $0) }), let shot = Shot(json: json) else {
      throw ShotListProblem.noShot(part.shot ?? "\(part.digest)")
    }
    return shot
  }
}
