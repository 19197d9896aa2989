// `reel models`: the models that a pipeline can name.

import Glibc
import ReelExecution
import ReelJSON
import ReelModels

/// Lists the models found by name, with what each of them declares.
enum ModelsCommand: Command {
  static let name = "models"
  static let summary = "list the models that a pipeline can name"
  static let operands = Operands.none
  static let options = [Option.json]
  static let examples = ["reel models", "REEL_MODELS=/data/models reel models --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let models = ModelFolders.names.compactMap { name in
      ModelFolders.directory(of: name).map { Entry(name: name, directory: $0) }
    }
    if arguments.has("json") {
      Reel.write(JSON.array(models.map(\.json)).indentedText, to: STDOUT_FILENO)
      return .done
    }
    if models.isEmpty {
      Reel.print("no models; put diffusers directories into a folder that REEL_MODELS names")
    }
    for model in models { Reel.print(model.text) }
    return .done
  }

  /// A model's directory, opened: its configurations are read, its weights are not.
  private struct Entry {
    let name: String
    let directory: String
    let model: Result<DiffusionModel, ModelError>

    init(name: String, directory: String) {
      self.name = name
      self.directory = directory
      model = Result { () throws(ModelError) in try DiffusionModel(directory: directory) }
    }

    var text: String {
      switch model {
      case .success(let model):
        let declared = model.declaration
        return """
          \(name): \(declared.size), \(declared.frames) frames at \(declared.frameRate) a second, \(declared.steps) steps, \
          guidance \(declared.guidance), \(model.takesKnownFrames ? "stills and footage" : "stills and clips from text")
            \(directory)
          """
      case .failure(let error): return "\(name): cannot be used\n  \(error)"
      }
    }

    var json: JSON {
      var members: [String: JSON] = ["name": .string(name), "directory": .string(directory)]
      switch model {
      case .success(let model):
        let declared = model.declaration
        members["size"] = .string(declared.size.description)
        members["frames"] = .integer(declared.frames)
        members["frame_rate"] = .string(declared.frameRate.description)
        members["steps"] = .integer(declared.steps)
        members["guidance"] = .number(declared.guidance)
        members["takes_known_frames"] = .bool(model.takesKnownFrames)
      case .failure(let error): members["problem"] = .string(error.description)
      }
      return .object(members)
    }
  }
}
