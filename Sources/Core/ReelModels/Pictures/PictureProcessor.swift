// What happens to a picture before the image encoder sees it: size, crop, normalization, as transformers does it.

import ReelMedia
import ReelTensor

/// The reference's `CLIPImageProcessor`, from `preprocessor_config.json`.
struct PictureProcessor: Sendable {
  private enum Scaling: Hashable, Sendable {
    case shortestEdge(Int)
    case size(Size)
  }

  private let file: String
  private let scaling: Scaling?
  private let crop: Size?
  private let rescaling: Double
  private let mean: [Double]
  private let deviation: [Double]
  /// Pixels along each side of what the encoder takes.
  private let side: Int

  /// Where the file lacks a member, what transformers takes.
  private static let usualMean = [0.48145466, 0.4578275, 0.40821073]
  private static let usualDeviation = [0.26862954, 0.26130258, 0.27577711]
  private static let usualSide = 224

  init(directory: String, side: Int) throws(ModelError) {
    file = directory + "/preprocessor_config.json"
    self.side = side
    let root = try Configuration(file: file)
    let bicubic = PillowFilter.bicubic.rawValue
    _ = try root.integer("resample", in: bicubic...bicubic, default: bicubic)
    if try root.bool("do_resize", default: true) {
      let size = try root.objectIfGiven("size")
      if let size, !size.has("shortest_edge") {
        scaling = .size(try Self.size(size))
      } else {
        scaling = .shortestEdge(
          try size?.integer("shortest_edge", in: 1...16384) ?? Self.usualSide)
      }
    } else {
      scaling = nil
    }
    crop =
      try root.bool("do_center_crop", default: true)
      ? try root.objectIfGiven("crop_size").map { part throws(ModelError) in try Self.size(part) }
        ?? Size(width: Self.usualSide, height: Self.usualSide) : nil
    rescaling =
      try root.bool("do_rescale", default: true)
      ? try root.number("rescale_factor", in: 0...1, default: 1 / 255) : 1
    let isNormalized = try root.bool("do_normalize", default: true)
    func colours(_ name: String, _ usual: [Double], _ none: Double) throws(ModelError) -> [Double] {
      guard isNormalized else { return [none, none, none] }
      return root.has(name) ? try root.numbers(name, count: 3) : usual
    }
    mean = try colours("image_mean", Self.usualMean, 0)
    deviation = try colours("image_std", Self.usualDeviation, 1)
    guard deviation.allSatisfy({ $0 > 0 }) else {
      throw root.wrong("image_std", wanted: "numbers above 0", found: "others")
    }
  }

  private static func size(_ part: Configuration) throws(ModelError) -> Size {
    Size(
      width: try part.integer("width", in: 1...16384), height: try part.integer("height", in: 1...16384))
  }

  /// The numbers that the encoder takes, `[side, side, 3]`.
  func pixels(of frame: Frame) throws(ModelError) -> Tensor {
    var picture = frame
    switch scaling {
    case .shortestEdge(let edge):
      let short = min(frame.width, frame.height)
      // The longer side is cut off to a whole number.
      picture = picture.resampled(
        to: Size(width: edge * frame.width / short, height: edge * frame.height / short), by: .bicubic)
    case .size(let size): picture = picture.resampled(to: size, by: .bicubic)
    case nil: break
    }
    let cut = crop ?? picture.size
    guard cut.width <= picture.width, cut.height <= picture.height, cut == Size(width: side, height: side)
    else {
      throw .wrongValue(
        file: file, place: "crop_size", wanted: "the image encoder's \(side)x\(side)",
        found: "'\(cut)' of '\(picture.size)'")
    }
    let (top, left) = ((picture.height - cut.height) / 2, (picture.width - cut.width) / 2)
    return Tensor([cut.height, cut.width, 3]) { output in
      for y in 0..<cut.height {
        for x in 0..<cut.width {
          for colour in 0..<3 {
            let byte = picture.pixels[((top + y) * picture.width + left + x) * 3 + colour]
            output[(y * cut.width + x) * 3 + colour] = Float(
              (Double(byte) * rescaling - mean[colour]) / deviation[colour])
          }
        }
      }
    }
  }
}
