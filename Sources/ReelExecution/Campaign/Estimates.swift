// How long actions may take, from how long earlier ones took.

import Glibc
import ReelPlanning
import ReelStage

/// Looks into the store's history, once a stage.
package struct Estimates {
  private let index: Index
  /// By stage, what earlier actions were made of and how long they took.
  private var histories: [String: [(load: Load, seconds: Double)]] = [:]
  /// By stage and load, the estimate.
  private var known: [String: Double] = [:]

  /// How many earlier actions of a stage are looked at.
  private static let historyLimit = 200

  package init(_ index: Index) { self.index = index }

  /// Seconds: the median of those earlier actions of the stage whose parameters are nearest; `nil` where there are
  /// none.
  ///
  /// - Parameter explanation: of the action's key.
  package mutating func seconds(for explanation: JSON, of manifest: Manifest) throws(StoreError) -> Double? {
    let load = Load(of: explanation, manifest)
    let name = "\(manifest.name) \(load.values.sorted { $0.key < $1.key })"
    if let estimate = known[name] { return estimate }
    if histories[manifest.name] == nil {
      histories[manifest.name] = try index.history(stage: manifest.name, limit: Self.historyLimit).map {
        (Load(of: $0.explanation, manifest), $0.seconds)
      }
    }
    let distances = (histories[manifest.name] ?? []).map { (load.distance(to: $0.load), $0.seconds) }
    guard let least = distances.map(\.0).min() else { return nil }
    let nearest = distances.filter { $0.0 <= least + 1e-9 }.map(\.1).sorted()
    known[name] = nearest[nearest.count / 2]
    return known[name]
  }

  /// Seconds that the actions of a node took together when they were last run.
  func lastSeconds(of node: GraphNode) throws -> Double? {
    try index.latestSeconds(node: node.id, variant: node.variant.description)
  }
}

/// What of an action's parameters and inputs says how much work it is: not its words, colours and files.
private struct Load {
  /// By path, numbers as they are, other values as text.
  private(set) var values: [String: JSON] = [:]

  init(of explanation: JSON, _ manifest: Manifest) {
    for (port, parts) in explanation["inputs"]?.object ?? [:] {
      values["in \(port)"] = .integer(parts.array?.count ?? 0)
    }
    if let first = explanation["span"]?["first"]?.integer, let end = explanation["span"]?["end"]?.integer {
      values["span"] = .integer(end - first)
    }
    values["join"] = explanation["join"]
    add(explanation["parameters"], .record(manifest.parameters), at: ParameterPath())
  }

  private mutating func add(_ value: JSON?, _ type: ParameterType, at path: ParameterPath) {
    guard let value else { return }
    switch type {
    case .text, .colour, .file, .aspectRatio: break
    case .size: values["\(path)"] = value.string.flatMap { Size($0) }.map { .integer($0.width * $0.height) }
    case .list(let element, _):
      for (index, value) in (value.array ?? []).enumerated() {
        add(value, element, at: path.appending(.index(index)))
      }
    case .record(let fields):
      for field in fields { add(value[field.name], field.type, at: path.appending(.name(field.name))) }
    default: values["\(path)"] = value
    }
  }

  /// How unlike two loads are: a number counts by how many times it is doubled, any other value as 1.
  func distance(to other: Load) -> Double {
    Set(values.keys).union(other.values.keys).reduce(0) { sum, path in
      let (one, two) = (values[path], other.values[path])
      guard one != two else { return sum }
      guard let one = one?.number, let two = two?.number, one >= 0, two >= 0 else { return sum + 1 }
      return sum + min(4, abs(log2((one + 1) / (two + 1))))
    }
  }
}
