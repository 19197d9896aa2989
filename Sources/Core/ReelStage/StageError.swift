// What a stage says when it cannot do its work. The host adds the node, the variant and the shot in front.

/// A stage's failure, in words for the person who wrote the pipeline.
public enum StageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A parameter that the declaration allows and the stage cannot use: its path (`layers[2].font`) and why.
  case parameter(String, String)
  /// An input that cannot be used: its port and why.
  case input(String, String)
  /// A file that cannot be used: its path and why.
  case file(String, String)
  /// Anything else.
  case failed(String)

  public var description: String {
    switch self {
    case .parameter(let path, let reason): "parameter '\(path)': \(reason)"
    case .input(let port, let reason): "input '\(port)': \(reason)"
    case .file(let path, let reason): "\(path): \(reason)"
    case .failed(let reason): reason
    }
  }
}
