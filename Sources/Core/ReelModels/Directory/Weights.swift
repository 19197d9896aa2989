// The weights of one part of a model: named tensors in one safetensors file, or in several shards with an index.

import ReelTensor
import Synchronization

/// Named tensors that stay in their mapped files until they are read; below ``prefix``.
struct Weights: Sendable {
  /// Which file holds a tensor, for all names of the part, and which have been read.
  private final class Contents: Sendable {
    /// The file that an error about the whole part names: the index, or the only file.
    let file: String
    let files: [String: SafetensorsFile]
    /// Every file once.
    let opened: [SafetensorsFile]
    let changes: WeightChanges
    /// Mutable: names are taken out as their tensors are read.
    let unread: Mutex<Set<String>>

    init(file: String, files: [String: SafetensorsFile], adaptations: [Adaptation]) throws(ModelError) {
      self.file = file
      self.files = files
      opened = Array(Dictionary(files.values.map { ($0.path, $0) }) { first, _ in first }.values)
      changes = try WeightChanges(adaptations, tensors: files.keys)
      unread = Mutex(Set(files.keys))
    }
  }

  private let contents: Contents
  private let prefix: String
  /// What linear layers round their operands to.
  private let precision: Precision

  private init(contents: Contents, prefix: String, precision: Precision) {
    self.contents = contents
    self.prefix = prefix
    self.precision = precision
  }

  /// Maps `<stem>.safetensors`, or the shards that `<stem>.safetensors.index.json` names.
  ///
  /// - Parameters:
  ///   - adaptations: what is added to tensors as they are read.
  ///   - precision: what linear layers round their operands to.
  init(
    directory: String, stem: String, adaptations: [Adaptation] = [], precision: Precision = .float32
  ) throws(ModelError) {
    self.precision = precision
    let whole = "\(directory)/\(stem).safetensors"
    let index = whole + ".index.json"
    if FileContents.exists(index) {
      contents = try Contents(
        file: index, files: try Self.shards(directory: directory, index: index), adaptations: adaptations)
    } else {
      let file = try Self.open(whole)
      contents = try Contents(
        file: whole, files: file.entries.mapValues { _ in file }, adaptations: adaptations)
    }
    prefix = ""
  }

  private static func shards(directory: String, index: String) throws(ModelError) -> [String: SafetensorsFile]
  {
    // An index names every tensor: a few megabytes for the largest models.
    let map = try Configuration(file: index, limit: 1 << 26).object("weight_map")
    var opened: [String: SafetensorsFile] = [:]
    var files: [String: SafetensorsFile] = [:]
    for (name, value) in (map.values.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let shard = value.string, !shard.isEmpty, !shard.contains("/"), !shard.hasPrefix(".") else {
        throw map.wrong(name, wanted: "the name of a file beside the index", found: value)
      }
      let file: SafetensorsFile
      if let known = opened[shard] { file = known } else { file = try open("\(directory)/\(shard)") }
      opened[shard] = file
      guard file.entries[name] != nil else { throw .missingTensor(file: file.path, name: name) }
      files[name] = file
    }
    return files
  }

  private static func open(_ path: String) throws(ModelError) -> SafetensorsFile {
    do { return try SafetensorsFile(path: path) } catch { throw .safetensors(error) }
  }

  /// The weights whose names go on with `name` and a dot.
  func scoped(_ name: String) -> Weights {
    Weights(contents: contents, prefix: "\(prefix)\(name).", precision: precision)
  }

  /// The same weights, of which linear layers round nothing.
  var exact: Weights { Weights(contents: contents, prefix: prefix, precision: .float32) }

  /// Lets the system have back the memory of what was read from the files: it is read again where it is needed.
  func releasePages() {
    for file in contents.opened { file.releasePages() }
  }

  /// What the headers say of every tensor.
  var entries: [(name: String, entry: SafetensorsFile.Entry)] {
    contents.files.compactMap { name, file in file.entries[name].map { (name, $0) } }
  }

  func has(_ name: String) -> Bool { contents.files[prefix + name] != nil }

  /// Says in the debug log which tensors below the prefix have not been read: those that this program does not
  /// know. To be called when a part has been read as a whole.
  func noteIgnoredTensors() {
    let names = contents.unread.withLock { names in names.filter { $0.hasPrefix(prefix) }.sorted() }
    guard !names.isEmpty else { return }
    DebugLog.write("\(contents.file): ignored tensors: \(names.joined(separator: ", "))")
  }

  /// The tensor `name` as it is stored, and adapted, which must have the shape `shape` and hold floating-point numbers.
  func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> Tensor {
    let name = prefix + name
    guard let file = contents.files[name], let entry = file.entries[name] else {
      throw .missingTensor(file: contents.file, name: name)
    }
    guard entry.shape.dimensions == shape else {
      throw .wrongShape(file: file.path, name: name, wanted: shape, found: entry.shape.dimensions)
    }
    guard [.float32, .float16, .bfloat16].contains(entry.elementType) else {
      throw .wrongElementType(
        file: file.path, name: name, wanted: "float32, float16 or bfloat16", found: entry.elementType.rawValue
      )
    }
    contents.unread.withLock { _ = $0.remove(name) }
    let tensor: Tensor
    do { tensor = try file.tensor(named: name) } catch { throw .safetensors(error) }
    return try contents.changes.applied(to: tensor, named: name)
  }

  /// A vector or table in `float32`, as it is computed with.
  func values(_ name: String, _ shape: [Int]) throws(ModelError) -> Tensor {
    try tensor(name, shape).converted(to: .float32)
  }

  /// A layer norm's `name.weight` and `name.bias`, `[width]` each, in `float32`.
  func norm(_ name: String, _ width: Int) throws(ModelError) -> (weight: Tensor, bias: Tensor) {
    (try values(name + ".weight", [width]), try values(name + ".bias", [width]))
  }

  /// A linear layer: `name.weight` `[outputs, inputs]`, and `name.bias` where it has one.
  func linear(
    _ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true, activation: Activation = .none
  ) throws(ModelError) -> Linear {
    Linear(
      weight: try tensor(name + ".weight", [outputs, inputs]),
      bias: bias ? try tensor(name + ".bias", [outputs]) : nil, activation: activation, precision: precision)
  }

  /// A linear layer that is stored as a convolution with a window of one position: `[outputs, inputs, 1, …]`.
  func pointwise(_ name: String, _ inputs: Int, _ outputs: Int, axes: Int) throws(ModelError) -> Linear {
    let weight = try tensor(name + ".weight", [outputs, inputs] + [Int](repeating: 1, count: axes))
    return Linear(weight: weight.reshaped(outputs, inputs), bias: try tensor(name + ".bias", [outputs]))
  }

  /// A convolution over `window` (`[time, height, width]`, or `[height, width]`).
  func convolution(
    _ name: String, _ inputs: Int, _ outputs: Int, window: [Int], stride: Convolution.Stride = .init(),
    padding: Convolution.Padding = .init(), historyFrames: Int? = nil
  ) throws(ModelError) -> Convolution {
    Convolution(
      weight: try tensor(name + ".weight", [outputs, inputs] + window),
      bias: try tensor(name + ".bias", [outputs]), stride: stride, padding: padding,
      historyFrames: historyFrames)
  }
}
