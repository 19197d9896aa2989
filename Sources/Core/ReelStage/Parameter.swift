// Parameters as a stage declares them: name, type, range, default, one line of help.

/// One parameter of a stage, declared once.
public struct Parameter: Hashable, Sendable {
  public let name: String
  public let type: ParameterType
  /// The value where the pipeline gives none, in the form that ``ParameterType/resolve(_:)`` gives; `nil` for a
  /// parameter without one.
  public let defaultValue: JSON?
  /// Whether the pipeline must give it. One that is neither required nor has a default may be absent.
  public let isRequired: Bool
  /// Whether the default is a model that need not be there: where it is not found, the parameter is absent.
  public let isDefaultIfFound: Bool
  public let help: String
  /// For a list of records of which each concerns only a run of the film's frames: which one.
  public let timing: ElementTiming?

  init(
    name: String, type: ParameterType, defaultValue: JSON?, isRequired: Bool, isDefaultIfFound: Bool = false,
    help: String, timing: ElementTiming? = nil
  ) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.isRequired = isRequired
    self.isDefaultIfFound = isDefaultIfFound
    self.help = help
    self.timing = timing
  }

  public static func required(
    _ name: String, _ type: ParameterType, timing: ElementTiming? = nil, help: String
  ) -> Parameter {
    Parameter(name: name, type: type, defaultValue: nil, isRequired: true, help: help, timing: timing)
  }

  /// A stage's own parameter (none inside a record) that is a model's name, and absent where the pipeline gives no
  /// model and none of that name is found.
  public static func model(
    _ name: String, reading patterns: [String], orFile: Bool = false, ifFound value: String, help: String
  ) -> Parameter {
    Parameter(
      name: name, type: .model(reading: patterns, orFile: orFile), defaultValue: .string(value),
      isRequired: false, isDefaultIfFound: true, help: help)
  }

  public static func optional(
    _ name: String, _ type: ParameterType, default value: JSON? = nil, timing: ElementTiming? = nil,
    help: String
  ) -> Parameter {
    Parameter(name: name, type: type, defaultValue: value, isRequired: false, help: help, timing: timing)
  }
}

/// What a parameter's value may be.
public indirect enum ParameterType: Hashable, Sendable {
  case boolean
  /// A whole number in a range, with its unit for people ("frames").
  case integer(ClosedRange<Int>, unit: String? = nil)
  /// A number in a range, with its unit for people ("seconds").
  case number(ClosedRange<Double>, unit: String? = nil)
  /// A number written with a percent sign ("8%"), within a range of percents. Its value is the percent: 8.
  case percent(ClosedRange<Double>)
  case text
  case choice([String])
  /// "1920x1080".
  case size
  /// "16:9", or a size of that shape.
  case aspectRatio
  /// "25", "29.97", "30000/1001".
  case frameRate
  /// "#rrggbb" or "#rrggbbaa".
  case colour
  /// A file: its content enters the key, not its name.
  case file
  /// A model's directory, by its path or by the name of one that is shipped. Of it the stage reads the files
  /// whose paths below the directory match one of these patterns (`*` within a name, `**` across folders), and
  /// only their contents enter the key. With `orFile`, it may also be one such file, by its path or by its name.
  case model(reading: [String], orFile: Bool = false)
  case list(ParameterType, count: ClosedRange<Int>)
  /// A value with named fields of its own.
  case record([Parameter])
}

/// A step on the way to a value inside a parameter: `layers`, then `[2]`, then `text`.
public enum ParameterPathStep: Hashable, Sendable {
  case name(String)
  case index(Int)
}

/// Where a value stands inside a stage's parameters, written `layers[2].text`.
public struct ParameterPath: Hashable, Sendable, CustomStringConvertible {
  public var steps: [ParameterPathStep]

  public init(_ steps: [ParameterPathStep] = []) { self.steps = steps }

  /// Reads what ``description`` writes; `nil` for anything else.
  public init?(_ text: String) {
    var steps: [ParameterPathStep] = []
    for name in text.split(separator: ".", omittingEmptySubsequences: false) {
      let parts = name.split(separator: "[", omittingEmptySubsequences: false)
      guard let first = parts.first, !first.isEmpty || !parts.dropFirst().isEmpty else { return nil }
      if !first.isEmpty { steps.append(.name(String(first))) }
      for part in parts.dropFirst() {
        guard part.last == "]", let index = Int(part.dropLast()), index >= 0 else { return nil }
        steps.append(.index(index))
      }
    }
    self.steps = steps
  }

  public func appending(_ step: ParameterPathStep) -> ParameterPath { ParameterPath(steps + [step]) }

  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .name(let name): text += text.isEmpty ? name : "." + name
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}

/// Why a value was refused, and where it stands.
public struct ParameterProblem: Error, Hashable, Sendable {
  public let path: ParameterPath
  public let reason: Reason

  public init(path: ParameterPath, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public enum Reason: Hashable, Sendable {
    case unknown(name: String, known: [String])
    case missing(name: String)
    case wrong(wanted: String, found: String)
  }
}
