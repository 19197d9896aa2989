// `reel show`: the pipeline as reel understands it.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Prints every node with its parameters, defaults included, and the outputs.
enum ShowCommand: Command {
  static let name = "show"
  static let summary = "print the nodes with all their parameters, and the outputs"
  static let operands = Operands.any("TARGET")
  static let options = Option.campaign + Option.selection + [Option.json]
  static let examples = ["reel show", "reel show spot@market=us", "reel show --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let graph = try arguments.campaignToRead(asksStages: false).graph
    let selection = try arguments.selection(in: graph)
    if arguments.has("json") {
      Reel.write(graph.restricted(to: selection).json.indentedText, to: STDOUT_FILENO)
      return .done
    }
    for node in selection.nodes { Reel.show(text(of: graph.nodes[node], in: graph)) }
    for output in selection.outputs.map({ graph.outputs[$0] }) {
      Reel.print("\(output.path): \(name(of: output.source, in: graph))")
    }
    return .done
  }

  private static func text(of node: GraphNode, in graph: Graph) -> String {
    var lines = ["\(node.name): \(node.stage)"]
    if case .failure(let unavailable) = node.manifest {
      lines.append("cannot be used: \(unavailable.reason)")
    }
    for (port, sources) in node.inputs.sorted(by: { $0.key < $1.key }) {
      lines.append("in \(port): " + sources.map { name(of: $0, in: graph) }.joined(separator: ", "))
    }
    if let shots = node.shots { lines.append("for each shot of \(name(of: shots, in: graph))") }
    for (parameter, value) in (node.parameters.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      lines.append("\(parameter): \(value.text)")
    }
    return lines.joined(separator: "\n  ") + "\n"
  }

  /// `footage.frames`.
  private static func name(of source: GraphSource, in graph: Graph) -> String {
    "\(graph.nodes[source.node].name).\(source.port)"
  }
}
