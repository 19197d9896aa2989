// The stage 'prompt-expansion': from a brief or a shot list to one full prompt a shot.

import ReelStage

/// Writes a film's shots. Nothing is invented that the pipeline does not hold: choices come from its texts,
/// lists and wildcards, from the model's declared words, or from a short list of cameras and lights.
///
/// Every choice is made by dice named after what is chosen, so adding a choice leaves the others as they
/// were, and editing a shot changes no other shot. Product, colour, backdrop and light are chosen once for
/// the film, so that its shots belong together; the camera is chosen for each shot.
package struct PromptExpansion: Stage {
  package static let manifest = Manifest(
    name: "prompt-expansion", version: 1,
    summary: "writes one full prompt a shot from a brief or a shot list",
    outputs: [Port("prompts", .prompts, help: "the shots, one part each, as JSON to read")],
    parameters: [
      .optional("brief", .text, help: "what the film shows; may hold {a|b} choices and __wildcards__"),
      .optional("shots", .integer(1...100), help: "how many shots to make of the brief; 1 if not given"),
      .optional(
        "shot_list", .list(.record(ShotRequest.fields), count: 1...100), help: "the shots one by one, instead"
      ),
      .optional("seconds", .number(0.04...600, unit: "seconds"), help: "how long a shot is; 2 if not given"),
      .optional(
        "total_seconds", .number(0.04...3600, unit: "seconds"), help: "how long all shots are, instead"),
      .optional("style", .text, help: "what every prompt ends with"),
      .optional("negative_prompt", .text, default: "", help: "what must not be seen"),
      .optional(
        "seed", .integer(0...Int.max), default: 0, help: "the seed of every choice and of the shots' noise"),
      .optional("model", .model(reading: ["reel.json"]), help: "the model whose captions the prompts follow"),
      .optional(
        "cameras", .list(.text, count: 1...100), help: "camera moves to choose from, a shot at a time"),
      .optional("lights", .list(.text, count: 1...100), help: "lights to choose from, once for the film"),
      .optional(
        "backdrops", .list(.text, count: 1...100), help: "backdrops to choose from, once for the film"),
      .optional(
        "wildcards",
        .list(
          .record([
            .required("name", .text, help: "what __name__ stands for"),
            .optional("values", .list(.text, count: 1...10_000), help: "what to choose from"),
            .optional("file", .file, help: "a text file of one value a line, instead"),
          ]), count: 0...1000), default: [], help: "named lists that texts choose from"),
    ])

  private let requests: [ShotRequest]
  private let writer: ShotWriter

  package init(_ parameters: Parameters) throws {
    requests = try ShotRequest.all(parameters)
    var choices: [String: [String]] = [:]
    for axis in ShotRequest.axes {
      choices[axis] = parameters.ifGiven("\(axis)s", parameters.list)?.compactMap(\.string)
    }
    var captions: Captions?
    if let folder = parameters.ifGiven("model", parameters.text) { captions = try Captions(model: folder) }
    writer = ShotWriter(
      brief: parameters.ifGiven("brief", parameters.text),
      style: parameters.ifGiven("style", parameters.text),
      negativePrompt: parameters.text("negative_prompt"), seed: UInt64(parameters.integer("seed")),
      choices: choices, wildcards: try Wildcards(parameters.records("wildcards")), captions: captions,
      parameters: parameters)
  }

  package func run(_ job: Job) throws {
    var notes = Set<String>()
    for (index, request) in requests.enumerated() {
      // What all shots share is told once.
      let shot = try writer.shot(request, at: index) { if notes.insert($0).inserted { job.log($0) } }
      try TextFile.write(shot.json.indentedText + "\n", job.makeOutput("prompts", shot: request.name))
      job.progress(done: index + 1, total: requests.count, unit: "shots")
    }
  }
}

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: PromptExpansion.self) }
