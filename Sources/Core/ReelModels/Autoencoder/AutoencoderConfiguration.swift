// The sizes of Wan's video autoencoder, from its config.json.

/// What `AutoencoderKLWan`'s configuration says.
struct AutoencoderConfiguration: Hashable, Sendable {
  let encoderWidth: Int
  let decoderWidth: Int
  /// The width of each level in multiples of the base, finest first.
  let multipliers: [Int]
  /// For each step to a coarser level whether it halves the frame rate as well.
  let halvesTime: [Bool]
  let residualBlocks: Int
  /// Whether every level has a way around it: Wan 2.2's autoencoder.
  let hasShortcuts: Bool
  /// Pixels along each side of a frame that enter as channels of one position; 1 in Wan 2.1.
  let patch: Int
  let latentChannels: Int
  /// Per latent channel what normalizes it: (mean of the posterior − mean)/deviation.
  let latentMean: [Float]
  let latentDeviation: [Float]

  /// Pixels a latent position along each side, and frames a latent frame (after the first).
  var spatialFactor: Int { patch << halvesTime.count }
  var temporalFactor: Int { 1 << halvesTime.count { $0 } }

  /// Latent frames for `frames` = 1 + temporalFactor·k: 1 + k.
  func latentFrames(_ frames: Int) -> Int { 1 + (frames - 1) / temporalFactor }

  /// The frames of the film that a chunk is: the first one alone, then `temporalFactor` at a time.
  func frames(_ chunk: Int) -> Range<Int> {
    chunk == 0 ? 0..<1 : 1 + (chunk - 1) * temporalFactor..<1 + chunk * temporalFactor
  }

  static let classes = ["AutoencoderKLWan"]
  /// Red, green and blue.
  static let pixelChannels = 3
  /// The channels of a position as it enters the encoder and leaves the decoder.
  var patchChannels: Int { Self.pixelChannels * patch * patch }

  init(file path: String) throws(ModelError) { try self.init(Configuration(file: path)) }

  init(_ root: Configuration) throws(ModelError) {
    let name = try root.string("_class_name")
    guard Self.classes.contains(name) else { throw root.unknown("_class_name", name, known: Self.classes) }
    hasShortcuts = try root.bool("is_residual", default: false)
    patch = try root.integer("patch_size", in: 1...16, default: 1)
    guard try root.array("attn_scales", limit: 64, default: []).isEmpty else {
      throw root.wrong("attn_scales", wanted: "an empty list", found: "a list of scales")
    }
    for member in ["in_channels", "out_channels"] {
      let channels = try root.integer(member, in: 1...4096, default: Self.pixelChannels)
      guard channels == Self.pixelChannels * patch * patch else {
        throw root.wrong(
          member, wanted: "'\(Self.pixelChannels * patch * patch)', for patches of \(patch)×\(patch) pixels",
          found: "'\(channels)'")
      }
    }
    encoderWidth = try root.integer("base_dim", in: 1...4096)
    decoderWidth = try root.integer("decoder_base_dim", in: 1...4096, default: encoderWidth)
    multipliers = try root.integers("dim_mult", in: 1...64, limit: 8)
    guard !multipliers.isEmpty else {
      throw root.wrong("dim_mult", wanted: "at least one number", found: "an empty list")
    }
    residualBlocks = try root.integer("num_res_blocks", in: 1...64)
    latentChannels = try root.integer("z_dim", in: 1...4096)
    var halvesTime: [Bool] = []
    for (place, value) in try root.list("temperal_downsample", limit: 8) {
      guard let flag = value.bool else { throw root.wrong(place, wanted: "true or false", found: value) }
      halvesTime.append(flag)
    }
    guard halvesTime.count == multipliers.count - 1 else {
      throw root.wrong(
        "temperal_downsample", wanted: "one value fewer than 'dim_mult' has", found: "\(halvesTime.count)")
    }
    self.halvesTime = halvesTime
    try Self.checkShortcuts(root, multipliers: multipliers, halvesTime: halvesTime, areUsed: hasShortcuts)
    latentMean = try root.numbers("latents_mean", count: latentChannels).map { Float($0) }
    latentDeviation = try root.numbers("latents_std", count: latentChannels).map { Float($0) }
    guard latentDeviation.allSatisfy({ $0 > 0 }) else {
      throw root.wrong("latents_std", wanted: "numbers above 0", found: "others")
    }
  }

  /// A way around a level shares out whole channels: so many of one side must make one of the other.
  private static func checkShortcuts(
    _ root: Configuration, multipliers: [Int], halvesTime: [Bool], areUsed: Bool
  ) throws(ModelError) {
    guard areUsed else { return }
    let sides = [multipliers[0]] + multipliers
    for (level, halves) in (halvesTime.map { $0 ? 8 : 4 } + [1]).enumerated() {
      let (fine, coarse) = (sides[level], sides[level + 1])
      guard fine * halves % coarse == 0 else {
        throw root.wrong(
          "dim_mult", wanted: "levels whose channels a shortcut can share out",
          found: "'\(fine)' and '\(coarse)'")
      }
    }
    let rising = multipliers.reversed()
    for ((coarse, fine), doubles) in zip(zip([multipliers.last!] + rising, rising), halvesTime.reversed())
    where fine * (doubles ? 8 : 4) % coarse != 0 {
      throw root.wrong(
        "dim_mult", wanted: "levels whose channels a shortcut can share out",
        found: "'\(fine)' and '\(coarse)'")
    }
  }
}
