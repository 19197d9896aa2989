// Tests of keys: what goes in, what does not, and what is said of a difference.

import ReelPlanning
import ReelStage
import Testing

@Suite struct KeyTests {
  private static let pipeline = """
    reel: 1
    vars: {brief: a red can of sparkling water in snowy mountains under a clear sky at dawn}
    stages:
      shots: {stage: prompt-expansion, with: {brief: "${vars.brief}"}}
      stills: {stage: keyframe-generation, in: {prompts: shots}, with: {steps: 20}}
      footage: {stage: patch-diffusion, in: {prompts: shots, keyframes: stills}}
      branded: {stage: ad-overlay, in: {frames: footage}, with: {layers: [{image: logo.png, at: top}, {text: Buy, at: bottom}]}}
    """

  /// The key record of a node, with files and input parts that are made up of names.
  private func record(
    _ id: String, of text: String = pipeline, files: [String: String] = [:], inputs: [String: [Part]]? = nil,
    plugin: String = "plugin", core: String = "core"
  ) throws -> KeyRecord {
    var workspace = Workspace(text)
    workspace.assets = ["logo.png", "other.png", "art/logo.png"]
    let graph = try workspace.graph()
    let node = try #require(graph.nodes.first { $0.id == id })
    let inputs = inputs ?? node.inputs.mapValues { _ in [Part(shot: "1", digest: Digest(of: "one"))] }
    let action = Action(node: node.index, piece: .whole, inputs: inputs)
    return KeyRecord(
      node: node, action: action, plugin: Digest(of: plugin), core: Digest(of: core),
      files: Dictionary(
        uniqueKeysWithValues: node.files.map { file in
          if case .model = file.kind {
            return (
              file.parameter,
              .model(["a.json": Digest(of: "a"), "b.json": Digest(of: files["b.json"] ?? "b")])
            )
          }
          return (file.parameter, .file(Digest(of: files[file.path] ?? "a logo")))
        }))
  }

  /// What is said of the difference between two records, after checking that it agrees with the keys.
  private func changes(from old: KeyRecord, to new: KeyRecord) -> [String] {
    let changes = KeyRecord.changes(from: old.explanation, to: new.explanation)
    #expect(changes.isEmpty == (old.key == new.key))
    return changes.map(\.description)
  }

