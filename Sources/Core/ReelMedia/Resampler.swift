// Enlarges and reduces frames in linear light, fast.

/// Resamples frames of one size to another, always in the same way. Light adds up in linear light, so that
/// edges keep their weight and fine patterns their brightness.
///
/// Give the same resampler to several threads freely. ``reference(_:)`` is the same in plain words.
public struct Resampler: Sendable {
  public let source: Size
  public let target: Size
  let columns: ResamplingWeights
  let rows: ResamplingWeights

  /// - Parameter region: the part of the source that fills the target; by default all of it. It lies inside
  ///   the source.
  public init(from source: Size, region: Region? = nil, to target: Size, filter: ResamplingFilter) {
    let region = region ?? Region(source)
    precondition(
      region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.x + region.width <= Double(source.width) + 1e-6
        && region.y + region.height <= Double(source.height) + 1e-6, "the region lies inside the source")
    self.source = source
    self.target = target
    columns = ResamplingWeights(
      source: source.width, start: region.x, length: region.width, target: target.width, filter: filter)
    rows = ResamplingWeights(
      source: source.height, start: region.y, length: region.height, target: target.height, filter: filter)
  }

  /// The frame at the target's size.
  public func callAsFunction(_ frame: Frame) -> Frame {
    precondition(frame.size == source, "a frame of the resampler's source size")
    let narrow = resampledRows(frame)
    let stride = target.width * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: target.pixels * 3) { bytes, count in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: stride) { sums in
        narrow.withUnsafeBufferPointer { narrow in
          rows.weights.withUnsafeBufferPointer { weights in
            for y in 0..<target.height {
              Self.sum(
                narrow.baseAddress! + rows.starts[y] * stride, weights.baseAddress! + y * rows.count,
                terms: rows.count, stride: stride, into: sums.baseAddress!)
              SRGB.encode(sums.baseAddress!, into: bytes.baseAddress! + y * stride, count: stride)
            }
          }
        }
      }
      count = bytes.count
    }
    return Frame(size: target, pixels: pixels)
  }

  /// [source.height, target.width, 3] in linear light: the rows that the target needs, resampled along each.
  /// Rows that no target row needs are left at 0.
  private func resampledRows(_ frame: Frame) -> [Float] {
    let needed = rows.starts.first!..<rows.starts.last! + rows.count
    let count = source.height * target.width * 3
    return [Float](unsafeUninitializedCapacity: count) { output, filled in
      output.initialize(repeating: 0)
      filled = count
      withUnsafeTemporaryAllocation(of: SIMD4<Float>.self, capacity: source.width) { line in
        for y in needed {
          decodeRow(frame, y, into: line)
          resampleRow(line, into: output.baseAddress! + y * target.width * 3)
        }
      }
    }
  }

  /// [source.width] The light of row `y`, the fourth lane empty.
  private func decodeRow(_ frame: Frame, _ y: Int, into line: UnsafeMutableBufferPointer<SIMD4<Float>>) {
    let start = y * source.width * 3
    frame.pixels.withUnsafeBufferPointer { pixels in
      SRGB.linearOfByte.withUnsafeBufferPointer { light in
        for x in 0..<source.width {
          let pixel = pixels.baseAddress! + start + 3 * x
          line[x] = SIMD4(light[Int(pixel[0])], light[Int(pixel[1])], light[Int(pixel[2])], 0)
        }
      }
    }
  }

  private func resampleRow(
    _ line: UnsafeMutableBufferPointer<SIMD4<Float>>, into output: UnsafeMutablePointer<Float>
  ) {
    let terms = columns.count
    columns.weights.withUnsafeBufferPointer { weights in
      columns.starts.withUnsafeBufferPointer { starts in
        for x in 0..<target.width {
          let samples = line.baseAddress! + starts[x]
          let weight = weights.baseAddress! + x * terms
          var sum = SIMD4<Float>()
          for term in 0..<terms { sum += samples[term] * weight[term] }
          for channel in 0..<3 { output[3 * x + channel] = sum[channel] }
        }
      }
    }
  }

  /// [stride] The weighted sum of `terms` rows, each `stride` samples long, in the order of the rows.
  private static func sum(
    _ rows: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, terms: Int, stride: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    var x = 0
    while x + 16 <= stride {
      var sum = SIMD16<Float>()
      for term in 0..<terms {
        let samples = UnsafeRawPointer(rows + term * stride + x).loadUnaligned(as: SIMD16<Float>.self)
        sum += samples * weights[term]
      }
      UnsafeMutableRawPointer(sums + x).storeBytes(of: sum, as: SIMD16<Float>.self)
      x += 16
    }
    while x < stride {
      var sum: Float = 0
      for term in 0..<terms { sum += rows[term * stride + x] * weights[term] }
      sums[x] = sum
      x += 1
    }
  }
}
