// A drawn layer's pixels: premultiplied, as blending and blurring want them.

import Glibc
import ReelStage

/// A picture: `height` rows of `width` pixels of red, green, blue, alpha, one byte each, sRGB-encoded,
/// colours multiplied by alpha.
struct Picture: Hashable, Sendable {
  let width: Int
  let height: Int
  private(set) var pixels: [UInt8]

  init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 4, "four bytes a pixel")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The picture with its own shadow underneath.
  ///
  /// - Parameters:
  ///   - sigma: the standard deviation of the blur, in pixels.
  ///   - dx: how far right the shadow lies, in pixels; `dy`: how far down.
  func shadowed(by colour: Colour, sigma: Double, dx: Int, dy: Int) -> Picture {
    let blurred = Self.blurred(alpha, width: width, height: height, sigma: sigma)
    let tint = [colour.red, colour.green, colour.blue, 255].map(Int.init)
    let most = 255 * 255 * Self.blurScale
    var result = self
    for y in max(0, dy)..<max(0, dy, min(height, height + dy)) {
      for x in max(0, dx)..<max(0, dx, min(width, width + dx)) {
        let pixel = 4 * (y * width + x)
        let uncovered = 255 - Int(pixels[pixel + 3])
        // In 255ths of 255ths of the blurred alpha's unit.
        let shade = blurred[(y - dy) * width + x - dx] * uncovered * Int(colour.alpha) / 255
        guard shade > 0 else { continue }
        for channel in 0..<4 {
          let value = Int(pixels[pixel + channel]) + (tint[channel] * shade + most / 2) / most
          result.pixels[pixel + channel] = UInt8(min(255, value))
        }
      }
    }
    return result
  }

  /// The alpha of each pixel. [height, width]
  private var alpha: [UInt8] { (0..<width * height).map { pixels[4 * $0 + 3] } }

  /// Blurred alpha is counted in these parts of a byte's step.
  private static let blurScale = 256

  /// Three box blurs, which come within 3% of a Gaussian. Whole numbers, so that the running sums stay exact.
  /// [height, width] in and out.
  ///
  /// Source of the box's width: W3C Filter Effects Level 1, feGaussianBlur.
  private static func blurred(_ alpha: [UInt8], width: Int, height: Int, sigma: Double) -> [Int] {
    var values = alpha.map { Int($0) * blurScale }
    let reach = Int((sigma * 3 * (2 * Double.pi).squareRoot() / 4 + 0.5).rounded(.down)) / 2
    guard reach > 0 else { return values }
    for _ in 0..<3 {
      for y in 0..<height { boxBlur(&values, from: y * width, step: 1, count: width, reach: reach) }
      for x in 0..<width { boxBlur(&values, from: x, step: width, count: height, reach: reach) }
    }
    return values
  }

  /// Replaces each value of a line by the mean of those at most `reach` away; beyond the ends is nothing.
  private static func boxBlur(_ values: inout [Int], from start: Int, step: Int, count: Int, reach: Int) {
    let line = (0..<count).map { values[start + $0 * step] }
    var sum = line.prefix(reach).reduce(0, +)
    for place in 0..<count {
      if place + reach < count { sum += line[place + reach] }
      if place - reach - 1 >= 0 { sum -= line[place - reach - 1] }
      values[start + place * step] = sum / (2 * reach + 1)
    }
  }
}

