// A manifest crosses the worker's socket unchanged.

import ReelStage
import Testing

@Suite struct ManifestTests {
  static let everything: Manifest = Manifest(
    name: "everything", version: 3, summary: "one of each",
    inputs: [
      Port("prompts", .prompts, help: "shots"), Port("music", .film, isOptional: true, help: "sound"),
    ],
    outputs: [Port("frames", .frames, help: "pictures")], cut: .shot,
    parameters: [
      .required("size", .size, help: "of the film"),
      .optional("on", .boolean, default: false, help: "whether"),
      .optional("steps", .integer(1...200, unit: "steps"), default: 20, help: "how many"),
      .optional("strength", .number(0...1), default: 0.5, help: "how strong"),
      .optional("margin", .percent(0...50), default: 8.0, help: "how far"),
      .optional("title", .text, help: "words"),
      .optional("fit", .choice(["crop", "blur"]), default: "crop", help: "how"),
      .optional("shape", .aspectRatio, help: "how wide for its height"),
      .optional("rate", .frameRate, default: "25", help: "how fast"),
      .optional("colour", .colour, default: "#ffffff", help: "which"),
      .optional("logo", .file, help: "a picture"),
      .optional("model", .model(reading: ["*.json", "vae/**"]), help: "weights"),
      .model("weights", reading: ["*.pth"], orFile: true, ifFound: "small", help: "more weights"),
      .optional(
        "layers", .list(.record([.required("text", .text, help: "words")]), count: 0...9), default: [],
        help: "on top"),
    ], isEstimated: true)

  @Test func `round trip through JSON text`() throws {
    let text = Self.everything.json.text
    #expect(Manifest(json: try JSON(parsing: text)) == Self.everything)
  }

  @Test func `a manifest of another shape is refused, not trusted`() throws {
    guard case .object(let members) = Self.everything.json else { return }
    for name in members.keys {
      var without = members
      without[name] = nil
      #expect(Manifest(json: .object(without)) == nil, "without \(name)")
      without[name] = .array([.array([])])
      #expect(Manifest(json: .object(without)) == nil, "\(name) of another type")
    }
    #expect(ParameterType(json: ["kind": "integer", "minimum": 5, "maximum": 1]) == nil)
  }
}
