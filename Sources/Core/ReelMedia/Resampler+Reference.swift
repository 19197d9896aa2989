// The resampler in plain words: slow, readable, kept so that the fast one can be checked against it.

extension Resampler {
  /// What ``callAsFunction(_:)`` gives, computed sample by sample from the definition in Double.
  public static func reference(
    _ frame: Frame, region: Region? = nil, to target: Size, filter: ResamplingFilter
  ) -> Frame {
    let light = reference(
      light: frame.pixels.map { SRGB.linear(Double($0) / 255) }, from: frame.size, region: region, to: target,
      filter: filter)
    return Frame(
      size: target, pixels: light.map { UInt8((SRGB.encoded(max(0, min(1, $0))) * 255).rounded()) })
  }

  /// The same for light: numbers of pixels one after another, as many a pixel as the size leaves,
  /// [height × width × channels] in and out.
  public static func reference(
    light: [Double], from source: Size, region: Region? = nil, to target: Size, filter: ResamplingFilter
  ) -> [Double] {
    let region = region ?? Region(source)
    let channels = light.count / source.pixels
    var result: [Double] = []
    for y in 0..<target.height {
      let vertical = kernel(
        y, of: target.height, start: region.y, length: region.height, source: source.height, filter)
      for x in 0..<target.width {
        let horizontal = kernel(
          x, of: target.width, start: region.x, length: region.width, source: source.width, filter)
        for channel in 0..<channels {
          var sum = 0.0
          for (row, rowWeight) in vertical {
            for (column, columnWeight) in horizontal {
              sum += rowWeight * columnWeight * light[(row * source.width + column) * channels + channel]
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  /// The source samples under the kernel of target sample `index`, with weights that add up to 1.
  private static func kernel(
    _ index: Int, of target: Int, start: Double, length: Double, source: Int, _ filter: ResamplingFilter
  ) -> [(sample: Int, weight: Double)] {
    let scale = length / Double(target)
    let centre = start + (Double(index) + 0.5) * scale
    let heights = (0..<source).map { filter.height(at: (Double($0) + 0.5 - centre) / max(scale, 1)) }
    let sum = heights.reduce(0, +)
    return heights.enumerated().filter { $1 != 0 }.map { ($0, $1 / sum) }
  }
}
