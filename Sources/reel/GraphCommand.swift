// `reel graph`: the expanded graph, as a picture or as text that becomes one.

import Glibc
import ReelExecution
import ReelPlanning

/// Prints the graph of nodes and outputs.
enum GraphCommand: Command {
  static let name = "graph"
  static let summary = "draw the graph of nodes and outputs: Graphviz, Mermaid, SVG, JSON"
  static let operands = Operands.any("TARGET")
  static let options =
    Option.campaign + Option.selection + [
      Option(
        "format", value: "FORMAT", values: .words(Format.allCases.map(\.rawValue)),
        help: "dot, mermaid, json or svg; without it, dot"),
      Option("by-node", help: "one box for all variants of a node: what larger graphs do by themselves"),
      Option("by-variant", help: "a box for each variant, however many there are"),
      Option("json", help: "the same as --format json: every node with its parameters"),
    ]
  static let examples = [
    "reel graph | dot -Tsvg > graph.svg", "reel graph --format svg > graph.svg",
    "reel graph --format mermaid --by-node", "reel graph --json spot@market=us",
  ]

  private enum Format: String, CaseIterable { case dot, mermaid, json, svg }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard !arguments.has("by-node") || !arguments.has("by-variant") else {
      throw UsageError.contradiction("--by-node", "--by-variant")
    }
    let format = arguments.has("json") ? .json : arguments.value("format").flatMap(Format.init) ?? .dot
    let whole = try arguments.campaignToRead(asksStages: false).graph
    // Without a target also what no output needs is shown.
    let isNarrowed = !arguments.operands.isEmpty || arguments.has("until") || arguments.has("only-variant")
    let graph = isNarrowed ? whole.restricted(to: try arguments.selection(in: whole)) : whole
    let detail: Drawing.Detail =
      arguments.has("by-node") ? .byNode : arguments.has("by-variant") ? .byVariant : graph.readableDetail
    let text =
      switch format {
      case .json: graph.json.indentedText
      case .dot: graph.drawing(detail).dot
      case .mermaid: graph.drawing(detail).mermaid
      case .svg: graph.drawing(detail).svg
      }
    Reel.write(text, to: STDOUT_FILENO)
    return .done
  }
}
