// Enlarges and reduces frames in linear light, fast.
import CKernels
import ReelTensor

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
    let kernels = mediaKernels
    return Frame(
      size: target,
      pixels: resampled(
        frame.pixels, light: SRGB.linearOfByte, halfways: SRGB.halfwaysOfByte,
        decode: kernels.light_of_bytes, encode: kernels.sum_rows_to_bytes))
  }

  /// As above with 16 bits: three sRGB code values from 0 to 65535 a pixel, [height × width × 3] in and out.
  public func callAsFunction(_ pixels: [UInt16]) -> [UInt16] {
    precondition(pixels.count == source.pixels * 3, "three numbers a pixel of the resampler's source size")
    let kernels = mediaKernels
    return resampled(
      pixels, light: SRGB.linearOfShort, halfways: SRGB.halfwaysOfShort, decode: kernels.light_of_shorts,
      encode: kernels.sum_rows_to_shorts)
  }

  /// Code values from code values, by the loops for their width.
  ///
  /// - Parameters:
  ///   - light: of each code value.
  ///   - halfways: the least light of the next.
  private func resampled<Code>(
    _ pixels: [Code], light: [Float], halfways: [Float],
    decode: (Int, UnsafePointer<UnsafePointer<Code>>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) ->
      Void,
    encode: (
      Int, LightRows, UnsafePointer<Float>, Int, UnsafePointer<Float>, UnsafeMutablePointer<Code>
    ) -> Void
  ) -> [Code] {
    let stride = target.width * 3
    return [Code](unsafeUninitializedCapacity: target.height * stride) { codes, count in
      pixels.withUnsafeBufferPointer { pixels in
        light.withUnsafeBufferPointer { light in
          halfways.withUnsafeBufferPointer { halfways in
            forEachRow(
              of: pixels, channels: 3,
              decode: { rows, line in decode(source.width, rows, light.baseAddress!, line) },
              body: { y, rows, weights in
                encode(
                  stride, rows, weights, self.rows.count, halfways.baseAddress!,
                  codes.baseAddress! + y * stride)
              })
          }
        }
      }
      count = codes.count
    }
  }

  /// As above for light itself, of any range: four numbers a pixel, such as premultiplied red, green, blue and alpha,
  /// [height × width × 4] in and out.
  public func callAsFunction(light: [Float]) -> [Float] {
    precondition(light.count == source.pixels * 4, "four numbers a pixel of the resampler's source size")
    let kernels = mediaKernels
    let stride = target.width * 4
    return [Float](unsafeUninitializedCapacity: target.height * stride) { sums, count in
      light.withUnsafeBufferPointer { light in
        forEachRow(
          of: light, channels: 4, decode: { rows, line in kernels.light_of_floats(source.width, rows, line) },
          body: { y, rows, weights in
            kernels.sum_rows(stride, rows, weights, self.rows.count, sums.baseAddress! + y * stride)
          })
      }
      count = sums.count
    }
  }
}
