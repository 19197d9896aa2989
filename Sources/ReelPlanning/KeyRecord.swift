// The key of an action and its explanation, written by one walk, so that the explanation cannot lie.

import ReelStage

/// What a file parameter holds at the time of the action.
public enum FileContent: Hashable, Sendable {
  case file(Digest)
  /// The files of a model that the stage reads: paths below the model's directory, and what they hold.
  case model([String: Digest])
}

/// An action's key, and the explanation of it.
public struct KeyRecord: Hashable, Sendable {
  /// The digest that the action is found by.
  public let key: Digest
  /// What went into the key, field by field, and `labels`, which did not: names for people.
  public let explanation: JSON

  /// Raised when the same work would get another key than before.
  public static let format = 1

  /// - Parameters:
  ///   - action: of `node`.
  ///   - plugin: the digest of the plugin's file.
  ///   - core: the digest of the core library.
  ///   - files: by ``FileReference/parameter``, what is in the file; all of `node.files`.
  public init(
    node: GraphNode, action: Action, plugin: Digest, core: Digest, files: [ParameterPath: FileContent]
  ) {
    var writer = KeyWriter()
    writer.write("format", .integer(Self.format))
    writer.write("stage", .string(node.stage))
    writer.write("version", .integer((try? node.manifest.get())?.version ?? 0))
    writer.write("plugin", .string(plugin.description))
    writer.write("core", .string(core.description))
    var parameters = node.parameters
    var names: [String: JSON] = [:]
    for file in node.files {
      guard let content = files[file.parameter] else {
        preconditionFailure("no content is given for parameter '\(file.parameter)' of node '\(node.name)'")
      }
      parameters = parameters.replacing(file.parameter.steps[...], with: content.json)
      if action.piece.concerns(file.parameter) { names[file.parameter.description] = .string(file.path) }
    }
    var places: [String: JSON] = [:]
    if let work = action.piece.work {
      let span = work.span
      writer.write(
        "span",
        [
          "first": .integer(span.frames.lowerBound), "end": .integer(span.frames.upperBound),
          "starts": .object(span.starts.mapValues { .integer($0) }),
        ])
      parameters = work.parameters.digested(parameters)
      places = work.parameters.places.mapValues { .array($0.map { .integer($0) }) }
    }
    if action.piece == .join { writer.write("join", true) }
    writer.write("parameters", parameters)
    writer.write(
      "inputs", .object(action.inputs.mapValues { .array($0.map { .string($0.digest.description) }) }))
    writer.label("files", .object(names))
    if !places.isEmpty { writer.label("places", .object(places)) }
    writer.label(
      "shots", .object(action.inputs.mapValues { .array($0.map { $0.shot.map { .string($0) } ?? .null }) }))
    (key, explanation) = writer.finish()
  }
}

extension KeyRecord {
  /// Parameters with what is in their files in the place of the paths, as a key has them.
  public static func parameters(_ parameters: JSON, with files: [ParameterPath: FileContent]) -> JSON {
    files.reduce(parameters) { $0.replacing($1.key, with: $1.value.json) }
  }
}

extension Piece {
  /// Whether the value of the parameter at `path` matters to the action.
  fileprivate func concerns(_ path: ParameterPath) -> Bool {
    work?.parameters.concern(path) ?? true
  }
}

extension FileContent {
  /// As it stands in the key in the place of the path.
  fileprivate var json: JSON {
    switch self {
    case .file(let digest): ["sha256": .string(digest.description)]
    case .model(let files): ["files": .object(files.mapValues { .string($0.description) })]
    }
  }
}

/// Writes each field into the digest and into the explanation.
private struct KeyWriter: ~Copyable {
  private var stream = DigestStream()
  private var fields: [String: JSON] = [:]
  private var labels: [String: JSON] = [:]

  init() {}

  /// A field: one line of the digested text, which no line break can forge since JSON escapes it.
  mutating func write(_ name: String, _ value: JSON) {
    stream.append("\(name) \(value.text)\n")
    fields[name] = value
  }

  /// A name for people, which is no part of the key.
  mutating func label(_ name: String, _ value: JSON) { labels[name] = value }

  consuming func finish() -> (Digest, JSON) {
    var explanation = fields
    explanation["labels"] = .object(labels)
    return (stream.finish(), .object(explanation))
  }
}

extension JSON {
  /// This value with the one at `path` replaced.
  public func replacing(_ path: ParameterPath, with value: JSON) -> JSON {
    replacing(path.steps[...], with: value)
  }

  fileprivate func replacing(_ steps: ArraySlice<ParameterPathStep>, with value: JSON) -> JSON {
    switch (steps.first, self) {
    case (nil, _): return value
    case (.name(let name), .object(var members)):
      members[name] = (members[name] ?? .null).replacing(steps.dropFirst(), with: value)
      return .object(members)
    case (.index(let index), .array(var values)) where values.indices.contains(index):
      values[index] = values[index].replacing(steps.dropFirst(), with: value)
      return .array(values)
    default: preconditionFailure("the value has no such path")
    }
  }
}
