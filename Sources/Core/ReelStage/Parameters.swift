// A node's parameters as a stage reads them: checked, complete, typed by the declaration.

/// Checked parameters. Reading one under a name or a type that the manifest does not declare is a programming
/// error of the stage, and stops it.
public struct Parameters: Hashable, Sendable {
  public let values: JSON
  /// Where these stand: empty for a stage's own, `layers[2]` for a record inside.
  public let path: ParameterPath

  public init(_ values: JSON, at path: ParameterPath = ParameterPath()) {
    self.values = values
    self.path = path
  }

  public func has(_ name: String) -> Bool { values[name] != nil }

  public func boolean(_ name: String) -> Bool { require(name, \.bool) }
  public func integer(_ name: String) -> Int { require(name, \.integer) }
  public func number(_ name: String) -> Double { require(name, \.number) }
  public func text(_ name: String) -> String { require(name, \.string) }
  public func size(_ name: String) -> Size { require(name) { $0.string.flatMap { Size($0) } } }
  public func aspectRatio(_ name: String) -> AspectRatio {
    require(name) { $0.string.flatMap { AspectRatio($0) } }
  }
  public func frameRate(_ name: String) -> FrameRate { require(name) { $0.string.flatMap { FrameRate($0) } } }
  public func colour(_ name: String) -> Colour { require(name) { $0.string.flatMap { Colour($0) } } }
  public func list(_ name: String) -> [JSON] { require(name, \.array) }

  /// A record inside this one.
  public func record(_ name: String) -> Parameters {
    Parameters(require(name) { $0 }, at: path.appending(.name(name)))
  }

  /// A list of records. Of a list with ``Parameter/timing`` only the elements that matter to the action's span.
  public func records(_ name: String) -> [Parameters] {
    list(name).enumerated().filter { $1 != .null }.map { index, value in
      Parameters(value, at: path.appending(.name(name)).appending(.index(index)))
    }
  }

  /// The frames that an element of a list with ``Parameter/timing`` concerns, in the numbers of ``Job/span``; `nil`
  /// for one that stands here only for the others' sake.
  public var frames: Range<Int>? {
    guard let ends = values[ElementTiming.frames]?.array, ends.count == 2, let first = ends[0].integer,
      let end = ends[1].integer, first <= end
    else { return nil }
    return first..<end
  }

  /// Calls `read` with the name if the parameter is there: `parameters.ifGiven("seed", parameters.integer)`.
  public func ifGiven<Value>(_ name: String, _ read: (String) -> Value) -> Value? {
    has(name) ? read(name) : nil
  }

  /// An error about the parameter `name` here.
  public func problem(_ name: String, _ message: String) -> StageError {
    .parameter(path.appending(.name(name)).description, message)
  }

  private func require<Value>(_ name: String, _ read: (JSON) -> Value?) -> Value {
    guard let value = values[name].flatMap(read) else {
      preconditionFailure("the manifest declares no parameter '\(name)' of this type, or it is absent")
    }
    return value
  }
}
