// A drawing in the language of Mermaid, which Markdown pages show as a picture.

extension Drawing {
  /// A flowchart, to be put between "```mermaid" and "```".
  public var mermaid: String {
    var lines = ["---", "title: \(Self.quoted(title))", "---", "flowchart LR"]
    let names = boxNames
    for (box, name) in zip(boxes, names) {
      let label = Self.quoted(box.lines.joined(separator: "\n"))
      // Rounded for a node; the sheet that flowcharts have for a document.
      lines.append("  \(name)" + (box.kind == .node ? "(\(label))" : "@{shape: doc, label: \(label)}"))
    }
    for arrow in arrows {
      lines.append("  \(names[arrow.source]) -->|\(Self.quoted(arrow.port))| \(names[arrow.target])")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Mermaid writes what would end a text, or mean something in it, as HTML does.
  private static func quoted(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\"": escaped += "#quot;"
      case "#": escaped += "#35;"
      case "&": escaped += "#amp;"
      case "<": escaped += "#lt;"
      case ">": escaped += "#gt;"
      case "`": escaped += "#96;"
      case "\\": escaped += "#92;"
      case "\n": escaped += "<br>"
      default: escaped.append(character)
      }
    }
    return "\"\(escaped)\""
  }
}
