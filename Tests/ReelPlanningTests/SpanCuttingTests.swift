// Tests of cutting a node's work into runs of frames: what each reads, what it is told, what its key holds.

import ReelPlanning
import ReelStage
import Testing

@Suite struct SpanCuttingTests {
  private static let layers = Parameter.required(
    "layers",
    .list(
      .record([
        .optional("file", .file, help: ""), .optional("text", .text, help: ""),
        .optional("at", .number(-100...100), help: ""), .optional("until", .number(-100...100), help: ""),
      ]), count: 0...20), timing: ElementTiming(from: "at", until: "until"), help: "")

  private static let overlay = Manifest(
    name: "overlay", version: 1, summary: "", inputs: [Port("frames", .frames, help: "")],
    outputs: [Port("frames", .frames, help: "")], cut: .span(seconds: 1), parameters: [layers])
  private static let blur = Manifest(
    name: "blur", version: 1, summary: "",
    inputs: [Port("frames", .frames, help: ""), Port("mask", .frames, isOptional: true, help: "")],
    outputs: [Port("frames", .frames, help: "")], cut: .span(seconds: 1, halo: 3), parameters: [])
  private static let film = Manifest(
    name: "film", version: 1, summary: "", inputs: [Port("frames", .frames, help: "")],
    outputs: [Port("film", .film, help: "")], cut: .span(seconds: 1, isJoined: true), parameters: [])
  private static let scale = Manifest(
    name: "scale", version: 1, summary: "", inputs: [Port("frames", .frames, help: "")],
    outputs: [Port("frames", .frames, help: "")], cut: .shot, parameters: [])

  private func graph(_ layers: String = "[{file: a.png}, {text: Buy, at: -1}]") throws -> Graph {
    var workspace = Workspace(
      """
      reel: 1
      stages:
        shots: {stage: prompt-expansion, with: {brief: a can}}
        footage: {stage: patch-diffusion, in: {prompts: shots}}
        branded: {stage: overlay, in: {frames: footage}, with: {layers: \(layers)}}
        soft: {stage: blur, in: {frames: branded, mask: footage}}
        spot: {stage: film, in: {frames: soft}}
        big: {stage: scale, in: {frames: soft}}
      """)
    workspace.assets = ["a.png", "b.png"]
    var stages = StageCatalogue.tests
    for manifest in [Self.overlay, Self.blur, Self.film, Self.scale] {
      stages.manifests[manifest.name] = .success(manifest)
    }
    return try workspace.graph(stages)
  }

  private func parts(_ counts: [Int], rate: Int = 10, named prefix: String = "part", shots: Bool = false)
    -> [Part]
  {
    counts.enumerated().map { index, count in
      Part(
        shot: shots ? "\(index)" : nil, digest: Digest(of: "\(prefix) \(index)"),
        length: FilmLength(frames: count, rate: FrameRate(rate)))
    }
  }

  private func node(_ id: String, in graph: Graph) -> GraphNode { graph.nodes.first { $0.id == id }! }

  private func actions(_ id: String, _ inputs: [String: [Part]], in given: Graph? = nil) throws -> [Action] {
    let graph = try given ?? graph()
    return try graph.actions(for: node(id, in: graph), inputs: inputs)
  }

  private func told(_ action: Action) -> Span? { action.piece.work?.span }

  @Test func aRunReadsThePartsThatHoldIt() throws {
    let footage = parts([15, 15], shots: true)
    let actions = try actions("branded", ["frames": footage])
    #expect(actions.map(\.piece.label) == ["0-9", "10-19", "20-29"])
    #expect(actions.map { $0.inputs["frames"] } == [[footage[0]], footage, [footage[1]]])
    // A stage with moments counts in the film's numbers.
    #expect(actions.map { told($0)?.frames } == [0..<10, 10..<20, 20..<30])
    #expect(actions.map { told($0)?.starts } == [["frames": 0], ["frames": 0], ["frames": 15]])
  }

