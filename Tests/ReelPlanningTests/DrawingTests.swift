// Tests of drawn graphs: what is drawn, in which language, and that nothing lies over anything else.

import ReelPlanning
import ReelStage
import Testing

@Suite struct DrawingTests {
  private let workspace = Workspace(campaign, files: ["markets.csv": markets])

  @Test("by node: a box stands for all variants, an output for all its paths, an arrow for all its like")
  func byNode() throws {
    let drawing = try workspace.graph().drawing(.byNode)
    #expect(
      drawing.boxes.map { $0.lines.joined(separator: " ") } == [
        "prompts (prompt-expansion)", "keyframes (keyframe-generation)", "footage (patch-diffusion)",
        "master ×2 (upscaling)", "branded ×3 (ad-overlay)", "spot ×3 (encoding)",
        "renders/${name}-${matrix.market.id}-${matrix.format.id}.mp4 ×3",
      ])
    #expect(
      drawing.arrows.map { "\($0.source) \($0.port) \($0.target)" } == [
        "0 prompts 1", "1 keyframes 2", "0 prompts 2", "2 frames 3", "3 frames 4", "4 frames 5", "5 film 6",
      ])
  }

  @Test("by node: what a foreach list became is one box") func groups() throws {
    let workspace = Workspace(
      """
      reel: 1
      name: shots
      stages:
        p: {stage: prompt-expansion, foreach: [sea, sky], with: {brief: "${each}"}}
        k: {stage: keyframe-generation, in: {prompts: p}}
      outputs:
        stills: k

      """)
    let drawing = try workspace.graph().drawing(.byNode)
    #expect(
      drawing.boxes.map(\.lines) == [
        ["p ×2", "(prompt-expansion)"], ["k", "(keyframe-generation)"], ["stills"],
      ])
  }

  @Test("a graph that cannot be taken in is drawn by node unless somebody asks") func readable() throws {
    #expect(try workspace.graph().readableDetail == .byVariant)
    let rows = (1...40).map { "m\($0),text\r\n" }.joined()
    let large = Workspace(campaign, files: ["markets.csv": "id,headline\r\njp,x\r\n" + rows])
    #expect(try large.graph().readableDetail == .byNode)
  }

  @Test("Mermaid: what means something in its texts is written as it wants") func mermaid() throws {
    let workspace = Workspace(
      """
      reel: 1
      name: say "hi"
      matrix: {m: [us]}
      stages:
        p: {stage: prompt-expansion, with: {brief: "${matrix.m}"}}
        k: {stage: keyframe-generation, in: {prompts: p}}
      outputs:
        <${matrix.m}>#1 & more: k.stills

      """)
    #expect(
      try workspace.graph().drawing(.byVariant).mermaid == """
        ---
        title: "say #quot;hi#quot;"
        ---
        flowchart LR
          n0("p<br>m=us<br>(prompt-expansion)")
          n1("k<br>m=us<br>(keyframe-generation)")
          o0@{shape: doc, label: "#lt;us#gt;#35;1 #amp; more"}
          n0 -->|"prompts"| n1
          n1 -->|"stills"| o0

        """)
  }

  @Test("SVG: well-formed XML, whatever the names are") func wellFormed() throws {
    let workspace = Workspace(
      """
      reel: 1
      name: <b> & "c" ]]>
      stages:
        p: {stage: prompt-expansion, with: {brief: x}}
        k: {stage: keyframe-generation, in: {prompts: p}}
      outputs:
        a<b>&"c"/漢字.json: k

      """)
    for detail in Drawing.Detail.allCases {
      let elements = try elements(of: workspace.graph().drawing(detail).svg)
      #expect(elements.first?.name == "svg")
      #expect(elements.contains { $0.text == "a<b>&\"c\"/漢字.json" })
    }
  }

  @Test("SVG: a box or sheet for each node and output, none over another, arrows from left to right")
  func layout() throws {
    let many = (1...6).map { "m\($0),text\r\n" }.joined()
    let workspace = Workspace(campaign, files: ["markets.csv": "id,headline\r\njp,x\r\n" + many])
    let graph = try workspace.graph()
    for detail in Drawing.Detail.allCases {
      let drawing = graph.drawing(detail)
      let elements = try elements(of: drawing.svg)
      let boxes = elements.filter { $0.attributes["class"] == "node" }.map { element in
        ["x", "y", "width", "height"].map { Double(element.attributes[$0] ?? "") ?? .nan }
      }
      let sheets = elements.filter { $0.attributes["class"] == "output" }
      #expect(boxes.count == drawing.boxes.count { $0.kind == .node })
      #expect(sheets.count == drawing.boxes.count { $0.kind == .output })
      for (index, one) in boxes.enumerated() {
        for other in boxes[(index + 1)...] {
          let isApart =
            one[0] + one[2] < other[0] || other[0] + other[2] < one[0] || one[1] + one[3] < other[1]
            || other[1] + other[3] < one[1]
          #expect(isApart, "\(one) \(other)")
        }
      }
      for arrow in drawing.arrows where drawing.boxes[arrow.target].kind == .node {
        #expect(boxes[arrow.source][0] + boxes[arrow.source][2] < boxes[arrow.target][0])
      }
      #expect(graph.drawing(detail).svg == drawing.svg)
    }
  }

  // MARK: Reading XML

  private struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
  }

  /// The elements of an XML document in the order in which they begin; fails for one that is not well-formed.
  private func elements(of xml: String) throws -> [Element] {
    var elements: [Element] = []
    var open: [Int] = []
    var rest = xml[...]
    while let start = rest.firstIndex(of: "<") {
      let text = rest[..<start]
      try #require(!text.contains("]]>"))
      if let innermost = open.last {
        elements[innermost].text += try plain(text)
      } else {
        try #require(isBlank(text))
      }
      let end = try #require(rest[start...].firstIndex(of: ">"))
      var tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        let closed = open.popLast()
        try #require(closed.map { elements[$0].name } == String(tag.dropFirst()))
        continue
      }
      let isEmpty = tag.hasSuffix("/")
      if isEmpty { tag.removeLast() }
      try #require(!open.isEmpty || elements.isEmpty, "one element holds all others")
      if !isEmpty { open.append(elements.count) }
      elements.append(try element(tag))
    }
    try #require(open.isEmpty && isBlank(rest))
    return elements
  }

  private func isBlank(_ text: Substring) -> Bool { text.allSatisfy(\.isWhitespace) }

  private func element(_ tag: Substring) throws -> Element {
    let name = tag.prefix { $0.isLetter }
    try #require(!name.isEmpty)
    var attributes: [String: String] = [:]
    var rest = tag.dropFirst(name.count)
    while !rest.isEmpty {
      try #require(rest.first == " ")
      let attribute = rest.dropFirst().prefix { $0.isLetter || $0 == "-" }
      rest = rest.dropFirst(attribute.count + 1)
      try #require(!attribute.isEmpty && rest.hasPrefix("=\""))
      rest = rest.dropFirst(2)
      let end = try #require(rest.firstIndex(of: "\""))
      let earlier = attributes.updateValue(try plain(rest[..<end]), forKey: String(attribute))
      try #require(earlier == nil)
      rest = rest[rest.index(after: end)...]
    }
    return Element(name: String(name), attributes: attributes)
  }

  /// Text without its entities; `&` may begin nothing else.
  private func plain(_ text: Substring) throws -> String {
    let entities = ["amp;": "&", "lt;": "<", "gt;": ">", "quot;": "\""]
    let parts = text.split(separator: "&", omittingEmptySubsequences: false)
    var plain = String(parts[0])
    for part in parts.dropFirst() {
      let entity = entities.first { part.hasPrefix($0.key) }
      try #require(entity != nil, "'&\(part)'")
      plain += (entity?.value ?? "") + part.dropFirst(entity?.key.count ?? 0)
    }
    return plain
  }
}
