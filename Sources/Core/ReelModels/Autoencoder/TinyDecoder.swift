// A small network that decodes latents for previews: many times cheaper than the autoencoder's own decoder.

import Glibc
import ReelTensor

/// The decoder of TAEHV (madebyollin/taehv: `taew2_1` for Wan 2.1, `taew2_2` for Wan 2.2), which is fully convolutional
/// in space and remembers one frame in time. It takes latents as the transformer leaves them, normalized.
public struct TinyDecoder: Sendable {
  /// The file with the weights.
  public let path: String
  /// The channels of the latents that it decodes.
  let latentChannels: Int
  /// Pixels along each side that come out of the last convolution as channels.
  private let patch: Int
  private let input: Convolution
  private let levels: [Level]
  private let output: Convolution

  private struct Level: Sendable {
    let blocks: [MemoryBlock]
    /// Each frame becomes one or two.
    let growth: Linear
    let frames: Int
    let convolution: Convolution
  }

  /// How many frames a frame becomes, level by level; each level doubles width and height.
  private static let growths = [1, 2, 2]
  private static let blocksPerLevel = 3
  private static let widths = 1...4096

  /// - Parameter path: a `.safetensors` or `.pth` file.
  public init(path: String) throws(ModelError) {
    let weights = try SavedTensors(path: path, first: "decoder.1.weight")
    self.path = weights.path
    guard let first = weights.shape(of: "decoder.1.weight"), first.count == 4, Self.widths.contains(first[0]),
      Self.widths.contains(first[1]), first[2] == 3
    else {
      throw .wrongValue(
        file: weights.path, place: "decoder.1.weight", wanted: "a 3×3 convolution of latents",
        found: "the shape \(weights.shape(of: "decoder.1.weight") ?? [])")
    }
    latentChannels = first[1]
    var width = first[0]
    // The places of layers in the sequence; those without weights are counted as well.
    input = try Self.convolution(weights, 1, latentChannels, width, isRectified: true)
    var place = 3
    var levels: [Level] = []
    for frames in Self.growths {
      var blocks: [MemoryBlock] = []
      for _ in 0..<Self.blocksPerLevel {
        blocks.append(try MemoryBlock(weights, place, width))
        place += 1
      }
      // An upsampling without weights; then what makes frames of channels, of which a file may have more.
      place += 1
      let name = "decoder.\(place).conv.weight"
      let stored = weights.shape(of: name)?.first ?? 0
      guard stored == width || stored == 2 * width, stored >= width * frames else {
        throw .wrongValue(
          file: weights.path, place: name, wanted: "\(width * frames) outputs", found: "'\(stored)'")
      }
      let growth = try weights.values(name, [stored, width, 1, 1]).reshaped(stored, width)
        .sliced(stored - width * frames..<stored)
      let convolution = "decoder.\(place + 1).weight"
      guard let next = weights.shape(of: convolution)?.first, Self.widths.contains(next) else {
        throw .missingTensor(file: weights.path, name: convolution)
      }
      levels.append(
        Level(
          blocks: blocks, growth: Linear(weight: growth), frames: frames,
          convolution: try Self.convolution(
            weights, place + 1, width, next, hasBias: false, isRectified: levels.count == 2)))
      width = next
      place += 2
    }
    self.levels = levels
    let last = "decoder.\(place + 1).weight"
    let channels = weights.shape(of: last)?.first ?? 0
    guard let patch = (1...8).first(where: { 3 * $0 * $0 == channels }) else {
      throw .wrongValue(
        file: weights.path, place: last, wanted: "3·p² outputs for a patch p of 1 to 8",
        found: "'\(channels)'")
    }
    self.patch = patch
    output = try Self.convolution(weights, place + 1, width, channels)
  }

  /// 3×3, zeros around; `isRectified`: max(0, x) of the result.
  fileprivate static func convolution(
    _ weights: SavedTensors, _ place: Int, _ inputs: Int, _ outputs: Int, hasBias: Bool = true,
    isRectified: Bool = false
  ) throws(ModelError) -> Convolution {
    try convolution(
      weights, "decoder.\(place)", inputs, outputs, hasBias: hasBias, isRectified: isRectified)
  }

