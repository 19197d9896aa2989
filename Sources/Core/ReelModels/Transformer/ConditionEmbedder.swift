// What the transformer is told beside the latents: the time, the prompt, and a picture.

import Glibc
import ReelTensor

/// `condition_embedder`: the time as modulation, the prompt's vectors as tokens.
struct ConditionEmbedder: Sendable {
  private let width: Int
  private let frequencies: [Float]
  private let timeIn: Linear
  private let timeOut: Linear
  private let timeProjection: Linear
  private let textIn: Linear
  private let textOut: Linear
  private let image: ImageEmbedder?

  init(_ configuration: TransformerConfiguration, _ weights: Weights) throws(ModelError) {
    width = configuration.width
    let half = configuration.frequencies / 2
    // In 32-bit numbers throughout, as the reference has it: at t = 999 the last bit of a frequency shows.
    frequencies = (0..<half).map { expf(-Float(log(1e4)) * Float($0) / Float(half)) }
    timeIn = try weights.linear("time_embedder.linear_1", 2 * half, width, activation: .silu)
    timeOut = try weights.linear("time_embedder.linear_2", width, width)
    timeProjection = try weights.linear("time_proj", width, 6 * width)
    textIn = try weights.linear(
      "text_embedder.linear_1", configuration.textWidth, width, activation: .geluTanh)
    textOut = try weights.linear("text_embedder.linear_2", width, width)
    image = try configuration.image.map { sizes throws(ModelError) in
      try ImageEmbedder(sizes, width: configuration.width, weights.scoped("image_embedder"))
    }
  }

  /// The vectors of pictures, `[L, image]`, as tokens, `[L, d]`.
  func image(_ vectors: Tensor) -> Tensor? { image?(vectors) }

  /// The embedding of a time, `[d]`, and the six rows that modulate every block, `[6, d]`.
  func time(_ timestep: Float) -> (embedding: Tensor, modulation: Tensor) {
    let angles = frequencies.map { timestep * $0 }
    let waves = Tensor([1, 2 * angles.count], angles.map(cosf) + angles.map(sinf))
    let embedding = timeOut(timeIn(waves))  // [1, d]
    let modulation = timeProjection(embedding.silu)  // [1, 6·d]
    return (embedding.reshaped(width), modulation.reshaped(6, width))
  }

  /// The prompt as tokens, `[L + 1, d]`, and the bias of each as a key of attention, `[L + 1]`.
  ///
  /// All rows of padding are equal after the same layers, so one of them stands for all n, with ln n added to its
  /// score: the softmax is the same. Without padding there is no such row and no bias.
  func text(_ prompt: PromptEmbedding) -> (tokens: Tensor, keyBias: Tensor?) {
    guard prompt.padding > 0 else { return (textOut(textIn(prompt.vectors)), nil) }
    let length = prompt.vectors.shape[0]
    let rows = Tensor.concatenated([prompt.vectors, .zeros([1, prompt.vectors.shape[1]])])
    let bias = [Float](repeating: 0, count: length) + [logf(Float(prompt.padding))]
    return (textOut(textIn(rows)), Tensor([length + 1], bias))
  }
}

/// `image_embedder`: the vectors of a picture, or of the first and the last one, become tokens.
struct ImageEmbedder: Sendable {
  /// Added to the vectors, `[L, image]`: only where there are two pictures.
  private let positions: Tensor?
  private let normIn: (weight: Tensor, bias: Tensor)
  private let hidden: Linear
  private let output: Linear
  private let normOut: (weight: Tensor, bias: Tensor)
  /// That of PyTorch's layer norm, not the transformer's.
  private static let epsilon: Float = 1e-5

  init(_ sizes: TransformerConfiguration.Image, width: Int, _ weights: Weights) throws(ModelError) {
    positions = try sizes.positions.map { count throws(ModelError) in
      try weights.values("pos_embed", [1, count, sizes.width]).reshaped(count, sizes.width)
    }
    normIn = try weights.norm("norm1", sizes.width)
    hidden = try weights.linear("ff.net.0.proj", sizes.width, sizes.width, activation: .gelu)
    output = try weights.linear("ff.net.2", sizes.width, width)
    normOut = try weights.norm("norm2", width)
  }

  /// `[L, image]` → `[L, d]`.
  func callAsFunction(_ vectors: Tensor) -> Tensor {
    let placed = positions.map { vectors + $0 } ?? vectors
    let normal = placed.layerNorm(weight: normIn.weight, bias: normIn.bias, epsilon: Self.epsilon)
    return output(hidden(normal)).layerNorm(weight: normOut.weight, bias: normOut.bias, epsilon: Self.epsilon)
  }
}
