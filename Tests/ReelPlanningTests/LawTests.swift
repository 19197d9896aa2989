// Laws that hold for any pipeline: which edits change keys, and which do not.

import ReelPlanning
import ReelStage
import Testing

@Suite struct LawTests {
  /// A random pipeline that is right: a chain of stages with side branches, axes from a feed and a list, variables,
  /// nodes that are repeated for a list or for each shot, and nodes that exist in some variants alone.
  private struct Campaign {
    struct Node {
      var id: String
      var stage: String
      var inputs: [(port: String, source: Int)]
      var parameters: [(name: String, text: String)] = []
      var foreach: String?
      /// The node whose shots it is repeated for.
      var shots: Int?
      /// Whether it exists in format `a` alone.
      var isConditional = false
    }
    var nodes: [Node] = []
    /// By market, what `${matrix.market.headline}` is.
    var headlines = ["us": "Hi", "jp": "Yo"]
    var hasJSONFeed: Bool
    var sizes = ["a": "8x8", "b": "9x9"]

    init(using random: inout SplitMix) {
      hasJSONFeed = Bool.random(using: &random)
      nodes.append(
        Node(
          id: "p", stage: "prompt-expansion", inputs: [],
          parameters: [("brief", "can \(Int.random(in: 0..<99, using: &random))")]))
      nodes.append(
        Node(
          id: "f", stage: "patch-diffusion", inputs: [("prompts", 0)],
          parameters: [("seconds", "\(Int.random(in: 1...20, using: &random))")]))
      for index in 2..<Int.random(in: 4...12, using: &random) {
        nodes.append(randomNode(index, using: &random))
      }
    }

    private func randomNode(_ index: Int, using random: inout SplitMix) -> Node {
      let source = Int.random(in: 1..<index, using: &random)
      var node = Node(id: "n\(index)", stage: "ad-overlay", inputs: [("frames", source)])
      // Whoever reads a node that is left out somewhere is left out there too.
      node.isConditional = nodes[source].isConditional || Int.random(in: 0..<6, using: &random) == 0
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        node.stage = "upscaling"
        node.parameters = [
          ("size", ["64x64", "${matrix.format.size}", "${vars.size}"].randomElement(using: &random)!)
        ]
      case 1: node.parameters = [("layers", "[{text: \"${matrix.market.headline}\", at: top}]")]
      case 2:
        node.foreach = "[x, y]"
        node.parameters = [("layers", "[{text: \"${each}\", at: top}]")]
      case 3:
        node.shots = 0
        node.parameters = [("layers", "[{text: \"${each.id} ${each.prompt}\", at: top}]")]
      default: break
      }
      return node
    }

    /// The files, their lines shuffled where order means nothing, with comments, if `random` is given.
    func workspace(shuffledBy random: SplitMix? = nil) -> Workspace {
      var random = random
      func shuffled(_ lines: [String]) -> [String] {
        guard random != nil else { return lines }
        return lines.shuffled(using: &random!).flatMap { ["# note", $0, ""] }
      }
      let declared = nodes.map { node in
        var fields = fields(of: node)
        if random != nil { fields.shuffle(using: &random!) }
        return "  \(node.id): {\(fields.joined(separator: random == nil ? ", " : ",   "))}"
      }
      let feed = hasJSONFeed ? "m.json" : "m.csv"
      let formats = sizes.sorted { $0.key < $1.key }.map { "{id: \($0.key), size: \($0.value)}" }
      let text = shuffled([
        "reel: 1", "vars: {size: 32x32}",
        "matrix:\n  market: {from: \(feed)}\n  format: [\(formats.joined(separator: ", "))]",
        "stages:\n" + shuffled(declared).joined(separator: "\n"),
      ]).joined(separator: "\n")
      let rows = headlines.sorted { $0.key < $1.key }
      return Workspace(
        text + "\n",
        files: [
          "m.csv": "id,headline\n" + rows.map { "\($0.key),\($0.value)\n" }.joined(),
          "m.json": JSON.array(rows.map { ["headline": .string($0.value), "id": .string($0.key)] }).text,
        ])
    }

