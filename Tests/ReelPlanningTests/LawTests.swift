// Laws that hold for any pipeline: which edits change keys, and that no text whatever brings the planner
// down.

import ReelPlanning
import ReelStage
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

@Suite struct LawTests {
  /// A random pipeline that is right: a chain of stages with side branches, axes and variables.
  private struct Campaign {
    struct Node {
      var id: String
      var stage: String
      var inputs: [(port: String, source: Int)]
      var parameters: [(name: String, text: String)]
    }
    var nodes: [Node] = []

    init(using random: inout SplitMix) {
      nodes.append(
        Node(
          id: "p", stage: "prompt-expansion", inputs: [],
          parameters: [("brief", "can \(Int.random(in: 0..<99, using: &random))")]))
      nodes.append(
        Node(
          id: "f", stage: "patch-diffusion", inputs: [("prompts", 0)],
          parameters: [("seconds", "\(Int.random(in: 1...20, using: &random))")]))
      for index in 2..<Int.random(in: 4...9, using: &random) {
        let source = Int.random(in: 1..<index, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          nodes.append(
            Node(
              id: "n\(index)", stage: "upscaling", inputs: [("frames", source)],
              parameters: [
                ("size", ["64x64", "${matrix.format.size}", "${vars.size}"].randomElement(using: &random)!)
              ]))
        case 1:
          nodes.append(
            Node(
              id: "n\(index)", stage: "ad-overlay", inputs: [("frames", source)],
              parameters: [("layers", "[{text: \"${matrix.market.headline}\", at: top}]")]))
        default:
          nodes.append(
            Node(id: "n\(index)", stage: "ad-overlay", inputs: [("frames", source)], parameters: []))
        }
      }
    }

    /// The YAML text, its lines shuffled where order means nothing, with comments, if `random` is given.
    func text(shuffledBy random: SplitMix? = nil) -> String {
      var random = random
      func shuffled(_ lines: [String]) -> [String] {
        guard random != nil else { return lines }
        return lines.shuffled(using: &random!).flatMap { ["# note", $0, ""] }
      }
      let declared = nodes.map { node in
        var fields = ["stage: \(node.stage)"]
        if !node.inputs.isEmpty {
          fields.append(
            "in: {\(node.inputs.map { "\($0.port): \(nodes[$0.source].id)" }.joined(separator: ", "))}")
        }
        if !node.parameters.isEmpty {
          fields.append(
            "with: {\(shuffled(node.parameters.map { "\($0.name): \(Self.quoted($0.text))" }).filter { $0.contains(":") }.joined(separator: ", "))}"
          )
        }
        return
          "  \(node.id): {\(random == nil ? fields.joined(separator: ", ") : fields.reversed().joined(separator: ",  "))}"
      }
      return shuffled([
        "reel: 1", "vars: {size: 32x32}",
        "matrix:\n  market: [{id: us, headline: Hi}, {id: jp, headline: Yo}]\n  format: [{id: a, size: 8x8}, {id: b, size: 9x9}]",
        "stages:\n" + shuffled(declared).joined(separator: "\n"),
      ]).joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String { text.hasPrefix("[") ? text : "\"\(text)\"" }
  }

  /// By node and variant, the key; each node's output stands for its key, as an executor that never finds
  /// equal results would have it.
  private func keys(_ text: String) throws -> [String: Digest] {
    let graph = try Workspace(text).graph()
    var keys: [Digest] = []
    for node in graph.nodes {
      let inputs = graph.inputs(of: node) { [Part(shot: nil, digest: keys[$0.node])] }
      let action = Action(node: node.index, piece: .whole, inputs: inputs)
      keys.append(
        KeyRecord(
          node: node, action: action, plugin: Digest(of: node.stage), core: Digest(of: ""), files: [:]
        ).key)
    }
    return Dictionary(uniqueKeysWithValues: zip(graph.nodes.map(\.name), keys))
  }

  @Test(arguments: 0..<60)
  func orderCommentsAndNamesLeaveKeysAlone(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    var campaign = Campaign(using: &random)
    let before = try keys(campaign.text())
    #expect(try keys(campaign.text(shuffledBy: random)) == before)
    for index in campaign.nodes.indices { campaign.nodes[index].id = "renamed-\(campaign.nodes[index].id)" }
    let renamed = try keys(campaign.text())
    #expect(renamed == Dictionary(uniqueKeysWithValues: before.map { ("renamed-\($0)", $1) }))
  }

  @Test(arguments: 0..<60)
  func aParameterChangesTheKeysOfItsNodeAndOfItsReadersAlone(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    var campaign = Campaign(using: &random)
    let before = try keys(campaign.text())
    let changed = Int.random(in: campaign.nodes.indices, using: &random)
    let edits = [
      "prompt-expansion": ("seed", "77"), "patch-diffusion": ("seconds", "99"), "upscaling": ("fps", "12"),
      "ad-overlay": ("layers", "[{text: New, at: bottom}, {text: Last, at: bottom}]"),
    ]
    let (name, text) = edits[campaign.nodes[changed].stage]!
    campaign.nodes[changed].parameters.removeAll { $0.name == name }
    campaign.nodes[changed].parameters.append((name, text))
    let after = try keys(campaign.text())
    var concerned: Set<Int> = [changed]
    for (index, node) in campaign.nodes.enumerated()
    where node.inputs.contains(where: { concerned.contains($0.source) }) {
      concerned.insert(index)
    }
    let ids = Set(concerned.map { campaign.nodes[$0].id })
    for (name, key) in after {
      let id = String(name.prefix { $0 != "@" })
      // An edit can take the last reference to an axis away, and with it the variants.
      guard let old = before[name] else { continue }
      #expect((old != key) == ids.contains(id), "\(name)")
    }
  }

  /// Edits of bytes, lines and words of right pipelines, and what comes of them: a value or an error with a
  /// place.
  @Test(arguments: 0..<8)
  func noTextBringsThePlannerDown(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let words = [
      "${", "}", "$${", "${vars.a}", "&a ", "*a", "<<: ", "- ", "? ", ": ", "[", "]", "{", "}", "\t", "\n",
      "\"", "'",
      "|\n", "foreach: [a, b]", "include: campaign.yaml", "\u{0}", "é", "\u{feff}", "!!x ",
      "from: markets.csv", "999999999999999999999",
      "stage: ", "matrix", "exclude", "id: ", "---", "%YAML 1.1", "#", "@", "`",
    ].map { Array($0.utf8) }
    var rejected = 0
    for _ in 0..<300 {
      var bytes = Array(campaign.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.removeSubrange(place..<end)
        case 2:
          bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes.insert(contentsOf: words.randomElement(using: &random)!, at: place)
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      var workspace = Workspace("", files: ["markets.csv": markets])
      workspace.files["campaign.yaml"] = bytes
      for problem in workspace.problems {
        rejected += 1
        #expect(problem.contains(": ") && !problem.contains("\n"), "\(problem)")
      }
    }
    #expect(rejected > 100)
  }

  @Test(arguments: 0..<4)
  func noFeedBringsThePlannerDown(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    for _ in 0..<100 {
      var bytes = Array(markets.utf8)
      for _ in 0..<3 {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = (Array("\",\r\n\u{0}".utf8) + [0xff, 0xe9]).randomElement(using: &random)!
      }
      var workspace = Workspace(campaign)
      workspace.files["markets.csv"] = bytes
      for problem in workspace.problems { #expect(problem.contains(": "), "\(problem)") }
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
