// The graph in the language of Graphviz.

extension Graph {
  /// The nodes, the outputs and what flows between them, for `dot -Tsvg`.
  public var dot: String {
    var lines = [
      "digraph \(Self.quoted(pipeline.name)) {", "  rankdir=LR;",
      "  node [shape=box, style=rounded, fontname=\"sans\"];",
      "  edge [fontname=\"sans\", fontsize=10];",
    ]
    for node in nodes {
      let label = ([node.id] + node.variant.cells.map { "\($0.axis)=\($0.row)" } + ["(\(node.stage))"])
        .joined(separator: "\n")
      lines.append("  n\(node.index) [label=\(Self.quoted(label))];")
    }
    for (index, output) in outputs.enumerated() {
      lines.append("  o\(index) [shape=note, style=\"\", label=\(Self.quoted(output.path))];")
    }
    for node in nodes {
      for (port, sources) in node.inputs.sorted(by: { $0.key < $1.key }) {
        for source in sources {
          lines.append("  n\(source.node) -> n\(node.index) [label=\(Self.quoted(port))];")
        }
      }
      if let shots = node.shots {
        lines.append("  n\(shots.node) -> n\(node.index) [label=\"each shot\", style=dashed];")
      }
    }
    for (index, output) in outputs.enumerated() {
      lines.append("  n\(output.source.node) -> o\(index) [label=\(Self.quoted(output.source.port))];")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
      "\n", with: "\\n")
    return "\"\(escaped)\""
  }
}
