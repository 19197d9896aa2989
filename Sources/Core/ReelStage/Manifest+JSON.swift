// A manifest as JSON: how the worker tells it to the host.

extension Manifest {
  public var json: JSON {
    [
      "name": .string(name), "version": .integer(version), "summary": .string(summary),
      "inputs": .array(inputs.map(\.json)), "outputs": .array(outputs.map(\.json)),
      "cut": cut.json, "parameters": .array(parameters.map(\.json)),
      "estimated": .bool(isEstimated),
    ]
  }

  /// Reads what ``json`` wrote; `nil` for anything else.
  public init?(json: JSON) {
    guard let name = json["name"]?.string, let version = json["version"]?.integer,
      let summary = json["summary"]?.string, let inputs = json["inputs"]?.array?.allMapped(Port.init(json:)),
      let outputs = json["outputs"]?.array?.allMapped(Port.init(json:)), !outputs.isEmpty,
      let cut = json["cut"].flatMap(Cut.init(json:)),
      let parameters = json["parameters"]?.array?.allMapped(Parameter.init(json:)),
      let isEstimated = json["estimated"]?.bool
    else { return nil }
    self.init(
      name: name, version: version, summary: summary, inputs: inputs, outputs: outputs, cut: cut,
      parameters: parameters, isEstimated: isEstimated)
  }
}

extension Cut {
  var json: JSON {
    switch self {
    case .whole: "whole"
    case .shot: "shot"
    case .span(let seconds, let halo, let isJoined):
      ["seconds": .number(seconds), "halo": .integer(halo), "joined": .bool(isJoined)]
    }
  }

  init?(json: JSON) {
    switch json {
    case "whole": self = .whole
    case "shot": self = .shot
    default:
      guard let seconds = json["seconds"]?.number, (0.01...3600).contains(seconds),
        let halo = json["halo"]?.integer, (0...1_000_000).contains(halo), let isJoined = json["joined"]?.bool
      else { return nil }
      self = .span(seconds: seconds, halo: halo, isJoined: isJoined)
    }
  }
}

extension Port {
  var json: JSON {
    [
      "name": .string(name), "type": .string(type.rawValue), "optional": .bool(isOptional),
      "help": .string(help),
    ]
  }

  init?(json: JSON) {
    guard let name = json["name"]?.string,
      let type = json["type"]?.string.flatMap({ PortType(rawValue: $0) }),
      let isOptional = json["optional"]?.bool, let help = json["help"]?.string
    else { return nil }
    self.init(name, type, isOptional: isOptional, help: help)
  }
}

extension Parameter {
  public var json: JSON {
    var members: [String: JSON] = [
      "name": .string(name), "type": type.json, "required": .bool(isRequired), "help": .string(help),
    ]
    members["default"] = defaultValue
    if isDefaultIfFound { members["if_found"] = true }
    members["timing"] = timing?.json
    return .object(members)
  }

  public init?(json: JSON) {
    guard let name = json["name"]?.string, let type = json["type"].flatMap(ParameterType.init(json:)),
      let isRequired = json["required"]?.bool, let help = json["help"]?.string
    else { return nil }
    var timing: ElementTiming?
    if let json = json["timing"] {
      timing = ElementTiming(json: json)
      guard timing != nil else { return nil }
    }
    self.init(
      name: name, type: type, defaultValue: json["default"], isRequired: isRequired,
      isDefaultIfFound: json["if_found"]?.bool ?? false, help: help, timing: timing)
  }
}

extension ElementTiming {
  var json: JSON {
    var members: [String: JSON] = [
      "from": .string(from), "until": .string(until), "references": .array(references.map { .string($0) }),
    ]
    members["name"] = name.map { .string($0) }
    members["lead"] = lead.map { .string($0) }
    return .object(members)
  }

  init?(json: JSON) {
    guard let from = json["from"]?.string, let until = json["until"]?.string,
      let references = json["references"]?.array?.allMapped(\.string)
    else { return nil }
    self.init(
      from: from, until: until, name: json["name"]?.string, references: references, lead: json["lead"]?.string
    )
  }
}

extension ParameterType {
  public var json: JSON {
    func bounded(_ kind: String, _ low: JSON, _ high: JSON, _ unit: String?) -> JSON {
      var members: [String: JSON] = ["kind": .string(kind), "minimum": low, "maximum": high]
      members["unit"] = unit.map { .string($0) }
      return .object(members)
    }
    switch self {
    case .boolean: return ["kind": "boolean"]
    case .integer(let range, let unit):
      return bounded("integer", .integer(range.lowerBound), .integer(range.upperBound), unit)
    case .number(let range, let unit):
      return bounded("number", .number(range.lowerBound), .number(range.upperBound), unit)
    case .percent(let range):
      return bounded("percent", .number(range.lowerBound), .number(range.upperBound), nil)
    case .text: return ["kind": "text"]
    case .choice(let words): return ["kind": "choice", "words": .array(words.map { .string($0) })]
    case .size: return ["kind": "size"]
    case .aspectRatio: return ["kind": "aspect-ratio"]
    case .frameRate: return ["kind": "frame-rate"]
    case .colour: return ["kind": "colour"]
    case .file: return ["kind": "file"]
    case .model(let patterns, let orFile):
      return [
        "kind": "model", "reading": .array(patterns.map { .string($0) }), "or_file": .bool(orFile),
      ]
    case .list(let element, let count):
      return [
        "kind": "list", "of": element.json, "minimum": .integer(count.lowerBound),
        "maximum": .integer(count.upperBound),
      ]
    case .record(let fields): return ["kind": "record", "fields": .array(fields.map(\.json))]
    }
  }

  public init?(json: JSON) {
    let integers = json["minimum"]?.integer.flatMap { low in
      json["maximum"]?.integer.flatMap { high in low <= high ? low...high : nil }
    }
    let numbers = json["minimum"]?.number.flatMap { low in
      json["maximum"]?.number.flatMap { high in low <= high ? low...high : nil }
    }
    switch json["kind"]?.string {
    case "boolean": self = .boolean
    case "integer":
      guard let integers else { return nil }
      self = .integer(integers, unit: json["unit"]?.string)
    case "number":
      guard let numbers else { return nil }
      self = .number(numbers, unit: json["unit"]?.string)
    case "percent":
      guard let numbers else { return nil }
      self = .percent(numbers)
    case "text": self = .text
    case "choice":
      guard let words = json["words"]?.array?.allMapped(\.string) else { return nil }
      self = .choice(words)
    case "size": self = .size
    case "aspect-ratio": self = .aspectRatio
    case "frame-rate": self = .frameRate
    case "colour": self = .colour
    case "file": self = .file
    case "model":
      guard let patterns = json["reading"]?.array?.allMapped(\.string), let orFile = json["or_file"]?.bool
      else {
        return nil
      }
      self = .model(reading: patterns, orFile: orFile)
    case "list":
      guard let element = json["of"].flatMap(ParameterType.init(json:)), let integers else { return nil }
      self = .list(element, count: integers)
    case "record":
      guard let fields = json["fields"]?.array?.allMapped(Parameter.init(json:)) else { return nil }
      self = .record(fields)
    default: return nil
    }
  }
}

extension Array {
  /// Every element mapped, or `nil` if one of them cannot be.
  fileprivate func allMapped<Mapped>(_ transform: (Element) -> Mapped?) -> [Mapped]? {
    var mapped: [Mapped] = []
    for element in self {
      guard let value = transform(element) else { return nil }
      mapped.append(value)
    }
    return mapped
  }
}
