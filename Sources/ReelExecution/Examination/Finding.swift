// One thing that an examination of the machine found.

import ReelStage

/// A line of `reel doctor`.
public struct Finding: Hashable, Sendable {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case ok
    /// Works, but not as it could; or something that not everybody needs is absent.
    case warning
    /// Builds will fail.
    case error
  }

  /// What was looked at: "memory", "stage encoding".
  public let subject: String
  public let state: State
  /// What was found.
  public let text: String
  /// What to do about it; `nil` where all is well.
  public let cure: String?

  package init(_ subject: String, _ state: State, _ text: String, cure: String? = nil) {
    self.subject = subject
    self.state = state
    self.text = text
    self.cure = cure
  }

  static func ok(_ subject: String, _ text: String) -> Finding { Finding(subject, .ok, text) }

  public var json: JSON {
    var members: [String: JSON] = [
      "subject": .string(subject), "state": .string(state.rawValue), "text": .string(text),
    ]
    members["cure"] = cure.map { .string($0) }
    return .object(members)
  }
}
