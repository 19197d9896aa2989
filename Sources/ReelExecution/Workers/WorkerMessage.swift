// What the host and a worker say to each other: JSON objects, told apart by their "type".

import ReelStage

/// From the host to the worker.
package enum WorkerRequest: Hashable, Sendable {
  /// Asks for the manifest. Answered by `loaded` or `refused`.
  case describe
  /// Asks whether the stage takes these parameters, whole as the node has them. Answered by `accepted` or
  /// `rejected`.
  case check(JSON)
  /// Asks what an action takes, of which inputs may be absent. Answered by `estimated`.
  case estimate(WorkRequest)
  /// Asks for one action. Answered by any number of `progress` and `log`, then `finished` or `failed`.
  case run(WorkRequest)
}

/// One action, as the host asks for it.
package struct WorkRequest: Hashable, Sendable {
  package enum Work: Hashable, Sendable {
    /// The span is that of a stage that is cut by span.
    case run(Span?)
    case join
  }

  package let work: Work
  package let parameters: JSON
  /// By port, the files to read.
  package let inputs: [String: [String]]
  package let threads: Int
  package let folder: String

  package init(work: Work, parameters: JSON, inputs: [String: [String]], threads: Int, folder: String) {
    self.work = work
    self.parameters = parameters
    self.inputs = inputs
    self.threads = threads
    self.folder = folder
  }
}

/// A part that a stage says it wrote: its port, the shot's name where the stage divides the film, the file.
package struct WrittenPart: Hashable, Sendable {
  package let port: String
  package let shot: String?
  package let path: String

  package init(port: String, shot: String?, path: String) {
    self.port = port
    self.shot = shot
    self.path = path
  }
}

/// From the worker to the host.
package enum WorkerReply: Hashable, Sendable {
  case loaded(Manifest)
  /// The plugin cannot be loaded, and why.
  case refused(String)
  /// The stage takes the parameters.
  case accepted
  /// The stage threw at the parameters: the path of the one that it spoke of, and what it said.
  case rejected(parameter: String?, why: String)
  /// What the action takes; `nil` where the stage cannot say.
  case estimated(ActionEstimate?)
  case progress(done: Int, total: Int, unit: String)
  case log(String)
  /// The stage returned; these are the parts that it made, in the order of the film.
  case finished([WrittenPart])
  /// The stage threw, and what it said.
  case failed(String)
}

extension WorkerRequest {
  package var json: JSON {
    switch self {
    case .describe: ["type": "describe"]
    case .check(let parameters): ["type": "check", "parameters": parameters]
    case .estimate(let request): ["type": "estimate", "of": request.json]
    case .run(let request): request.json
    }
  }

  /// Reads what ``json`` wrote; `nil` for anything else.
  package init?(json: JSON) {
    switch json["type"]?.string {
    case "describe": self = .describe
    case "check":
      guard let parameters = json["parameters"] else { return nil }
      self = .check(parameters)
    case "estimate":
      guard let request = json["of"].flatMap(WorkRequest.init(json:)) else { return nil }
      self = .estimate(request)
    case "run", "join":
      guard let request = WorkRequest(json: json) else { return nil }
      self = .run(request)
    default: return nil
    }
  }
}

extension WorkRequest {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "parameters": parameters, "threads": .integer(threads), "folder": .string(folder),
      "inputs": .object(inputs.mapValues { .array($0.map { .string($0) }) }),
    ]
    switch work {
    case .join: members["type"] = "join"
    case .run(let span):
      members["type"] = "run"
      members["span"] = span.map {
        [
          "first": .integer($0.frames.lowerBound), "end": .integer($0.frames.upperBound),
          "starts": .object($0.starts.mapValues { .integer($0) }),
        ]
      }
    }
    return .object(members)
  }

  fileprivate init?(json: JSON) {
    guard let parameters = json["parameters"], let threads = json["threads"]?.integer,
      let folder = json["folder"]?.string, let ports = json["inputs"]?.object
    else { return nil }
    var inputs: [String: [String]] = [:]
    for (port, paths) in ports {
      guard let texts = paths.array?.map(\.string), !texts.contains(nil) else { return nil }
      inputs[port] = texts.compactMap(\.self)
    }
    var span: Span?
    if let given = json["span"] {
      guard let first = given["first"]?.integer, let end = given["end"]?.integer, first <= end,
        let starts = given["starts"]?.object
      else { return nil }
      span = Span(frames: first..<end, starts: starts.compactMapValues(\.integer))
    }
    self.init(
      work: json["type"]?.string == "join" ? .join : .run(span), parameters: parameters, inputs: inputs,
      threads: threads, folder: folder)
  }
}

extension WorkerReply {
  package var json: JSON {
    switch self {
    case .loaded(let manifest): ["type": "loaded", "manifest": manifest.json]
    case .refused(let why): ["type": "refused", "why": .string(why)]
    case .accepted: ["type": "accepted"]
    case .rejected(let parameter, let why):
      ["type": "rejected", "parameter": parameter.map { .string($0) } ?? .null, "why": .string(why)]
    case .estimated(let estimate): ["type": "estimated", "estimate": estimate?.json ?? .null]
    case .progress(let done, let total, let unit):
      ["type": "progress", "done": .integer(done), "total": .integer(total), "unit": .string(unit)]
    case .log(let line): ["type": "log", "line": .string(line)]
    case .finished(let outputs): ["type": "finished", "outputs": .array(outputs.map(Self.json(of:)))]
    case .failed(let why): ["type": "failed", "why": .string(why)]
    }
  }

  private static func json(of output: WrittenPart) -> JSON {
    var members: [String: JSON] = ["port": .string(output.port), "path": .string(output.path)]
    members["shot"] = output.shot.map { .string($0) }
    return .object(members)
  }

  /// Reads what ``json`` wrote; `nil` for anything else.
  package init?(json: JSON) {
    switch json["type"]?.string {
    case "loaded":
      guard let manifest = json["manifest"].flatMap(Manifest.init(json:)) else { return nil }
      self = .loaded(manifest)
    case "refused":
      guard let why = json["why"]?.string else { return nil }
      self = .refused(why)
    case "accepted": self = .accepted
    case "rejected":
      guard let why = json["why"]?.string else { return nil }
      self = .rejected(parameter: json["parameter"]?.string, why: why)
    case "estimated":
      guard let json = json["estimate"] else { return nil }
      let estimate = ActionEstimate(json: json)
      guard estimate != nil || json == .null else { return nil }
      self = .estimated(estimate)
    case "progress":
      guard let done = json["done"]?.integer, let total = json["total"]?.integer,
        let unit = json["unit"]?.string
      else { return nil }
      self = .progress(done: done, total: total, unit: unit)
    case "log":
      guard let line = json["line"]?.string else { return nil }
      self = .log(line)
    case "finished":
      guard let list = json["outputs"]?.array else { return nil }
      var outputs: [WrittenPart] = []
      for item in list {
        guard let port = item["port"]?.string, let path = item["path"]?.string else { return nil }
        outputs.append(WrittenPart(port: port, shot: item["shot"]?.string, path: path))
      }
      self = .finished(outputs)
    case "failed":
      guard let why = json["why"]?.string else { return nil }
      self = .failed(why)
    default: return nil
    }
  }
}
