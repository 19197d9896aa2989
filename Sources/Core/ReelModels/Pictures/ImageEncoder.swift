// The CLIP vision encoder (arXiv 2103.00020): from a picture to the vectors that Wan 2.1's image-to-video models see.

import ReelMedia
import ReelTensor

/// The sizes of a CLIP vision encoder, from its config.json.
struct ImageEncoderConfiguration: Hashable, Sendable {
  /// What stands between the two layers of a feed-forward network.
  enum Activation: String, Hashable, Sendable, CaseIterable {
    case gelu
    /// x·σ(1.702·x).
    case quickGelu = "quick_gelu"
  }

  let width: Int
  let heads: Int
  let hiddenWidth: Int
  let layers: Int
  /// Pixels along each side of a picture, and of one patch of it.
  let side: Int
  let patch: Int
  let activation: Activation
  let epsilon: Float

  /// The vectors of one picture: one for each patch, and one for the whole in front.
  var positions: Int { (side / patch) * (side / patch) + 1 }

  static let classes = ["CLIPVisionModel", "CLIPVisionModelWithProjection"]

  init(file path: String) throws(ModelError) {
    let root = try Configuration(file: path)
    for (place, value) in try root.list("architectures", limit: 8, default: []) {
      guard let name = value.string, Self.classes.contains(name) else {
        throw root.unknown(place, value.string ?? value.kind, known: Self.classes)
      }
    }
    // Where a member is absent, transformers takes these.
    width = try root.integer("hidden_size", in: 1...65536, default: 768)
    heads = try root.integer("num_attention_heads", in: 1...1024, default: 12)
    guard width % heads == 0 else {
      throw root.wrong(
        "num_attention_heads", wanted: "a divisor of 'hidden_size' \(width)", found: "'\(heads)'")
    }
    hiddenWidth = try root.integer("intermediate_size", in: 1...1 << 20, default: 3072)
    // The last layer but one gives the vectors.
    layers = try root.integer("num_hidden_layers", in: 1...1024, default: 12)
    side = try root.integer("image_size", in: 1...4096, default: 224)
    patch = try root.integer("patch_size", in: 1...side, default: 32)
    _ = try root.integer("num_channels", in: 3...3, default: 3)
    let name = try root.string("hidden_act", default: Activation.quickGelu.rawValue)
    guard let activation = Activation(rawValue: name) else {
      throw root.unknown("hidden_act", name, known: Activation.allCases.map(\.rawValue))
    }
    self.activation = activation
    epsilon = Float(try root.number("layer_norm_eps", in: 0...1, default: 1e-5))
  }
}

/// `CLIPVisionModel` up to its last layer but one, whose output Wan takes.
struct ImageEncoder: Sendable {
  private let configuration: ImageEncoderConfiguration
  private let pictures: PictureProcessor
  private let patchEmbedding: Linear
  private let classEmbedding: Tensor
  private let positionEmbedding: Tensor
  private let normIn: (weight: Tensor, bias: Tensor)
  private let layers: [ImageEncoderLayer]

  /// - Parameter width: the numbers that the transformer takes in one vector.
  init(directory: String, width: Int) throws(ModelError) {
    let file = directory + "/config.json"
    let sizes = try ImageEncoderConfiguration(file: file)
    guard sizes.width == width else {
      throw .wrongValue(
        file: file, place: "hidden_size", wanted: "the transformer's 'image_dim' \(width)",
        found: "'\(sizes.width)'")
    }
    configuration = sizes
    pictures = try PictureProcessor(directory: directory + "/../image_processor", side: sizes.side)
    let whole = try Weights(directory: directory, stem: "model")
    // Older files have the model within another.
    let weights = whole.has("vision_model.pre_layrnorm.weight") ? whole.scoped("vision_model") : whole
    let embeddings = weights.scoped("embeddings")
    let kernel = try embeddings.tensor("patch_embedding.weight", [width, 3, sizes.patch, sizes.patch])
    patchEmbedding = Linear(weight: kernel.reshaped(width, 3 * sizes.patch * sizes.patch))
    classEmbedding = try embeddings.values("class_embedding", [width])
    positionEmbedding = try embeddings.values("position_embedding.weight", [sizes.positions, width])
    normIn = try weights.norm("pre_layrnorm", width)
    var layers: [ImageEncoderLayer] = []
    for index in 0..<sizes.layers - 1 {
      layers.append(try ImageEncoderLayer(sizes, weights.scoped("encoder.layers.\(index)")))
    }
    self.layers = layers
  }

  /// The vectors of each picture, `[positions, width]`.
  func encode(_ frames: [Frame]) throws(ModelError) -> [Tensor] {
    var vectors: [Tensor] = []
    for frame in frames { vectors.append(self(try pictures.pixels(of: frame))) }
    return vectors
  }

  /// `[side, side, 3]`, normalized → `[positions, width]`.
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    let (patch, count) = (configuration.patch, configuration.side / configuration.patch)
    // What the side has more than whole patches is left out.
    let patches = pixels.sliced(0..<count * patch).sliced(0..<count * patch, along: 1)
      .reshaped(count, patch, count, patch, 3).permuted(0, 2, 4, 1, 3)  // [rows, columns, colour, y, x]
      .reshaped(count * count, 3 * patch * patch)
    var x = Tensor.concatenated([classEmbedding.reshaped(1, -1), patchEmbedding(patches)])  // [P, d]
    x = (x + positionEmbedding).layerNorm(
      weight: normIn.weight, bias: normIn.bias, epsilon: configuration.epsilon)
    for layer in layers { x = layer(x) }
    return x
  }
}

/// One layer: attention among the vectors, and a feed-forward network, each on a normalized input.
private struct ImageEncoderLayer: Sendable {
  private let configuration: ImageEncoderConfiguration
  private let norm1: (weight: Tensor, bias: Tensor)
  private let norm2: (weight: Tensor, bias: Tensor)
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let hidden: Linear
  private let projection: Linear

  init(_ sizes: ImageEncoderConfiguration, _ weights: Weights) throws(ModelError) {
    configuration = sizes
    let width = sizes.width
    norm1 = try weights.norm("layer_norm1", width)
    norm2 = try weights.norm("layer_norm2", width)
    query = try weights.linear("self_attn.q_proj", width, width)
    key = try weights.linear("self_attn.k_proj", width, width)
    value = try weights.linear("self_attn.v_proj", width, width)
    output = try weights.linear("self_attn.out_proj", width, width)
    hidden = try weights.linear(
      "mlp.fc1", width, sizes.hiddenWidth, activation: sizes.activation == .gelu ? .gelu : .none)
    projection = try weights.linear("mlp.fc2", sizes.hiddenWidth, width)
  }

  /// `[P, d]` → `[P, d]`.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let epsilon = configuration.epsilon
    let normal = x.layerNorm(weight: norm1.weight, bias: norm1.bias, epsilon: epsilon)
    let headWidth = Float(configuration.width / configuration.heads)
    let attended = Tensor.attention(
      query: query(normal), key: key(normal), value: value(normal), heads: configuration.heads,
      scale: 1 / headWidth.squareRoot())
    let x = x + output(attended)
    let again = x.layerNorm(weight: norm2.weight, bias: norm2.bias, epsilon: epsilon)
    return x + projection(activated(hidden(again)))
  }

  /// `[P, hidden]` → the same; erf GELU is the layer's own activation.
  private func activated(_ x: Tensor) -> Tensor {
    switch configuration.activation {
    case .gelu: x
    case .quickGelu: (x * 1.702).silu * (1 / 1.702)
    }
  }
}
