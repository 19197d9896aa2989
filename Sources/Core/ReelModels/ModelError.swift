// What can be wrong with a model's directory, a request or a recorded case: every message is worded here.

import ReelJSON
import ReelTensor

/// Why a model cannot be read, or cannot do what was asked.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file or directory that cannot be read.
  case unreadable(file: String, reason: String)
  /// A file that is not what its name says: JSON that does not parse, a cut-off shard.
  case malformed(file: String, reason: String)
  /// A value in a configuration file: where (`model.vocab[3]`), what was wanted and what was found.
  case wrongValue(file: String, place: String, wanted: String, found: String)
  /// A `_class_name` (or a `type` in a tokenizer) that this program does not implement.
  case unknownClass(file: String, place: String, name: String, known: [String])
  /// A safetensors file that is damaged, or cut off.
  case safetensors(SafetensorsError)
  /// A file that PyTorch saved and that is damaged, cut off, or holds what is not read.
  case checkpoint(CheckpointError)
  /// A folder that must hold one file with weights, and holds none or several.
  case weightsFiles(directory: String, names: [String])
  case missingTensor(file: String, name: String)
  case wrongShape(file: String, name: String, wanted: [Int], found: [Int])
  /// A tensor whose numbers are of a kind that weights cannot have.
  case wrongElementType(file: String, name: String, wanted: String, found: String)
  /// A request that the model cannot fulfil: which part of it, and why.
  case request(part: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason), .malformed(let file, let reason): "\(file): \(reason)"
    case .wrongValue(let file, let place, let wanted, let found):
      "\(file): '\(place)' must be \(wanted), found \(found)"
    case .unknownClass(let file, let place, let name, let known):
      "\(file): unknown '\(place)' '\(name)'; "
        + (nearestName(to: name, among: known).map { "the nearest known is '\($0)'" }
          ?? "known are \(known.map { "'\($0)'" }.joined(separator: ", "))")
    case .safetensors(let error): error.description
    case .checkpoint(let error): error.description
    case .weightsFiles(let directory, let names):
      names.isEmpty
        ? "\(directory): wanted one .safetensors or .pth file, found none"
        : "\(directory): wanted one file with weights, found \(names.map { "'\($0)'" }.joined(separator: ", "));"
          + " name one of them, as in '\(directory)/\(names[0])'"
    case .missingTensor(let file, let name): "\(file): tensor '\(name)' is missing"
    case .wrongShape(let file, let name, let wanted, let found):
      "\(file): tensor '\(name)' must have the shape \(wanted), found \(found)"
    case .wrongElementType(let file, let name, let wanted, let found):
      "\(file): tensor '\(name)' must hold \(wanted), found \(found)"
    case .request(let part, let reason): "\(part): \(reason)"
    }
  }
}
