// How large a model's layers are in memory, as they are packed: from the headers of its files.

import ReelTensor

/// Bytes of the parts of a model once they are read.
struct LayerSizes: Sendable {
  let encoder: Double
  let decoder: Double
  let imageEncoder: Double
  /// Of one number of the text encoder.
  let textNumber: Double
  /// Of the transformers, what a precision does not change.
  private let exact: Double
  /// Of the transformers, how many numbers a precision rounds, by how they are stored.
  private let rounded: [ElementType: Double]
  /// The numbers of the largest layer.
  private let largest: Double

  init(directory: String, transformers: [String], imageEncoder: String?) throws(ModelError) {
    let vae = try Weights(directory: directory + "/vae", stem: "diffusion_pytorch_model").entries
    func bytes(_ names: [String]) -> Double {
      vae.reduce(0) { sum, tensor in
        sum + (names.contains { tensor.name.hasPrefix($0) } ? Self.bytes(tensor.entry) : 0)
      }
    }
    encoder = bytes(["encoder.", "quant_conv."])
    decoder = bytes(["decoder.", "post_quant_conv."])
    self.imageEncoder =
      if let imageEncoder {
        try Weights(directory: imageEncoder, stem: "model").entries.reduce(0) { $0 + Self.bytes($1.entry) }
      } else { 0 }
    let text = try Weights(directory: directory + "/text_encoder", stem: "model").entries
    textNumber = Double(
      text.filter { $0.entry.shape.rank == 2 }.map(\.entry.elementType.byteCount).max() ?? 4)
    var (exact, largest, rounded) = (0.0, 0.0, [ElementType: Double]())
    for transformer in transformers {
      for (name, entry) in try Weights(directory: transformer, stem: "diffusion_pytorch_model").entries {
        largest = max(largest, Double(entry.shape.count))
        if entry.shape.rank == 2, name.contains("blocks.") {
          rounded[entry.elementType, default: 0] += Double(entry.shape.count)
        } else {
          exact += Self.bytes(entry)
        }
      }
    }
    (self.exact, self.largest, self.rounded) = (exact, largest, rounded)
  }

  /// Of all transformers.
  func transformer(_ precision: Precision) -> Double {
    exact
      + rounded.reduce(0) { sum, numbers in
        switch precision {
        case .float32: sum + numbers.value * Double(numbers.key.byteCount)
        case .bfloat16: sum + numbers.value * 2
        // A scale and a term for every output besides.
        case .int8: sum + numbers.value * 1.02
        }
      }
  }

  /// What is needed beside the layers while one is read.
  func loading(_ precision: Precision) -> Double {
    switch precision {
    case .float32: 0
    case .bfloat16: 4 * largest
    case .int8: 5 * largest
    }
  }

  /// Convolutions by 3×3 windows are transformed for patches of 2×2 outputs; vectors are widened.
  private static func bytes(_ entry: SafetensorsFile.Entry) -> Double {
    let (shape, stored) = (entry.shape, Double(entry.shape.count * entry.elementType.byteCount))
    if shape.rank == 1 { return 4 * Double(shape.count) }
    let isTransformed =
      shape.rank >= 4 && shape[-1] == 3 && shape[-2] == 3 && shape[1] % 16 == 0 && shape[0] >= 8
    return isTransformed ? 4 * Double(shape.count) * 16 / 9 : stored
  }
}
