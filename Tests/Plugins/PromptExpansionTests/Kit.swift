// Runs the stage as the worker does: checked parameters in, files out.

import Glibc
import PromptExpansion
import ReelStage
import StageTesting
import Testing

extension TemporaryFolder {
  /// A model that declares a few words, in this folder.
  func model() -> String {
    write(
      """
      {"captions": {
        "clauses": ["a {colour} {product}", "in {backdrop}", "{light} light", "{move}"],
        "words": {
          "colour": {"red": ["crimson"], "blue": ["navy"], "white": []},
          "product": {"can": ["tin", "drink"], "bottle": ["water bottle"], "mug": ["tea"]},
          "backdrop": {
            "a {colour} studio": ["{colour} backdrop"], "snowy mountains": ["mountains", "snow"],
            "outer space": ["orbit around", "stars"]
          },
          "light": {"left": ["lit from the left"], "soft": ["diffuse light"]},
          "move": {"static": ["tripod"], "push in": ["dolly in"], "orbit left": [], "orbit right": ["orbit"]}
        }
      }}
      """, to: "reel.json")
    return path
  }
}

/// The shots that the stage writes, with their names.
func shots(_ parameters: JSON, log: ProgressLog = ProgressLog()) throws -> [(name: String?, shot: Shot)] {
  let values = try ParameterType.record(PromptExpansion.manifest.parameters).resolve(parameters).get()
  let folder = TemporaryFolder()
  let job = Job(inputs: [:], threads: 1, folder: folder.path, observer: log)
  try PromptExpansion(Parameters(values)).run(job)
  return try job.outputs.map { output in
    let file = try #require(fopen(output.path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    let json = try JSON(parsing: String(decoding: bytes[..<count], as: UTF8.self))
    return (output.shot, try #require(Shot(json: json)))
  }
}

func prompts(_ parameters: JSON) throws -> [String] { try shots(parameters).map(\.shot.prompt) }

/// What the stage says of parameters that it refuses.
func refusal(_ parameters: JSON) -> String {
  do {
    return "no error: \(try prompts(parameters))"
  } catch {
    return "\(error)"
  }
}
