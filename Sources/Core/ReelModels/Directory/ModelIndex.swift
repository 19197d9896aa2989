// model_index.json: which pipeline a diffusers directory is for, and of which parts it consists.

/// The parts of a model that have to be known before any of them is opened.
struct ModelIndex {
  /// The directories of the transformer, or of the two experts.
  let transformers: [String]
  /// The time below which the second expert is asked, 0…1000.
  let boundary: Float
  /// Whether tokens have times of their own, so that latent frames can be given as they are (Wan 2.2 TI2V).
  let expandsTimesteps: Bool
  /// The directory of the image encoder, where the model has one.
  let imageEncoder: String?

  static let pipelines = [
    "WanPipeline", "WanImageToVideoPipeline", "WanVACEPipeline", "WanVideoToVideoPipeline",
  ]

  /// The parts that must be there, and the classes that are implemented for each.
  private static let parts: [(name: String, classes: [String])] = [
    ("transformer", TransformerConfiguration.classes), ("vae", AutoencoderConfiguration.classes),
    ("text_encoder", TextEncoderConfiguration.classes), ("scheduler", SchedulerConfiguration.classes),
  ]

  init(directory: String) throws(ModelError) {
    let root = try Configuration(file: directory + "/model_index.json")
    let name = try root.string("_class_name")
    guard Self.pipelines.contains(name) else {
      throw root.unknown("_class_name", name, known: Self.pipelines)
    }
    for (part, classes) in Self.parts {
      guard try Self.partClass(part, in: root, known: classes) != nil else {
        throw root.wrong(part, wanted: "a part of the model", found: "nothing")
      }
    }
    expandsTimesteps = try root.bool("expand_timesteps", default: false)
    imageEncoder = try Self.partClass("image_encoder", in: root, known: ImageEncoderConfiguration.classes)
      .map { _ in directory + "/image_encoder" }
    let second = try Self.partClass("transformer_2", in: root, known: TransformerConfiguration.classes)
    transformers = [directory + "/transformer"] + (second == nil ? [] : [directory + "/transformer_2"])
    // The ratio is of the times of training, 1000 of them in every published model.
    boundary = second == nil ? 0 : Float(try root.number("boundary_ratio", in: 0...1) * 1000)
  }

  /// The class of a part, written `[library, class]`; `nil` where the model does not have the part.
  private static func partClass(
    _ part: String, in root: Configuration, known: [String]
  ) throws(ModelError) -> String? {
    guard root.has(part) else { return nil }
    let pair = try root.array(part, limit: 2)
    guard pair.count == 2 else {
      throw root.wrong(part, wanted: "a library and a class", found: "\(pair.count)")
    }
    if pair[0] == .null && pair[1] == .null { return nil }
    guard let name = pair[1].string else {
      throw root.wrong(part, wanted: "a library and a class", found: pair[1])
    }
    guard known.contains(name) else { throw root.unknown(part, name, known: known) }
    return name
  }
}
