// What an action takes, told before it runs: `reel plan` shows it, and what does not fit is not begun.

/// An estimate of one action, from its parameters and inputs.
public struct ActionEstimate: Hashable, Sendable {
  /// Floating-point operations, of which a multiplication and its addition are two.
  public let operations: Double
  /// Bytes: the most that the action takes for itself at one time. Pages of files that it maps do not count.
  public let memory: Double
  /// What in the node would make it take less, as the pipeline writes it: `precision: bf16`.
  public let remedies: [String]

  public init(operations: Double, memory: Double, remedies: [String] = []) {
    self.operations = operations
    self.memory = memory
    self.remedies = remedies
  }

  public var json: JSON {
    [
      "operations": .number(operations), "memory": .number(memory),
      "remedies": .array(remedies.map { .string($0) }),
    ]
  }

  /// Reads what ``json`` wrote; `nil` for anything else.
  public init?(json: JSON) {
    guard let operations = json["operations"]?.number, operations >= 0, let memory = json["memory"]?.number,
      memory >= 0, let remedies = json["remedies"]?.array?.map(\.string), !remedies.contains(nil)
    else { return nil }
    self.init(operations: operations, memory: memory, remedies: remedies.compactMap(\.self))
  }
}
