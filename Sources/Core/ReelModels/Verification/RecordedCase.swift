// A recorded run of the reference implementation: one safetensors file with its metadata.

import ReelMedia
import ReelTensor

/// A case: the request in the metadata (`prompt`, `num_frames`, …, and where they were used `strength`,
/// `first_block_cache`, `teacache`), and tensors of the run.
///
/// `textN.ids`; `prompt_embeds`, `negative_prompt_embeds`; `initial_noise`; `input.image`, `input.last_image`,
/// `input.video`, `input.mask`, `input.reference_images` (uint8); `callN.transformer[_2].in.*` and `.out`; `vae.encodeN.in` and `.out.mode`; `condition`; `timesteps`,
/// `sigmas`; `stepN.latents`; `vae.decode.in` and `.out`; `video` in 0…1. Any of the tensors may be absent.
struct RecordedCase {
  let file: SafetensorsFile
  let prompt: String
  let negativePrompt: String
  let guidance: Double
  let steps: Int
  let frames: Int
  let size: Size
  let promptLength: Int
  /// The share of the steps that was taken, from a noised film; `nil` for a run from noise.
  let strength: Double?
  /// When the reference did not run the transformer's blocks; `nil` for never.
  let reuse: BlockReuse?
  /// The names of the tensors that have been read.
  private(set) var read: Set<String> = []