    private func fields(of node: Node) -> [String] {
      var fields = ["stage: \(node.stage)"]
      if !node.inputs.isEmpty {
        fields.append(
          "in: {\(node.inputs.map { "\($0.port): \(nodes[$0.source].id)" }.joined(separator: ", "))}")
      }
      if !node.parameters.isEmpty {
        let parameters = node.parameters.map {
          "\($0.name): " + ($0.text.hasPrefix("[") ? $0.text : "\"\($0.text)\"")
        }
        fields.append("with: {\(parameters.joined(separator: ", "))}")
      }
      if let list = node.foreach { fields.append("foreach: \(list)") }
      if let shots = node.shots { fields.append("foreach: {shots: \(nodes[shots].id)}") }
      if node.isConditional { fields.append("when: {matrix.format: a}") }
      return fields
    }

    /// The nodes that read what is in `changed`, directly or not, and those themselves, by id.
    func ids(reading changed: Set<Int>) -> Set<String> {
      var concerned = changed
      for (index, node) in nodes.enumerated()
      where node.inputs.contains(where: { concerned.contains($0.source) })
        || node.shots.map(concerned.contains) ?? false
      {
        concerned.insert(index)
      }
      return Set(concerned.map { nodes[$0].id })
    }
  }

  /// By node, variant and shot, the key; each action's output stands for its key, as an executor that never finds
  /// equal results would have it.
  private func keys(_ workspace: Workspace) throws -> [String: Digest] {
    let graph = try workspace.graph()
    var outputs: [Digest] = []
    var keys: [String: Digest] = [:]
    for node in graph.nodes {
      let inputs = graph.inputs(of: node) { [Part(shot: nil, digest: outputs[$0.node])] }
      let shots = node.shots.map { source in
        ["1", "2"].map { name in
          let prompt = "\(name) of \(outputs[source.node])"
          return (
            name: name, shot: Shot(seconds: 2, seed: 1, prompt: prompt, negativePrompt: "", choices: [:])
          )
        }
      }
      let copies = try shots.map { shots in
        zip(shots, try graph.repeated(node, for: shots)).map { (name: $0.name, node: $1) }
      }
      var made = ""
      let actions =
        try copies.map { try graph.actions(for: node, inputs: inputs, repeatedAs: $0) }
        ?? graph.actions(for: node, inputs: inputs).map { (node, $0) }
      for (node, action) in actions {
        let record = KeyRecord(
          node: node, action: action, plugin: Digest(of: node.stage), core: Digest(of: ""), files: [:])
        keys[node.name + (action.piece.label.map { "#" + $0 } ?? "")] = record.key
        made += record.key.description
      }
      outputs.append(Digest(of: made))
    }
    return keys
  }

  /// The id of the node that a key's name speaks of, as it was before `foreach` repeated it.
  private func id(of name: String) -> String { String(name.prefix { !"@#-".contains($0) }) }

  private static let rounds = 2_000

  @Test func orderCommentsAndNamesLeaveKeysAlone() throws {
    for seed in 0..<Self.rounds {
      var random = SplitMix(state: UInt64(seed))
      var campaign = Campaign(using: &random)
      let before = try keys(campaign.workspace())
      #expect(try keys(campaign.workspace(shuffledBy: random)) == before, "\(seed)")
      campaign.hasJSONFeed.toggle()
      for index in campaign.nodes.indices { campaign.nodes[index].id = "r\(campaign.nodes[index].id)" }
      let renamed = try keys(campaign.workspace())
      #expect(renamed == Dictionary(uniqueKeysWithValues: before.map { ("r\($0)", $1) }), "\(seed)")
    }
  }

  @Test func aParameterChangesTheKeysOfItsNodeAndOfItsReadersAlone() throws {
    let edits = [
      "prompt-expansion": ("seed", "77"), "patch-diffusion": ("seconds", "99"), "upscaling": ("fps", "12"),
      "ad-overlay": ("layers", "[{text: New, at: bottom}, {text: Last, at: bottom}]"),
    ]
    for seed in 0..<Self.rounds {
      var random = SplitMix(state: UInt64(seed))
      var campaign = Campaign(using: &random)
      let before = try keys(campaign.workspace())
      let changed = Int.random(in: campaign.nodes.indices, using: &random)
      let (name, text) = edits[campaign.nodes[changed].stage]!
      campaign.nodes[changed].parameters.removeAll { $0.name == name }
      campaign.nodes[changed].parameters.append((name, text))
      let after = try keys(campaign.workspace())
      let ids = campaign.ids(reading: [changed])
      for (name, key) in after {
        // An edit can take the last reference to an axis away, and with it the variants.
        guard let old = before[name] else { continue }
        #expect((old != key) == ids.contains(id(of: name)), "\(seed) \(name)")
      }
    }
  }

  @Test func aCellOfTheMatrixChangesTheKeysOfItsVariantsAlone() throws {
    for seed in 0..<Self.rounds {
      var random = SplitMix(state: UInt64(seed))
      var campaign = Campaign(using: &random)
      let before = try keys(campaign.workspace())
      let isFeed = Bool.random(using: &random)
      if isFeed { campaign.headlines["us"] = "Hey" } else { campaign.sizes["b"] = "10x10" }
      let after = try keys(campaign.workspace())
      let reference = isFeed ? "matrix.market.headline" : "matrix.format.size"
      let users = campaign.nodes.indices.filter { index in
        campaign.nodes[index].parameters.contains { $0.text.contains(reference) }
      }
      let ids = campaign.ids(reading: Set(users))
      #expect(Set(before.keys) == Set(after.keys))
      for (name, key) in after {
        let isConcerned =
          ids.contains(id(of: name)) && name.contains(isFeed ? "market=us" : "format=b")
        #expect((before[name] != key) == isConcerned, "\(seed) \(name)")
      }
    }
  }

  @Test func expansionIsBounded() {
    func problems(_ head: String, brief: String = "b") -> [String] {
      Workspace("reel: 1\n\(head)\nstages: {p: {stage: prompt-expansion, with: {brief: \"\(brief)\"}}}")
        .problems
    }
    // Doubling: 2^40 look-ups of nothing, and 2^40 characters.
    for last in ["''", "x"] {
      let doubling = (0..<40).map { "a\($0): \"${vars.a\($0 + 1)}${vars.a\($0 + 1)}\"" } + ["a40: \(last)"]
      let found = problems("vars: {\(doubling.joined(separator: ", "))}", brief: "${vars.a0}")
      #expect(found.contains { $0.hasSuffix("filling in '${…}' makes too much text") })
    }
    let chain = (0..<1000).map { "a\($0): \"${vars.a\($0 + 1)}\"" } + ["a1000: x"]
    #expect(
      problems("vars: {\(chain.joined(separator: ", "))}", brief: "${vars.a0}").contains {
        $0.hasSuffix("variables refer to each other more than 64 deep")
      })
    let records = (0..<40).map { "a\($0): [\"${vars.a\($0 + 1)}\", \"${vars.a\($0 + 1)}\"]" } + ["a40: x"]
    #expect(
      problems("vars: {\(records.joined(separator: ", "))}").contains {
        $0.hasSuffix("filling in '${…}' makes too much text")
      })
  }

  @Test func ofVeryManyErrorsTheFirstHundredAreTold() {
    let nodes = (0..<1_500).map { "  n\($0): {stage: upscalin, in: {frames: m\($0)}}" }.joined(
      separator: "\n")
    let problems = Workspace("reel: 1\nstages:\n" + nodes).problems
    #expect(problems.count == 101)
    #expect(problems[100] == "campaign.yaml:103:40: more errors follow; mend these first")
  }
}