extension Picture {
  /// A straight-alpha picture scaled to `width` by `height` pixels: Lanczos with three lobes, in linear
  /// light, on premultiplied colours, so that thin strokes keep their weight and edges take no dark fringe.
  init(_ image: Image, width: Int, height: Int) {
    let across = (0..<width).map { Lanczos(at: $0, from: image.width, to: width) }
    var narrow: [SIMD4<Float>] = []  // [image.height, width]
    narrow.reserveCapacity(image.height * width)
    for y in 0..<image.height {
      // A row at a time: a large picture in linear light would be four times as large.
      let row = y * image.width..<(y + 1) * image.width
      let light = row.map { Light.linear(image, pixel: $0) }  // [image.width]
      for filter in across { narrow.append(filter.sum(of: light, from: 0, step: 1)) }
    }
    var pixels: [UInt8] = []  // [height, width, 4]
    pixels.reserveCapacity(4 * width * height)
    for y in 0..<height {
      let filter = Lanczos(at: y, from: image.height, to: height)
      for x in 0..<width {
        let pixel = Light.encoded(filter.sum(of: narrow, from: x, step: width))
        for channel in 0..<4 { pixels.append(pixel[channel]) }
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  /// The middle part of the picture.
  func cropped(width: Int, height: Int) -> Picture {
    let (left, top) = ((self.width - width) / 2, (self.height - height) / 2)
    var part: [UInt8] = []
    for y in top..<top + height {
      part += pixels[4 * (y * self.width + left)..<4 * (y * self.width + left + width)]
    }
    return Picture(width: width, height: height, pixels: part)
  }

  /// The picture with transparent edges of `edge` pixels.
  func padded(by edge: Int) -> Picture {
    let wide = width + 2 * edge
    var padded = [UInt8](repeating: 0, count: 4 * wide * (height + 2 * edge))
    for y in 0..<height {
      let row = 4 * ((y + edge) * wide + edge)
      padded.replaceSubrange(row..<row + 4 * width, with: pixels[4 * y * width..<4 * (y + 1) * width])
    }
    return Picture(width: wide, height: height + 2 * edge, pixels: padded)
  }
}

/// The weights by which the samples of a line make one sample of its scaled line.
private struct Lanczos {
  private let first: Int
  private let weights: [Float]

  /// The weights for sample `place` of `target` samples, made from `source` samples. The kernel
  /// sinc(x)·sinc(x/3), |x| < 3, is stretched where the line shrinks; beyond the ends the outer sample
  /// repeats.
  init(at place: Int, from source: Int, to target: Int) {
    let step = Double(source) / Double(target)
    let stretch = max(1, step)
    let centre = (Double(place) + 0.5) * step - 0.5
    let reach = Int((centre - 3 * stretch).rounded(.up))...Int((centre + 3 * stretch).rounded(.down))
    first = min(max(reach.lowerBound, 0), source - 1)
    var weights = [Double](repeating: 0, count: min(max(reach.upperBound, 0), source - 1) - first + 1)
    for sample in reach {
      let nearest = min(max(sample, first), first + weights.count - 1)
      weights[nearest - first] += Self.kernel((Double(sample) - centre) / stretch)
    }
    let sum = weights.reduce(0, +)
    self.weights = weights.map { Float($0 / sum) }
  }

  func sum(of samples: [SIMD4<Float>], from start: Int, step: Int) -> SIMD4<Float> {
    var sum = SIMD4<Float>.zero
    for (index, weight) in weights.enumerated() { sum += samples[start + (first + index) * step] * weight }
    return sum
  }

  private static func kernel(_ x: Double) -> Double {
    if abs(x) < 1e-9 { return 1 }
    if abs(x) >= 3 { return 0 }
    let angle = Double.pi * x
    return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
  }
}

/// The sRGB transfer function of IEC 61966-2-1.
private enum Light {
  /// A pixel of a straight-alpha picture as premultiplied linear light.
  static func linear(_ image: Image, pixel: Int) -> SIMD4<Float> {
    let alpha = Float(image.pixels[4 * pixel + 3]) / 255
    func light(_ channel: Int) -> Float { decoded[Int(image.pixels[4 * pixel + channel])] * alpha }
    return SIMD4(light(0), light(1), light(2), alpha)
  }

  /// Linear light by encoded byte.
  private static let decoded: [Float] = (0...255).map { byte in
    let value = Float(byte) / 255
    return value <= 0.04045 ? value / 12.92 : powf((value + 0.055) / 1.055, 2.4)
  }

  /// Premultiplied linear light as premultiplied sRGB bytes.
  static func encoded(_ light: SIMD4<Float>) -> SIMD4<UInt8> {
    let alpha = min(1, max(0, light.w))
    guard alpha > 0 else { return .zero }
    func byte(_ light: Float) -> UInt8 {
      let value = min(1, max(0, light / alpha))
      let code = value <= 0.003_130_8 ? value * 12.92 : 1.055 * powf(value, 1 / 2.4) - 0.055
      return UInt8((code * alpha * 255).rounded())
    }
    return SIMD4(byte(light.x), byte(light.y), byte(light.z), UInt8((alpha * 255).rounded()))
  }
}