  fileprivate static func convolution(
    _ weights: SavedTensors, _ name: String, _ inputs: Int, _ outputs: Int, hasBias: Bool = true,
    isRectified: Bool = false
  ) throws(ModelError) -> Convolution {
    Convolution(
      weight: try weights.values(name + ".weight", [outputs, inputs, 3, 3]),
      bias: hasBias ? try weights.values(name + ".bias", [outputs]) : nil,
      slopes: isRectified ? .zeros([outputs]) : nil, padding: .init(1))
  }

  /// Pixels along each side of a latent position, and frames of a latent frame after the first.
  var spatialFactor: Int { patch << levels.count }
  var temporalFactor: Int { levels.reduce(1) { $0 * $1.frames } }

  /// The frames of a film, in −1…1, one latent frame at a time.
  ///
  /// - Parameters:
  ///   - latents: `[1 + k, h, w, z]`, normalized.
  ///   - emit: takes the frames in order, `[count, H, W, 3]`: 1 first, then `temporalFactor` at a time.
  public func decode(_ latents: Tensor, emit: (Tensor) throws(ModelError) -> Void) throws(ModelError) {
    var memory = [Tensor?](repeating: nil, count: levels.count * Self.blocksPerLevel)
    for index in 0..<latents.shape[0] {
      let frames = self(latents.sliced(index..<index + 1), memory: &memory)
      // Of the first latent frame only the last frame belongs to the film.
      let start = index == 0 ? temporalFactor - 1 : 0
      try emit(frames.sliced(start..<frames.shape[0]))
    }
  }

  /// `[1, h, w, z]` → `[temporalFactor, H, W, 3]`.
  private func callAsFunction(_ latents: Tensor, memory: inout [Tensor?]) -> Tensor {
    // 3·tanh(x/3)
    var x = input(latents.softlyClamped(3))
    for (number, level) in levels.enumerated() {
      for (index, block) in level.blocks.enumerated() {
        x = block(x, memory: &memory[number * Self.blocksPerLevel + index])
      }
      let up = x.nearestUpsampled()  // [T, 2h, 2w, C]
      let (t, h, w, c) = (up.shape[0], up.shape[1], up.shape[2], up.shape[3])
      let grown = level.growth(up).reshaped(t, h * w, level.frames, c).permuted(0, 2, 1, 3)
        .reshaped(t * level.frames, h, w, c)
      x = level.convolution(grown)
    }
    let pixels = output(x).pixelShuffled(patch)
    return pixels.clamped(0, 1) * 2 - 1
  }
}

/// Three convolutions of a frame beside the one before it, added to the frame.
private struct MemoryBlock: Sendable {
  private let convolutions: [Convolution]

  init(_ weights: SavedTensors, _ place: Int, _ width: Int) throws(ModelError) {
    let name = "decoder.\(place).conv"
    convolutions = [
      try TinyDecoder.convolution(weights, name + ".0", 2 * width, width, isRectified: true),
      try TinyDecoder.convolution(weights, name + ".2", width, width, isRectified: true),
      try TinyDecoder.convolution(weights, name + ".4", width, width),
    ]
  }

  /// `[T, H, W, C]` → the same.
  ///
  /// - Parameter memory: the last frame that came before, `[1, H, W, C]`; none counts as zeros.
  func callAsFunction(_ x: Tensor, memory: inout Tensor?) -> Tensor {
    let frames = x.shape[0]
    let before = memory ?? .zeros(x.shape.replacing(0, with: 1))
    memory = x.sliced(frames - 1..<frames)
    let past = frames == 1 ? before : Tensor.concatenated([before, x.sliced(0..<frames - 1)])
    var y = Tensor.concatenated([x, past], along: -1)
    for convolution in convolutions { y = convolution(y) }
    return (y + x).clamped(0, .infinity)
  }
}

extension Tensor {
  /// limit·tanh(x/limit).
  fileprivate func softlyClamped(_ limit: Float) -> Tensor {
    withFloats { input in
      Tensor(shape) { output in
        for index in input.indices { output[index] = limit * tanhf(input[index] / limit) }
      }
    }
  }
}
