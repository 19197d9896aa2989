// The resampler in plain words: slow, readable, kept so that the fast one can be checked against it.

extension Resampler {
  /// What ``callAsFunction(_:)`` gives, computed sample by sample from the definition in Double.
  public static func reference(
    _ frame: Frame, region: Region? = nil, to target: Size, filter: ResamplingFilter
  ) -> Frame {
    let region = region ?? Region(frame.size)
    var result = Frame(size: target)
    for y in 0..<target.height {
      let vertical = kernel(
        y, of: target.height, start: region.y, length: region.height, source: frame.height, filter)
      for x in 0..<target.width {
        let horizontal = kernel(
          x, of: target.width, start: region.x, length: region.width, source: frame.width, filter)
        for channel in 0..<3 {
          var light = 0.0
          for (row, rowWeight) in vertical {
            for (column, columnWeight) in horizontal {
              let byte = frame.pixels[(row * frame.width + column) * 3 + channel]
              light += rowWeight * columnWeight * SRGB.linear(Double(byte) / 255)
            }
          }
          let code = SRGB.encoded(max(0, min(1, light))) * 255
          result.pixels[(y * target.width + x) * 3 + channel] = UInt8(code.rounded())
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