  init(file path: String) throws(ModelError) {
    let file: SafetensorsFile
    do { file = try SafetensorsFile(path: path) } catch { throw .safetensors(error) }
    self.file = file
    func text(_ name: String) throws(ModelError) -> String {
      guard let text = file.metadata[name] else {
        throw .wrongValue(file: path, place: name, wanted: "text in the metadata", found: "nothing")
      }
      return text
    }
    func integer(_ name: String, _ range: ClosedRange<Int>) throws(ModelError) -> Int {
      let text = try text(name)
      guard let number = Int(text), range.contains(number) else {
        throw .wrongValue(
          file: path, place: name, wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)",
          found: "'\(text)'")
      }
      return number
    }
    prompt = try text("prompt")
    negativePrompt = try text("negative_prompt")
    let guidanceText = try text("guidance_scale")
    guard let guidance = Double(guidanceText), guidance.isFinite else {
      throw .wrongValue(file: path, place: "guidance_scale", wanted: "a number", found: "'\(guidanceText)'")
    }
    self.guidance = guidance
    steps = try integer("num_inference_steps", 1...1000)
    frames = try integer("num_frames", 1...4097)
    size = Size(width: try integer("width", 1...16384), height: try integer("height", 1...16384))
    promptLength = try integer("max_sequence_length", 1...4096)
    func share(_ name: String) throws(ModelError) -> Double? {
      guard file.metadata[name] != nil else { return nil }
      guard let share = Double(try text(name)), (0...1).contains(share) else {
        throw .wrongValue(
          file: path, place: name, wanted: "a number from 0 to 1", found: "'\(try text(name))'")
      }
      return share
    }
    strength = try share("strength")
    if let threshold = try share("first_block_cache") {
      reuse = .firstBlock(threshold)
    } else {
      reuse = try share("teacache").map { .timeEmbedding($0) }
    }
  }

  /// Which steps the run took.
  var stepping: Stepping { Stepping(steps: steps, share: strength ?? 1) }

  /// Where the noise between steps would come from: the reference's cannot be had again, so no case has it.
  var noise: Philox { Philox(seed: 0, stream: 0) }

  func has(_ name: String) -> Bool { file.entries[name] != nil }

  /// Counts a tensor as used.
  mutating func use(_ name: String) { read.insert(name) }

  /// The numbers N for which there is a tensor `<prefix>N<suffix>`, ascending.
  func numbers(_ prefix: String, _ suffix: String) -> [Int] {
    file.entries.keys.compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix),
        name.utf8.count > prefix.utf8.count + suffix.utf8.count
      else { return nil }
      return Int(name.dropFirst(prefix.count).dropLast(suffix.count)).flatMap { $0 >= 0 ? $0 : nil }
    }.sorted()
  }

  /// A recorded tensor as `float32`.
  ///
  /// - Parameter shape: what it must be; −1 for any extent above 0.
  mutating func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> Tensor {
    read.insert(name)
    guard let entry = file.entries[name] else { throw .missingTensor(file: file.path, name: name) }
    let found = entry.shape.dimensions
    guard found.count == shape.count, zip(found, shape).allSatisfy({ $1 < 0 ? $0 > 0 : $0 == $1 }) else {
      throw .wrongShape(file: file.path, name: name, wanted: shape, found: found)
    }
    do { return try file.tensor(named: name).converted(to: .float32) } catch { throw .safetensors(error) }
  }

  /// Recorded latents or frames, `[1, C, T, H, W]` in the file, as `[T, H, W, C]`.
  ///
  /// - Parameters:
  ///   - channels: how many there must be.
  ///   - multiple: what T − `first`, H and W must be multiples of.
  mutating func film(
    _ name: String, channels: Int, multiple: (time: Int, height: Int, width: Int) = (1, 1, 1), first: Int = 0
  ) throws(ModelError) -> Tensor {
    let tensor = try tensor(name, [1, channels, -1, -1, -1])
    let (time, height, width) = (tensor.shape[2], tensor.shape[3], tensor.shape[4])
    guard (time - first) % multiple.time == 0, height % multiple.height == 0, width % multiple.width == 0
    else {
      throw .malformed(
        file: file.path,
        reason: "tensor '\(name)' of the shape \(tensor.shape) does not fit the model, which takes "
          + "\(first) + \(multiple.time)·n frames of multiples of \(multiple.width) by \(multiple.height)")
    }
    return tensor.reshaped(channels, time, height, width).permuted(1, 2, 3, 0)
  }

  /// The frames that the case was given, by index: a first one, a last one, or a film with a mask.
  mutating func knownFrames() throws(ModelError) -> [Int: SamplingRequest.KnownFrame] {
    var known: [Int: SamplingRequest.KnownFrame] = [:]
    for (name, index) in [("input.image", 0), ("input.last_image", frames - 1)] where has(name) {
      let pixels = try bytes(name, [size.height, size.width, 3])
      known[index] = .init(index: index, frame: Frame(size: size, pixels: pixels))
    }
    guard has("input.video") else { return known }
    let video = try bytes("input.video", [frames, size.height, size.width, 3])
    // Without a mask all of the film is to be made anew.
    let mask =
      has("input.mask")
      ? try bytes("input.mask", [frames, size.height, size.width])
      : [UInt8](repeating: 255, count: frames * size.pixels)
    for index in 0..<frames {
      let pixels = Array(video[index * size.pixels * 3..<(index + 1) * size.pixels * 3])
      let open = Array(mask[index * size.pixels..<(index + 1) * size.pixels])
      known[index] = .init(index: index, frame: Frame(size: size, pixels: pixels), open: open)
    }
    return known
  }

  /// The pictures that the case was given of what is to be seen.
  mutating func references() throws(ModelError) -> [Frame] {
    let name = "input.reference_images"
    guard has(name) else { return [] }
    let tensor = try tensor(name, [-1, -1, -1, 3])
    let size = Size(width: tensor.shape[2], height: tensor.shape[1])
    return (0..<tensor.shape[0]).map { Frame(size: size, pixels: Self.bytes(tensor[$0])) }
  }

  private mutating func bytes(_ name: String, _ shape: [Int]) throws(ModelError) -> [UInt8] {
    Self.bytes(try tensor(name, shape))
  }

  private static func bytes(_ tensor: Tensor) -> [UInt8] {
    tensor.elements.map { UInt8(max(0, min(255, $0.isNaN ? 0 : $0))) }
  }
}
