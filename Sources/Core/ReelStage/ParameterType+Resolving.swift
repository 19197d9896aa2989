// Checking a value against its declaration. Text becomes what the declaration says it is.

extension ParameterType {
  /// The checked value of `given` with every default filled in, or all that is wrong with it.
  ///
  /// Scalars may come as text, as YAML and CSV have them: "5" is a whole number where one is wanted. The result is
  /// in normal form: equal meanings give equal values.
  public func resolve(_ given: JSON) -> Result<JSON, ParameterProblems> {
    var problems: [ParameterProblem] = []
    let value = resolve(given, at: ParameterPath(), problems: &problems)
    return problems.isEmpty ? .success(value) : .failure(ParameterProblems(list: problems))
  }

  /// What is wanted, as an error message says it: "a whole number from 1 to 200".
  public var wanted: String {
    switch self {
    case .boolean: "true or false"
    case .integer(let range, let unit): Self.phrase("a whole number", range, unit)
    case .number(let range, let unit): Self.phrase("a number", range, unit)
    case .percent(let range):
      "a percentage from \(range.lowerBound.shortText)% to \(range.upperBound.shortText)%"
    case .text: "text"
    case .choice(let words):
      words.count == 1 ? "'\(words[0])'" : "one of \(words.map { "'\($0)'" }.joined(separator: ", "))"
    case .size: "a size such as 1920x1080, of sides from 1 to 16384"
    case .aspectRatio: "a shape such as 16:9 or 1920x1080, of sides from 1 to 16384"
    case .frameRate: "a frame rate from 1 to 240, such as 25 or 30000/1001"
    case .colour: "a colour such as #ff8800 or #ff880080"
    case .file: "a file's path"
    case .model(_, let orFile): orFile ? "a model's directory, file or name" : "a model's directory or name"
    case .list(_, let count):
      count.lowerBound == count.upperBound ? "a list of \(count.lowerBound)" : "a list"
    case .record: "a mapping"
    }
  }

  func resolve(_ given: JSON, at path: ParameterPath, problems: inout [ParameterProblem]) -> JSON {
    func refuse() -> JSON {
      problems.append(ParameterProblem(path: path, reason: .wrong(wanted: wanted, found: given.foundText)))
      return .null
    }
    switch self {
    case .boolean:
      switch given {
      case .bool, .string("true"), .string("false"):
        return .bool(given == .bool(true) || given == .string("true"))
      default: return refuse()
      }
    case .integer(let range, _):
      guard let value = given.string.map({ Int($0) }) ?? given.integer, range.contains(value) else {
        return refuse()
      }
      return .integer(value)
    case .number(let range, _):
      guard let value = given.string.map({ Self.number($0) }) ?? given.number, range.contains(value) else {
        return refuse()
      }
      return .number(value)
    case .percent(let range):
      var percent = given.number
      if let text = given.string, text.hasSuffix("%") { percent = Self.number(String(text.dropLast())) }
      guard let percent, range.contains(percent) else { return refuse() }
      return .number(percent)
    case .text:
      switch given {
      case .string: return given
      case .integer(let value): return .string(String(value))
      case .number(let value): return .string(value.shortText)
      case .bool(let value): return .string(value ? "true" : "false")
      default: return refuse()
      }
    case .choice(let words):
      guard let word = given.string, words.contains(word) else { return refuse() }
      return given
    case .size:
      guard let text = given.string, Size(text) != nil else { return refuse() }
      return given
    case .aspectRatio:
      guard let text = given.string, let ratio = AspectRatio(text) else { return refuse() }
      return .string(ratio.description)
    case .frameRate:
      guard let text = given.string ?? given.integer.map(String.init), let rate = FrameRate(text) else {
        return refuse()
      }
      return .string(rate.description)
    case .colour:
      guard let text = given.string, let colour = Colour(text) else { return refuse() }
      return .string(colour.description)
    case .file, .model:
      guard let text = given.string, !text.isEmpty, !text.utf8.contains(0) else { return refuse() }
      return given
    case .list(let element, let count):
      guard case .array(let values) = given else { return refuse() }
      guard count.contains(values.count) else {
        let limit =
          values.count < count.lowerBound
          ? "at least \(count.lowerBound)" : "at most \(count.upperBound)"
        problems.append(
          ParameterProblem(
            path: path, reason: .wrong(wanted: "a list of \(limit)", found: "\(values.count)")))
        return .null
      }
      return .array(
        values.enumerated().map { element.resolve($1, at: path.appending(.index($0)), problems: &problems) })
    case .record(let fields):
      guard case .object(let members) = given else { return refuse() }
      return Self.resolve(members, against: fields, at: path, problems: &problems)
    }
  }

  private static func resolve(
    _ members: [String: JSON], against fields: [Parameter], at path: ParameterPath,
    problems: inout [ParameterProblem]
  ) -> JSON {
    let known = fields.map(\.name)
    for name in members.keys.sorted() where !known.contains(name) {
      problems.append(
        ParameterProblem(path: path.appending(.name(name)), reason: .unknown(name: name, known: known)))
    }
    var resolved: [String: JSON] = [:]
    for field in fields {
      if let given = members[field.name], given != .null {
        resolved[field.name] = field.type.resolve(
          given, at: path.appending(.name(field.name)), problems: &problems)
      } else if let value = field.defaultValue {
        // A default in another form than the user's same value would give another key.
        resolved[field.name] = field.type.resolve(
          value, at: path.appending(.name(field.name)), problems: &problems)
      } else if field.isRequired {
        problems.append(ParameterProblem(path: path, reason: .missing(name: field.name)))
      }
    }
    return .object(resolved)
  }

  private static func number(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite, !text.contains(where: { "xXpPnN".contains($0) }) else {
      return nil
    }
    return value
  }

  private static func phrase<Bound: Comparable>(
    _ noun: String, _ range: ClosedRange<Bound>, _ unit: String?
  ) -> String {
    func text(_ bound: Bound) -> String { (bound as? Double)?.shortText ?? "\(bound)" }
    return "\(noun) from \(text(range.lowerBound)) to \(text(range.upperBound))"
      + (unit.map { " " + $0 } ?? "")
  }
}

/// All that is wrong with a value.
public struct ParameterProblems: Error, Hashable, Sendable {
  public let list: [ParameterProblem]

  public init(list: [ParameterProblem]) { self.list = list }
}

extension JSON {
  /// What was found, as an error message says it: the user's words in quotes, or the kind of thing.
  var foundText: String {
    switch self {
    case .string(let text): "'\(text)'"
    case .integer(let value): "'\(value)'"
    case .number(let value): "'\(value.shortText)'"
    case .bool(let value): "'\(value)'"
    case .array: "a list"
    case .object: "a mapping"
    case .null: "nothing"
    }
  }
}

extension Double {
  /// The number without a needless ".0".
  public var shortText: String { Int(exactly: self).map(String.init) ?? description }
}