  @Test func theExplanationIsWhatWasDigested() throws {
    let record = try record("branded")
    let fields = try #require(record.explanation.object)
    let order = ["format", "stage", "version", "plugin", "core", "parameters", "inputs"]
    #expect(Set(fields.keys) == Set(order + ["labels"]))
    #expect(record.key == Digest(of: order.map { "\($0) \(fields[$0]!.text)\n" }.joined()))
    #expect(
      fields["parameters"]?["layers"]?.array?[0]["image"]?["sha256"]?.string
        == Digest(of: "a logo").description)
  }

  @Test func whatIsNotInTheKey() throws {
    let key = try record("branded").key
    let moved = Self.pipeline.replacing("logo.png", with: "art/logo.png")
    #expect(try record("branded", of: moved).key == key)
    #expect(
      try record(
        "branded", of: "# a comment\n" + Self.pipeline.replacing("branded:", with: "branded: # new\n   ")
      ).key == key)
    #expect(try record("branded", of: Self.pipeline.replacing("stills", with: "pictures")).key == key)
    #expect(
      try record(
        "branded",
        of: Self.pipeline.replacing(
          "{text: Buy, at: bottom}", with: "{at: bottom, size: 8.0%, text: \"Buy\"}")
      ).key == key)
    let renamed = try record("branded", inputs: ["frames": [Part(shot: "other", digest: Digest(of: "one"))]])
    #expect(renamed.key == key)
  }

  @Test func differencesAreNamed() throws {
    let old = try record("stills")
    #expect(changes(from: old, to: old) == [])
    let steps = try record("stills", of: Self.pipeline.replacing("steps: 20", with: "steps: 30"))
    #expect(changes(from: old, to: steps) == ["parameter 'steps' changed from 20 to 30"])
    #expect(changes(from: old, to: try record("stills", plugin: "new")) == ["plugin changed"])
    #expect(changes(from: old, to: try record("stills", core: "new")) == ["core library changed"])
    #expect(
      changes(from: old, to: try record("stills", files: ["b.json": "new"])) == [
        "model 'embedded' changed (b.json)"
      ])
    #expect(
      changes(from: old, to: try record("footage")) == [
        "stage changed from 'keyframe-generation' to 'patch-diffusion'",
        "parameter 'model' was removed: 'embedded'", "parameter 'seconds' was added: 6",
        "parameter 'steps' was removed: 20", "input 'keyframes' was connected",
      ])
  }

  @Test func changedTextIsShownWhereItDiffers() throws {
    let old = try record("shots")
    let new = try record("shots", of: Self.pipeline.replacing("snowy mountains", with: "golden dunes"))
    #expect(
      changes(from: old, to: new) == [
        "parameter 'brief' changed from '… sparkling water in snowy mountains under a clear sky at dawn' to "
          + "'… sparkling water in golden dunes under a clear sky at dawn'"
      ])
  }

  @Test func changedFilesAreNamed() throws {
    let old = try record("branded")
    #expect(
      changes(from: old, to: try record("branded", files: ["logo.png": "new"])) == ["file 'logo.png' changed"]
    )
    let other = Self.pipeline.replacing("logo.png", with: "other.png")
    #expect(
      changes(from: old, to: try record("branded", of: other, files: ["other.png": "new"])) == [
        "parameter 'layers[0].image' changed from 'logo.png' to 'other.png'"
      ])
    let without = Self.pipeline.replacing("image: logo.png", with: "text: Stay")
    #expect(
      changes(from: old, to: try record("branded", of: without)) == [
        "parameter 'layers[0].image' was removed: 'logo.png'", "parameter 'layers[0].text' was added: 'Stay'",
      ])
    let fewer = Self.pipeline.replacing(", {text: Buy, at: bottom}", with: "")
    let shortened = changes(from: old, to: try record("branded", of: fewer))
    #expect(
      shortened == [
        #"parameter 'layers[1]' was removed: {"at":"bottom","size":8.0,"text":"Buy"}"#
      ])
  }

  @Test func changedInputsAreNamedByShot() throws {
    func parts(_ texts: [String], named: Bool = true) -> [String: [Part]] {
      ["frames": texts.enumerated().map { Part(shot: named ? "\($0 + 1)" : nil, digest: Digest(of: $1)) }]
    }
    let old = try record("branded", inputs: parts(["a", "b", "c"]))
    #expect(
      changes(from: old, to: try record("branded", inputs: parts(["a", "x", "c"]))) == [
        "input 'frames' changed (shot 2)"
      ])
    #expect(
      changes(from: old, to: try record("branded", inputs: parts(["c", "b", "a"]))) == [
        "input 'frames' changed (shots 1, 3)"
      ])
    #expect(
      changes(from: old, to: try record("branded", inputs: parts(["a", "b"]))) == [
        "input 'frames' has 2 parts, 3 before"
      ])
    #expect(
      changes(from: old, to: try record("branded", inputs: parts(["a", "b", "d"], named: false))) == [
        "input 'frames' changed"
      ])
    #expect(changes(from: old, to: try record("branded", inputs: [:])) == ["input 'frames' was disconnected"])
  }

  @Test func aDamagedExplanationIsNoError() throws {
    let record = try record("branded")
    #expect(KeyRecord.changes(from: nil, to: record.explanation).count == 7)
    #expect(
      KeyRecord.changes(from: record.explanation, to: ["inputs": 3, "parameters": [], "labels": "x"]).count
        == 7)
  }
}

@Suite struct DigestTests {
  /// From FIPS 180-2, appendix B.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func isSHA256(text: String, digest: String) {
    #expect(Digest(of: text).description == digest)
    #expect(Digest(digest) == Digest(of: text))
    var stream = DigestStream()
    for character in text { stream.append(String(character)) }
    #expect(stream.finish().description == digest)
  }

  @Test func onlyItsOwnTextIsRead() {
    let text = Digest(of: "abc").description
    for other in ["", String(text.dropLast()), text + "0", text.uppercased(), "g" + text.dropFirst()] {
      #expect(Digest(other) == nil)
    }
    #expect(Digest(of: "") > Digest(of: "abc"))
  }
}
