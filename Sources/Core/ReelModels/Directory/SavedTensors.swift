// The tensors of a small published network: found in a file of either kind, or in a folder with one such file.

import Glibc
import ReelTensor

/// Named tensors in a `.safetensors` or a `.pth` file, under the prefix that its network has.
struct SavedTensors {
  /// The file.
  let path: String
  /// What stands before the network's first name: nothing, or `params_ema.` and the like.
  let prefix: String
  private let source: Source

  private enum Source {
    case safetensors(SafetensorsFile)
    case checkpoint(PyTorchCheckpoint)
  }

  /// Training keeps the weights and their running mean; the mean is what is meant to be used.
  private static let preferred = "params_ema."

  /// - Parameters:
  ///   - path: the file, or a folder that holds one.
  ///   - first: the name of a tensor that every such network has.
  init(path: String, first: String) throws(ModelError) {
    self.path = try Self.file(at: path)
    if self.path.hasSuffix(".pth") {
      source = .checkpoint(try PyTorchCheckpoint(path: self.path))
    } else {
      do { source = .safetensors(try SafetensorsFile(path: self.path)) } catch { throw .safetensors(error) }
    }
    let names =
      switch source {
      case .safetensors(let file): file.names
      case .checkpoint(let checkpoint): checkpoint.tensors.keys.sorted()
      }
    let prefixes = names.filter { $0 == first || $0.hasSuffix("." + first) }
      .map { String($0.dropLast(first.count)) }
    guard let foremost = prefixes.first else { throw .missingTensor(file: self.path, name: first) }
    prefix = prefixes.first { $0.hasPrefix(Self.preferred) } ?? foremost
  }

  /// The names of the files with weights in a folder, ascending; none where it is no folder.
  static func files(in folder: String) -> [String] {
    FileContents.names(in: folder).filter { $0.hasSuffix(".safetensors") || $0.hasSuffix(".pth") }
  }

  private static func file(at path: String) throws(ModelError) -> String {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return path }
    let names = files(in: path)
    guard names.count == 1 else { throw .weightsFiles(directory: path, names: names) }
    return path + "/" + names[0]
  }

  /// The extents of a tensor; `nil` where there is none of that name.
  func shape(of name: String) -> [Int]? {
    switch source {
    case .safetensors(let file): file.entries[prefix + name]?.shape.dimensions
    case .checkpoint(let checkpoint): checkpoint.tensors[prefix + name]?.shape
    }
  }

  /// The tensor `name` in `float32`, which must have the shape `shape` and hold floating-point numbers.
  func values(_ name: String, _ shape: [Int]) throws(ModelError) -> Tensor {
    let name = prefix + name
    guard let found = self.shape(of: String(name.dropFirst(prefix.count))) else {
      throw .missingTensor(file: path, name: name)
    }
    guard found == shape else { throw .wrongShape(file: path, name: name, wanted: shape, found: found) }
    let tensor: Tensor
    switch source {
    case .safetensors(let file):
      do { tensor = try file.tensor(named: name) } catch { throw .safetensors(error) }
    case .checkpoint(let checkpoint):
      do { tensor = try checkpoint.tensor(named: name) } catch {
        throw .checkpoint(CheckpointError(path: path, problem: error))
      }
    }
    guard [.float32, .float16, .bfloat16].contains(tensor.elementType) else {
      throw .wrongElementType(
        file: path, name: name, wanted: "float32, float16 or bfloat16", found: tensor.elementType.rawValue)
    }
    return tensor.converted(to: .float32)
  }
}
