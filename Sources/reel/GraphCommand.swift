// `reel graph`: the expanded graph, for Graphviz.

import Glibc
import ReelExecution
import ReelPlanning

/// Prints the graph in the DOT language.
enum GraphCommand: Command {
  static let name = "graph"
  static let summary = "print the graph of nodes and outputs for Graphviz"
  static let operands = Operands.none
  static let options = Option.campaign + [Option.json]
  static let examples = ["reel graph | dot -Tsvg > graph.svg", "reel graph --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let graph = try arguments.campaignToRead(asksStages: false).graph
    Reel.write(arguments.has("json") ? graph.json.indentedText : graph.dot, to: STDOUT_FILENO)
    return .done
  }
}
