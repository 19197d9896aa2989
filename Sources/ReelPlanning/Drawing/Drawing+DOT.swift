// A drawing in the language of Graphviz.

extension Drawing {
  /// For `dot -Tsvg`.
  public var dot: String {
    var lines = [
      "digraph \(Self.quoted(title)) {", "  rankdir=LR;",
      "  node [shape=box, style=rounded, fontname=\"sans\"];",
      "  edge [fontname=\"sans\", fontsize=10];",
    ]
    let names = boxNames
    for (box, name) in zip(boxes, names) {
      let shape = box.kind == .output ? "shape=note, style=\"\", " : ""
      lines.append("  \(name) [\(shape)label=\(Self.quoted(box.lines.joined(separator: "\n")))];")
    }
    for arrow in arrows {
      lines.append("  \(names[arrow.source]) -> \(names[arrow.target]) [label=\(Self.quoted(arrow.port))];")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
      "\n", with: "\\n")
    return "\"\(escaped)\""
  }

  /// What each box is called in a text: `n0`, `n1`, …, then `o0`, `o1`, … for the outputs.
  var boxNames: [String] {
    let nodes = boxes.count { $0.kind == .node }
    return boxes.indices.map { $0 < nodes ? "n\($0)" : "o\($0 - nodes)" }
  }
}
