// `reel stages`: the stages there are, and what each of them takes.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Lists the stages, or tells all that one of them declares.
enum StagesCommand: Command {
  static let name = "stages"
  static let summary = "list the stages, or a stage's ports and parameters"
  static let operands = Operands.optional("STAGE")
  static let options = [Option.file, Option.plugins, Option.directory, Option.json]
  static let examples = ["reel stages", "reel stages patch-diffusion", "reel stages --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let stages = try arguments.installedStages()
    if let name = arguments.operands.first {
      let manifest = try stages.manifest(of: name)
      if arguments.has("json") {
        Reel.write(manifest.json.indentedText, to: STDOUT_FILENO)
      } else {
        Reel.show(text(of: manifest))
      }
      return .done
    }
    let all = try stages.all()
    for problem in all.problems { Reel.write(escaped(problem) + "\n", to: STDERR_FILENO) }
    if arguments.has("json") {
      Reel.write(JSON.array(all.manifests.map(\.json)).indentedText, to: STDOUT_FILENO)
    } else {
      let width = all.manifests.map(\.name.count).max() ?? 0
      for manifest in all.manifests {
        let gap = String(repeating: " ", count: width - manifest.name.count + 2)
        Reel.print(manifest.name + gap + manifest.summary)
      }
    }
    return all.problems.isEmpty ? .done : .failed
  }

  /// All that a stage declares.
  private static func text(of manifest: Manifest) -> String {
    var lines = ["\(manifest.name) (version \(manifest.version)): \(manifest.summary)"]
    lines.append(manifest.cut.text)
    for (title, ports) in [("inputs", manifest.inputs), ("outputs", manifest.outputs)] where !ports.isEmpty {
      lines += ["", title + ":"]
      for port in ports {
        lines.append(
          "  \(port.name): \(port.type.rawValue)\(port.isOptional ? ", optional" : ""); \(port.help)")
      }
    }
    if !manifest.parameters.isEmpty { lines += ["", "parameters:"] }
    for parameter in manifest.parameters { lines += text(of: parameter, indent: "  ") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The name, what is wanted, the default, the help; the fields of a record below it.
  private static func text(of parameter: Parameter, indent: String) -> [String] {
    let need =
      parameter.defaultValue.map {
        "default " + ($0.string ?? $0.number?.shortText ?? $0.text)
          + (parameter.isDefaultIfFound ? " where it is found" : "")
      }
      ?? (parameter.isRequired ? "required" : "optional")
    var lines = [
      "\(indent)\(parameter.name): \(parameter.type.wanted), \(need)", "\(indent)    \(parameter.help)",
    ]
    var type = parameter.type
    while case .list(let element, _) = type { type = element }
    if case .record(let fields) = type {
      for field in fields { lines += text(of: field, indent: indent + "  ") }
    }
    return lines
  }
}

extension Cut {
  /// For people: how many actions there are.
  fileprivate var text: String {
    switch self {
    case .whole: "one action for the whole film"
    case .shot: "one action a shot"
    case .span(let seconds, let halo, let isJoined):
      "one action for each run of frames of about \(seconds.shortText) s"
        + (halo > 0 ? ", which reads \(halo) frames more on either side" : "")
        + (isJoined ? ", and one that joins them" : "")
    }
  }
}