  @Test func aHaloReachesIntoTheNeighbours() throws {
    let (film, mask) = (parts([10, 10, 10, 10]), parts([12, 28], named: "mask"))
    let actions = try actions("soft", ["frames": film, "mask": mask])
    #expect(actions.map { $0.inputs["frames"]!.count } == [2, 3, 3, 2])
    #expect(actions.map { $0.inputs["mask"]!.count } == [2, 2, 1, 1])
    // Without moments each run counts from the first frame that it is given.
    #expect(actions.map { told($0)?.frames } == [0..<10, 10..<20, 10..<20, 18..<28])
    #expect(
      actions.map { told($0)?.starts } == [
        ["frames": 0, "mask": 0], ["frames": 0, "mask": 0], ["frames": 0, "mask": 2],
        ["frames": 8, "mask": 0],
      ])
  }

  @Test func theSameFramesElsewhereHaveTheSameKey() throws {
    let graph = try graph()
    let node = node("spot", in: graph)
    func keys(_ parts: [Part]) throws -> [Digest] {
      try graph.actions(for: node, inputs: ["frames": parts]).map { key(of: $0, node) }
    }
    let film = parts([10, 10, 10])
    let keyed = try keys(film)
    #expect(Set(keyed).count == 3)
    #expect(try keys([film[2], film[0]]) == [keyed[2], keyed[0]])
  }

  private func key(of action: Action, _ node: GraphNode, file: String = "a") -> Digest {
    record(of: action, node, file: file).key
  }

  private func record(of action: Action, _ node: GraphNode, file: String = "a") -> KeyRecord {
    KeyRecord(
      node: node, action: action, plugin: Digest(of: "plugin"), core: Digest(of: "core"),
      files: Dictionary(
        uniqueKeysWithValues: node.files.map { ($0.parameter, .file(Digest(of: file + $0.path))) }))
  }

  @Test func aChangedElementChangesTheRunsThatItIsOn() throws {
    func records(_ layers: String, file: String = "a") throws -> [KeyRecord] {
      let graph = try graph(layers)
      let node = node("branded", in: graph)
      return try graph.actions(for: node, inputs: ["frames": parts([30])]).map {
        record(of: $0, node, file: file)
      }
    }
    func changed(_ layers: String, file: String = "a") throws -> [Bool] {
      zip(try records("[{file: a.png, until: 1}, {text: Buy, at: -1}]"), try records(layers, file: file)).map
      {
        $0.key != $1.key
      }
    }
    #expect(try changed("[{file: a.png, until: 1}, {text: Buy now, at: -1}]") == [false, false, true])
    #expect(try changed("[{file: b.png, until: 1}, {text: Buy, at: -1}]") == [true, false, false])
    #expect(try changed("[{file: a.png, until: 1}, {text: Buy, at: -1}]", file: "b") == [true, false, false])
    // Another place in the list, another way to write a moment, a layer of other runs: all the same.
    #expect(
      try changed("[{text: Hi, at: 1, until: 2}, {file: a.png, at: 0, until: -2}, {text: Buy, at: 2}]")
        == [false, true, false])
    #expect(try changed("[{text: Buy, at: -1}, {file: a.png, until: 1}]") == [false, false, false])
    let old = try records("[{file: a.png, until: 1}, {text: Buy, at: -1}]")[2]
    let new = try records("[{file: a.png, until: 1}, {text: Sell, at: -1}]")[2]
    #expect(
      KeyRecord.changes(from: old.explanation, to: new.explanation).map(\.description) == [
        "parameter 'layers[1].text' changed from 'Buy' to 'Sell'"
      ])
  }

  @Test func runsAreJoined() throws {
    let graph = try graph()
    let made = ["film": parts([10, 10])]
    #expect(graph.join(of: node("spot", in: graph), parts: made)?.inputs == made)
    #expect(graph.join(of: node("spot", in: graph), parts: made)?.piece == .join)
    #expect(graph.join(of: node("soft", in: graph), parts: made) == nil)
  }

  @Test func runsOfAFilmAreOneShot() throws {
    let film = parts([10, 10, 10])
    let actions = try actions("big", ["frames": film])
    #expect(actions.map(\.inputs) == [["frames": film]])
  }

  @Test func whatCannotBeCutIsTold() throws {
    func problem(_ id: String, _ inputs: [String: [Part]], _ layers: String = "[]") throws -> String {
      let graph = try graph(layers)
      do throws(CuttingProblem) {
        return "\(try graph.actions(for: node(id, in: graph), inputs: inputs).count) actions"
      } catch {
        return error.description
      }
    }
    #expect(
      try problem("branded", ["frames": [Part(shot: nil, digest: Digest(of: "text"))]])
        == "input 'frames': wanted frame sequences, found another kind of file")
    #expect(
      try problem("branded", ["frames": parts([10]) + parts([10], rate: 25)])
        == "input 'frames': has parts of 10 and of 25 frames a second; bring them to one rate first")
    #expect(
      try problem("soft", ["frames": parts([10]), "mask": parts([11])])
        == "input 'mask': has 11 frames, but input 'frames' has 10")
    #expect(
      try problem("branded", ["frames": parts([10])], "[{text: Buy, at: 3}]")
        == "parameter 'layers[0].at': 3 s is outside the film, which lasts 1 s")
  }
}
