// `reel graph`: the expanded graph, for Graphviz.

import Glibc
import ReelExecution
import ReelPlanning

/// Prints the graph in the DOT language.
enum GraphCommand: Command {
  static let name = "graph"
  static let summary = "print the graph of nodes and outputs for Graphviz"
  static let operands = Operands.any("TARGET")
  static let options = Option.campaign + Option.selection + [Option.json]
  static let examples = [
    "reel graph | dot -Tsvg > graph.svg", "reel graph --json spot@market=us",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let whole = try arguments.campaignToRead().graph
    // Without a target also what no output needs is shown.
    let isNarrowed = !arguments.operands.isEmpty || arguments.has("until") || arguments.has("only-variant")
    let graph = isNarrowed ? whole.restricted(to: try arguments.selection(in: whole)) : whole
    Reel.write(arguments.has("json") ? graph.json.indentedText : graph.dot, to: STDOUT_FILENO)
    return .done
  }
}
