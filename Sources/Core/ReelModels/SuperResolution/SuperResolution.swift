// The learned upscaler: a small convolutional network that makes a picture two or more times as large.

import ReelTensor

/// `SRVGGNetCompact` of Real-ESRGAN (Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind Super-Resolution with
/// Pure Synthetic Data"; its network of convolutions of one width, without a branch).
///
/// A convolution over 3×3 positions and a PReLU, as many of both as the file has, a last convolution to 3·s² channels,
/// whose s×s numbers a colour are the pixels of one position; to them the picture is added, each pixel s×s times. So
/// the network learns what a plain enlargement lacks. It sees sRGB code values from 0 to 1, and computes in `float32`.
///
/// The sizes are those of the tensors `body.k.weight` and `body.k.bias`: even k are convolutions, odd k PReLUs.
public struct SuperResolution: Sendable {
  /// How many times as wide and as high the result is.
  public let scale: Int
  /// The channels between the convolutions.
  public let features: Int
  /// How many convolutions there are.
  public var layerCount: Int { layers.count }
  /// How many numbers were learned.
  public let parameterCount: Int
  /// The file with the weights.
  public let path: String
  /// Each convolution with its PReLU: rows of the picture take the place of time.
  let layers: [Convolution]
  /// The tensors, for the reference.
  let parameters: [Parameters]

  /// What was learned of one convolution.
  struct Parameters: Sendable {
    /// `[Cout, Cin, 3, 3]`
    let weight: Tensor
    /// `[Cout]`
    let bias: Tensor
    /// `[Cout]`; none after the last convolution.
    let slopes: Tensor?
  }

  private static let scales = 2...8
  private static let widths = 1...1024
  private static let mostLayers = 256
  private static let mostParameters = 1 << 26

  /// Reads the weights.
  ///
  /// - Parameter path: a `.safetensors` or `.pth` file, or a folder with one such file in it.
  /// - Throws: ``ModelError`` for a file that cannot be read, is damaged, or holds another network.
  public init(path: String) throws(ModelError) {
    let weights = try SavedTensors(path: path, first: "body.0.weight")
    self.path = weights.path
    var count = 0
    while count < Self.mostLayers, weights.shape(of: "body.\(2 * count).weight") != nil { count += 1 }
    func wrong(_ layer: Int, _ wanted: String) -> ModelError {
      .wrongValue(
        file: weights.path, place: "\(weights.prefix)body.\(2 * layer).weight", wanted: wanted,
        found: "the shape \(weights.shape(of: "body.\(2 * layer).weight") ?? [])")
    }
    guard let shape = weights.shape(of: "body.0.weight"), let width = shape.first, Self.widths.contains(width)
    else { throw wrong(0, "a convolution to 1 to \(Self.widths.upperBound) channels") }
    guard count > 1 else { throw .missingTensor(file: weights.path, name: "\(weights.prefix)body.2.weight") }
    let outputs = weights.shape(of: "body.\(2 * count - 2).weight")?.first
    guard let scale = Self.scales.first(where: { 3 * $0 * $0 == outputs }) else {
      throw wrong(
        count - 1,
        "a convolution to 3·s² channels for a scale s of \(Self.scales.lowerBound) to \(Self.scales.upperBound)"
      )
    }
    // Checked before any tensor is read: tensors of a file may share their memory.
    let windows = 9 * width * (3 + (count - 2) * width + 3 * scale * scale)
    parameterCount = windows + 2 * width * (count - 1) + 3 * scale * scale
    guard parameterCount <= Self.mostParameters else {
      throw .malformed(
        file: weights.path, reason: "\(parameterCount) parameters, wanted at most \(Self.mostParameters)")
    }
    var parameters: [Parameters] = []
    for layer in 0..<count {
      let isLast = layer == count - 1
      let (inputs, outputs) = (layer == 0 ? 3 : width, isLast ? 3 * scale * scale : width)
      parameters.append(
        Parameters(
          weight: try weights.values("body.\(2 * layer).weight", [outputs, inputs, 3, 3]),
          bias: try weights.values("body.\(2 * layer).bias", [outputs]),
          slopes: isLast ? nil : try weights.values("body.\(2 * layer + 1).weight", [outputs])))
    }
    (self.scale, features, self.parameters) = (scale, width, parameters)
    layers = parameters.map(Self.convolution)
  }

  /// Whether a folder holds weights of upscalers and no diffusion model.
  public static func isFolder(_ path: String) -> Bool {
    !FileContents.exists(path + "/model_index.json") && !SavedTensors.files(in: path).isEmpty
  }

  /// A 3×3 convolution as one over three rows, which come one after another, and three columns.
  private static func convolution(_ parameters: Parameters) -> Convolution {
    let shape = parameters.weight.shape
    return Convolution(
      weight: parameters.weight.reshaped(shape[0], shape[1], 3, 1, 3), bias: parameters.bias,
      slopes: parameters.slopes, padding: .init(left: 1, right: 1))
  }
}
