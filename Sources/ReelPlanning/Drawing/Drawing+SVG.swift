// A drawing as a picture: SVG that a browser, a Markdown page and a paper show alike.

extension Drawing {
  /// A picture of the size that it needs. It has no background, and fits light pages and dark ones.
  public var svg: String {
    let layout = Layout(self, sizes: boxes.map(Self.size))
    let (width, height) = (Self.number(layout.width), Self.number(layout.height))
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" role=\"img\">",
      "<title>\(Self.escaped(title))</title>", Self.style,
    ]
    let readers = Set(arrows.filter { boxes[$0.target].kind == .node }.map(\.target))
    for (arrow, points) in zip(arrows, layout.arrows) {
      lines.append(Self.path(along: points))
      let end = points[points.count - 1]
      if readers.contains(arrow.target) {
        lines.append(
          Self.text(arrow.port, "port", x: end.x - 10, y: end.y - 3, anchor: "end"))
      }
    }
    for (box, rectangle) in zip(boxes, layout.boxes) { lines += Self.drawn(box, in: rectangle) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  /// Fills and inks that stand out from white and from black; on dark pages, darker fills.
  private static let style = """
    <style>
    text { font-family: system-ui, "Noto Sans", "DejaVu Sans", sans-serif; font-size: 12px; fill: #1b2733; }
    .name { font-size: 14px; font-weight: 600; }
    .stage, .row { fill: #4c5b6b; }
    .port { font-size: 10px; fill: #7a8794; }
    .node { fill: #e8f0fa; stroke: #5b86b8; }
    .output { fill: #fbf3d9; stroke: #b3923a; }
    .arrow { fill: none; stroke: #7a8794; stroke-width: 1.3; }
    .head { fill: #7a8794; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .stage, .row { fill: #aab6c2; }
      .port { fill: #95a1ad; }
      .node { fill: #1d2b3d; }
      .output { fill: #352d16; }
    }
    </style>
    """

  private static let padding = 12.0
  private static let lineHeight = 17.0

  private static func size(of box: Box) -> (width: Double, height: Double) {
    let widths = box.lines.enumerated().map { index, line in
      width(of: line, size: index == 0 ? 14 : 12)
    }
    let lines = Double(box.lines.count)
    return (((widths.max() ?? 0) + 2 * padding).rounded(.up), lines * lineHeight + 2 * padding - 6)
  }

  /// About as wide as the widest of the fonts sets it: the picture says which fonts, not where they are.
  private static func width(of text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { width, scalar in
      let isWide = scalar.value >= 0x1100 && scalar.properties.isIdeographic || scalar.value >= 0x1f000
      let isNarrow = "iljtf.,:;'|!()[] ".unicodeScalars.contains(scalar)
      return width + size * (isWide ? 1.05 : isNarrow ? 0.38 : 0.63)
    }
  }

  private static func drawn(_ box: Box, in rectangle: Layout.Rectangle) -> [String] {
    let (x, y) = (rectangle.x, rectangle.y)
    let (right, bottom) = (x + rectangle.width, y + rectangle.height)
    var lines = ["<g>", "<title>\(escaped(box.lines.joined(separator: " ")))</title>"]
    switch box.kind {
    case .node:
      lines.append(
        "<rect class=\"node\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(rectangle.width))\" "
          + "height=\"\(number(rectangle.height))\" rx=\"8\"/>")
    case .output:
      // A sheet with its corner turned down.
      let (fold, low) = (right - 10, y + 10)
      lines.append(
        "<path class=\"output\" d=\"M\(number(x)) \(number(y))H\(number(fold))L\(number(right)) \(number(low))"
          + "V\(number(bottom))H\(number(x))ZM\(number(fold)) \(number(y))V\(number(low))H\(number(right))\"/>"
      )
    }
    for (index, line) in box.lines.enumerated() {
      let kind = box.kind == .output ? "row" : index == 0 ? "name" : line.hasPrefix("(") ? "stage" : "row"
      lines.append(text(line, kind, x: x + padding, y: y + padding + 10 + Double(index) * lineHeight))
    }
    return lines + ["</g>"]
  }

  private static func text(_ text: String, _ kind: String, x: Double, y: Double, anchor: String? = nil)
    -> String
  {
    let anchor = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    return "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\"\(anchor)>\(escaped(text))</text>"
  }

  /// Curves between the points that leave and arrive level, and a head at the end.
  private static func path(along points: [(x: Double, y: Double)]) -> String {
    var commands = "M\(number(points[0].x)) \(number(points[0].y))"
    for (point, next) in zip(points, points.dropFirst()) {
      let middle = number((point.x + next.x) / 2)
      commands +=
        point.y == next.y
        ? "H\(number(next.x))"
        : "C\(middle) \(number(point.y)) \(middle) \(number(next.y)) \(number(next.x)) \(number(next.y))"
    }
    let end = points[points.count - 1]
    let (tail, x) = (number(end.x - 7), number(end.x))
    return "<path class=\"arrow\" d=\"\(commands)\"/>\n"
      + "<path class=\"head\" d=\"M\(tail) \(number(end.y - 3.5))L\(x) \(number(end.y))L\(tail) \(number(end.y + 3.5))Z\"/>"
  }

  /// With at most one digit after the point.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0
      ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  /// Text in XML. A character that XML has no place for becomes a question mark.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\t", "\n", "\r": escaped += " "
      case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
