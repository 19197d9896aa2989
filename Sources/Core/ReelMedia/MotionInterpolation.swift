// A frame between two frames, made by moving both along the motion.
import CKernels
import ReelTensor

/// Two frames, the motion between them, and any moment on the way.
///
/// Each pixel is foretold along the vectors of the four blocks whose centres surround it, weighted by
/// nearness, so that blocks overlap and no seam shows. A vector counts the less, the more both frames
/// disagree along it; where they disagree along all of them, something has been covered or laid bare, and
/// the plain mix of both frames takes over. Between pixels frames are read by the cubic of Keys (1981) with
/// a = −0.5: a softer kernel would make frames in between look out of focus beside the true ones.
public struct MotionInterpolation: Sendable {
  /// The furthest that a vector may reach, in pixels.
  public static let reach: Float = 24

  let first: Frame
  let second: Frame
  /// [rows × columns] In pixels from the first frame to the second, for the moment half-way between.
  let vectors: [SIMD2<Float>]
  let columns: Int
  /// The side of a block in pixels, a power of two, 4 or more.
  let blockSide: Int
  /// The frames colour by colour.
  private let planes: (first: ColourPlanes, second: ColourPlanes)

  var rows: Int { vectors.count / columns }

  public init(
    from first: Frame, to second: Frame, vectors: [SIMD2<Float>], columns: Int, blockSide: Int
  ) {
    precondition(
      first.size == second.size && columns > 0 && vectors.count % columns == 0, "frames of one size")
    precondition(blockSide >= 4 && blockSide & (blockSide - 1) == 0, "blocks of 4, 8, 16… pixels")
    precondition(
      vectors.allSatisfy { abs($0.x) <= Self.reach && abs($0.y) <= Self.reach }, "vectors within reach")
    (self.first, self.second) = (first, second)
    (self.vectors, self.columns, self.blockSide) = (vectors, columns, blockSide)
    planes = (ColourPlanes(first), ColourPlanes(second))
  }

  /// The frame at `fraction` (0…1) of the way. ``reference(at:)`` is the same in plain words.
  public func callAsFunction(at fraction: Float) -> Frame {
    let (kernels, width) = (mediaKernels, first.width)
    let pixels = bytes(first.size.pixels * 3) { pixels in
      planes.first.bytes.withUnsafeBufferPointer { a in
        planes.second.bytes.withUnsafeBufferPointer { b in
          vectors.withUnsafeBytes { vectors in
            var motion = ReelMotion(
              width: width, height: first.height, first: a.baseAddress!, second: b.baseAddress!,
              pitch: planes.first.pitch, plane: planes.first.pitch * first.height,
              border: ColourPlanes.border,
              vectors: vectors.assumingMemoryBound(to: Float.self).baseAddress!, columns: columns, rows: rows,
              side: blockSide, fraction: fraction)
            withUnsafePointer(to: &motion) { motion in
              dispatch(first.height, grain: 4) { rows in
                for y in rows { kernels.compensate_row(motion, y, pixels + y * width * 3) }
              }
            }
          }
        }
      }
    }
    return Frame(size: first.size, pixels: pixels)
  }
}

/// A frame's red, green and blue apart, each row with its ends repeated.
private struct ColourPlanes: Sendable {
  /// Vectors reach out of the picture, the kernel two pixels more, and sixteen pixels are read at once.
  static let border = 48

  let pitch: Int
  /// [3 × height × pitch]
  let bytes: [UInt8]

  init(_ frame: Frame) {
    let (width, height, pitch) = (frame.width, frame.height, frame.width + 2 * Self.border)
    self.pitch = pitch
    bytes = [UInt8](unsafeUninitializedCapacity: 3 * height * pitch) { planes, count in
      frame.pixels.withUnsafeBufferPointer { pixels in
        for channel in 0..<3 {
          for y in 0..<height {
            let source = pixels.baseAddress! + y * width * 3 + channel
            let row = planes.baseAddress! + (channel * height + y) * pitch
            for x in 0..<width { row[Self.border + x] = source[3 * x] }
            for x in 0..<Self.border {
              row[x] = source[0]
              row[Self.border + width + x] = source[3 * (width - 1)]
            }
          }
        }
      }
      count = planes.count
    }
  }
}
