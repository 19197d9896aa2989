// `reel models`: the models that a pipeline can name.

import Glibc
import ReelExecution
import ReelJSON
import ReelModels
import ReelPlanning
import ReelTensor

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

  /// A model's directory, opened: of a diffusion model the configurations are read, of an upscaler the weights.
  private struct Entry {
    let name: String
    let directory: String
    let model: Result<Model, ModelError>

    enum Model {
      case diffusion(DiffusionModel)
      case upscaler(SuperResolution)
    }

    init(name: String, directory: String) {
      self.name = name
      self.directory = directory
      model = Result { () throws(ModelError) in
        SuperResolution.isFolder(directory)
          ? .upscaler(try SuperResolution(path: directory))
          : .diffusion(try DiffusionModel(directory: directory))
      }
    }

    var text: String {
      switch model {
      case .success(.diffusion(let model)):
        let declared = model.declaration
        return """
          \(name): \(declared.sizes.map(\.description).joined(separator: " or ")), \(declared.frames) frames at \(declared.frameRate) a second, \(declared.steps) steps, \
          guidance \(declared.guidance), \(model.takesKnownFrames ? "stills and footage" : "stills and clips from text")
            \(directory)
          """ + inventoryText(model)
      case .success(.upscaler(let model)):
        return """
          \(name): upscaler ×\(model.scale), \(model.layerCount) convolutions of \(model.features) features, \
          \(model.parameterCount) parameters
            \(model.path)
          """
      case .failure(let error): return "\(name): cannot be used\n  \(error)"
      }
    }

    /// What the directory holds, and what one clip of the declared size takes.
    private func holdings(of model: DiffusionModel) -> Result<Holdings, ModelError> {
      Result { () throws(ModelError) in
        let declared = model.declaration
        var clip = RequestOutline(
          size: declared.size, frames: declared.frames, steps: declared.steps, guidance: declared.guidance)
        clip.hasKnownFrames = model.takesKnownFrames
        var estimates: [(Precision, WorkEstimate)] = []
        for precision in Precision.allCases {
          estimates.append((precision, try model.estimate([clip], precision: precision)))
        }
        return Holdings(inventory: try ModelInventory(directory: directory), estimates: estimates)
      }
    }

    private struct Holdings {
      let inventory: ModelInventory
      /// What a clip takes, by precision.
      let estimates: [(precision: Precision, work: WorkEstimate)]

      var operations: Double { estimates[0].work.operations }

      /// `fp32 1.2 GB, bf16 0.9 GB, int8 0.7 GB`.
      var memoryText: String {
        estimates.map { "\($0.precision.rawValue) \(ByteCount(Int($0.work.memory)))" }.joined(separator: ", ")
      }
    }

    /// A line for each part, then what a clip takes and the licence.
    private func inventoryText(_ model: DiffusionModel) -> String {
      switch holdings(of: model) {
      case .failure(let error): return "\n  \(error)"
      case .success(let holdings):
        let inventory = holdings.inventory
        var lines = inventory.parts.map { part in
          "\(part.name): \(Self.count(part.parameters)) numbers in \(part.types.joined(separator: ", ")), "
            + "\(ByteCount(part.bytes))" + (part.files > 1 ? " in \(part.files) files" : "")
        }
        lines.append(
          "a clip takes about \(Self.count(Int(min(holdings.operations, 9e18)))) operations and, by precision, "
            + "so much memory: \(holdings.memoryText)")
        lines.append(inventory.licence.map { "licence: \($0)" } ?? "licence: no file says")
        return lines.map { "\n  \($0)" }.joined()
      }
    }

    /// `1.4 billion`, `18.2 million`, `940`.
    private static func count(_ number: Int) -> String {
      for (size, name) in [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")]
      where Double(number) >= size {
        let tenths = Int((Double(number) / size * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(name)"
      }
      return "\(number)"
    }

    var json: JSON {
      var members: [String: JSON] = ["name": .string(name), "directory": .string(directory)]
      switch model {
      case .success(.diffusion(let model)):
        let declared = model.declaration
        members["kind"] = "diffusion"
        members["size"] = .string(declared.size.description)
        members["sizes"] = .array(declared.sizes.map { .string($0.description) })
        members["frames"] = .integer(declared.frames)
        members["frame_rate"] = .string(declared.frameRate.description)
        members["steps"] = .integer(declared.steps)
        members["guidance"] = .number(declared.guidance)
        members["takes_known_frames"] = .bool(model.takesKnownFrames)
        members["takes_references"] = .bool(model.takesReferences)
        if case .success(let holdings) = holdings(of: model) {
          let inventory = holdings.inventory
          members["licence"] = inventory.licence.map { .string($0) } ?? .null
          members["memory"] = .object(
            Dictionary(
              uniqueKeysWithValues: holdings.estimates.map {
                ($0.precision.rawValue, .integer(Int($0.work.memory)))
              }))
          members["operations"] = .number(holdings.operations)
          members["parts"] = .array(
            inventory.parts.map { part in
              [
                "name": .string(part.name), "files": .integer(part.files), "bytes": .integer(part.bytes),
                "parameters": .integer(part.parameters), "types": .array(part.types.map { .string($0) }),
              ]
            })
        }
      case .success(.upscaler(let model)):
        members["kind"] = "upscaler"
        members["scale"] = .integer(model.scale)
        members["features"] = .integer(model.features)
        members["convolutions"] = .integer(model.layerCount)
        members["parameters"] = .integer(model.parameterCount)
      case .failure(let error): members["problem"] = .string(error.description)
      }
      return .object(members)
    }
  }
}
