// What adaptations add to the tensors of one transformer.

import ReelJSON
import ReelTensor

/// The additions to a transformer's tensors, of all its adaptations.
struct WeightChanges: Sendable {
  private struct Change: Sendable {
    let file: String
    let layer: String
    var strength: Double
    /// `[rank, inputs]` and `[outputs, rank]`, as they are stored.
    var down: Tensor?
    var up: Tensor?
    var alpha: Double?
    /// Added as it is.
    var difference: Tensor?
  }

  /// By the tensor's name, in the order in which they are added.
  private var changes: [String: [Change]] = [:]

  /// Reads adaptations for the transformer that has `tensors`.
  ///
  /// - Throws: where a file holds what fits no layer of the transformer, or is no adaptation.
  init(_ adaptations: [Adaptation], tensors: some Sequence<String>) throws(ModelError) {
    guard !adaptations.isEmpty else { return }
    let layers = LayerNames(tensors: tensors)
    for adaptation in adaptations { try add(adaptation, layers) }
  }

  private enum Part {
    case down, up, alpha, weightDifference, biasDifference
  }

  /// How the names of an adaptation's tensors end. PEFT names the adapter as well, `default` where nothing is said.
  private static let endings: [(String, Part)] = [
    (".lora_A.weight", .down), (".lora_down.weight", .down), (".lora_A.default.weight", .down),
    (".lora_B.weight", .up), (".lora_up.weight", .up), (".lora_B.default.weight", .up),
    (".alpha", .alpha), (".diff", .weightDifference), (".diff_b", .biasDifference),
    (".lora_B.bias", .biasDifference), (".lora_B.default.bias", .biasDifference),
  ]
  /// What other kinds of adaptation are known by: they need more than an addition.
  private static let otherKinds: [(ending: String, kind: String)] = [
    (".dora_scale", "DoRA"), (".lora_magnitude_vector", "DoRA"), (".hada_w1_a", "LoHa"), (".lokr_w1", "LoKr"),
  ]

  private mutating func add(_ adaptation: Adaptation, _ layers: LayerNames) throws(ModelError) {
    let file: SafetensorsFile
    do { file = try SafetensorsFile(path: adaptation.file) } catch { throw .safetensors(error) }
    func refused(_ name: String, _ reason: String) -> ModelError {
      .malformed(file: file.path, reason: "tensor '\(name)' \(reason)")
    }
    let usualAlpha = if let alpha = adaptation.alpha { alpha } else { try Self.alpha(in: file) }
    var low: [String: Change] = [:]
    for name in file.names {
      if let other = Self.otherKinds.first(where: { name.contains($0.ending) }) {
        throw refused(name, "belongs to \(other.kind); only LoRA is implemented")
      }
      guard let (ending, part) = Self.endings.first(where: { name.hasSuffix($0.0) }) else {
        throw refused(name, "is no part of a LoRA")
      }
      let spelling = LayerNames.withoutPrefix(String(name.dropLast(ending.count)))
      guard let layer = layers[spelling] else {
        throw refused(name, "fits no layer of the transformer; is the LoRA for another model?")
      }
      let tensor: Tensor
      do { tensor = try file.tensor(named: name) } catch { throw .safetensors(error) }
      var change =
        low[layer] ?? Change(file: file.path, layer: layer, strength: adaptation.strength, alpha: usualAlpha)
      switch part {
      case .down: change.down = tensor
      case .up: change.up = tensor
      case .alpha:
        guard tensor.count == 1 else { throw refused(name, "must be one number, found \(tensor.shape)") }
        if adaptation.alpha == nil { change.alpha = Double(tensor.scalar) }
      case .weightDifference, .biasDifference:
        let target = part == .weightDifference ? LayerNames.weight(of: layer) : layer + ".bias"
        changes[target, default: []].append(
          Change(file: file.path, layer: layer, strength: adaptation.strength, difference: tensor))
        continue
      }
      low[layer] = change
    }
    for (layer, change) in low {
      guard change.down != nil, change.up != nil else {
        throw .malformed(
          file: file.path,
          reason: "layer '\(layer)' has only one of the two matrices of a LoRA; the other is missing")
      }
      changes[layer + ".weight", default: []].append(change)
    }
  }

  /// The alpha that diffusers writes for the whole file; `nil` where it says none: alpha is then the rank.
  private static func alpha(in file: SafetensorsFile) throws(ModelError) -> Double? {
    guard let text = file.metadata["lora_adapter_metadata"] else { return nil }
    let json: JSON
    do { json = try JSON(parsing: text) } catch {
      throw .malformed(file: file.path, reason: "metadata 'lora_adapter_metadata': \(error.description)")
    }
    let root = try Configuration(file: file.path, prefix: "lora_adapter_metadata.", values: json)
    let name = ["transformer.lora_alpha", "lora_alpha"].first { root.has($0) }
    return try name.map { name throws(ModelError) in try root.number(name, in: 0...1e6) }
  }

  /// Whether something is added to the tensor `name`.
  func concern(_ name: String) -> Bool { changes[name] != nil }

  /// `weight` with what is added to it: weight + strength·alpha/rank·up·down, in 32-bit numbers, and stored again as
  /// it was.
  func applied(to weight: Tensor, named name: String) throws(ModelError) -> Tensor {
    guard let changes = changes[name] else { return weight }
    var sum = weight.converted(to: .float32).reshaped(weight.shape[0], -1)  // [outputs, inputs]
    for change in changes {
      let addition =
        if let difference = change.difference { difference } else { try Self.product(change, for: sum.shape) }
      guard addition.count == sum.count else {
        throw .wrongShape(
          file: change.file, name: name, wanted: weight.shape.dimensions, found: addition.shape.dimensions)
      }
      sum += addition.converted(to: .float32).reshaped(to: sum.shape) * Float(change.strength)
    }
    return sum.reshaped(to: weight.shape).converted(to: weight.elementType)
  }

  /// alpha/rank·up·down: `[outputs, inputs]`. Of a convolution both are stored with its window, one position of it
  /// for `up`.
  private static func product(_ change: Change, for shape: Shape) throws(ModelError) -> Tensor {
    let (down, up) = (change.down!, change.up!)
    let rank = down.shape.rank > 0 ? down.shape[0] : 0
    guard rank > 0, down.count == rank * shape[1] else {
      throw .wrongShape(
        file: change.file, name: change.layer + ".lora_A", wanted: [rank, shape[1]],
        found: down.shape.dimensions)
    }
    guard up.count == shape[0] * rank else {
      throw .wrongShape(
        file: change.file, name: change.layer + ".lora_B", wanted: [shape[0], rank],
        found: up.shape.dimensions)
    }
    let scale = (change.alpha ?? Double(rank)) / Double(rank)
    return Tensor.matmul(
      up.converted(to: .float32).reshaped(shape[0], rank),
      down.converted(to: .float32).reshaped(rank, shape[1])) * Float(scale)
  }
}
