// Other libraries doing what the loops over pixels do: swscale and cairo.
import CCairo
import CSwscale
import ReelTensor

/// One way of swscale to bring pictures from one size and layout to another, on so many threads.
final class Swscale {
  /// A size and a layout.
  struct Picture {
    let width: Int
    let height: Int
    let format: AVPixelFormat
  }

  private var context: OpaquePointer?
  private var source: UnsafeMutablePointer<AVFrame>?
  private var target: UnsafeMutablePointer<AVFrame>?

  /// - Parameter flags: swscale's own, such as `SWS_LANCZOS`.
  init(from source: Picture, to target: Picture, flags: Int32, threads: Int) {
    av_log_set_level(AV_LOG_ERROR)
    context = sws_alloc_context()
    for (name, value) in [
      ("srcw", source.width), ("srch", source.height), ("src_format", Int(source.format.rawValue)),
      ("dstw", target.width), ("dsth", target.height), ("dst_format", Int(target.format.rawValue)),
      ("sws_flags", Int(flags)), ("threads", threads),
    ] {
      av_opt_set_int(UnsafeMutableRawPointer(context), name, Int64(value), 0)
    }
    precondition(sws_init_context(context, nil, nil) >= 0, "swscale knows these pictures")
    (self.source, self.target) = (Self.frame(source), Self.frame(target))
  }

  deinit {
    av_frame_free(&source)
    av_frame_free(&target)
    sws_freeContext(context)
  }

  /// A frame full of noise.
  private static func frame(_ picture: Picture) -> UnsafeMutablePointer<AVFrame>? {
    let frame = av_frame_alloc()!
    frame.pointee.format = picture.format.rawValue
    frame.pointee.width = Int32(picture.width)
    frame.pointee.height = Int32(picture.height)
    precondition(av_frame_get_buffer(frame, 0) >= 0, "memory for a picture")
    var random = UInt32(1)
    let buffers = frame.pointee.buf
    for buffer in [buffers.0, buffers.1, buffers.2] {
      guard let buffer else { continue }
      for index in 0..<buffer.pointee.size {
        random = random &* 1_664_525 &+ 1_013_904_223
        buffer.pointee.data[index] = UInt8(random >> 24)
      }
    }
    return frame
  }

  func run() {
    precondition(sws_scale_frame(context, target, source) >= 0, "swscale scales")
  }
}

/// Cairo putting one picture of random colours and opacities over another, in as many bands as there are threads.
final class CairoOver {
  private let bands: [(source: OpaquePointer, context: OpaquePointer, target: OpaquePointer)]
  private let memory: [UnsafeMutablePointer<UInt32>]

  /// - Parameter cover: the opacity of each pixel, [height × width].
  init(width: Int, height: Int, cover: [UInt8], threads: Int) {
    let (picture, ground) = (
      UnsafeMutablePointer<UInt32>.allocate(capacity: width * height),
      UnsafeMutablePointer<UInt32>.allocate(capacity: width * height)
    )
    for pixel in 0..<width * height {
      let alpha = UInt32(cover[pixel])
      picture[pixel] = alpha << 24 | alpha / 2 << 16 | alpha / 3 << 8 | alpha
      ground[pixel] = UInt32(truncatingIfNeeded: pixel &* 2_654_435_761) | 0xff00_0000
    }
    memory = [picture, ground]
    bands = (0..<threads).map { band in
      let rows = height * band / threads..<height * (band + 1) / threads
      func surface(_ pixels: UnsafeMutablePointer<UInt32>) -> OpaquePointer {
        UnsafeMutableRawPointer(pixels + rows.lowerBound * width).withMemoryRebound(
          to: UInt8.self, capacity: 1
        ) {
          cairo_image_surface_create_for_data(
            $0, CAIRO_FORMAT_ARGB32, Int32(width), Int32(rows.count), Int32(4 * width))
        }
      }
      let (source, target) = (surface(picture), surface(ground))
      return (source, cairo_create(target), target)
    }
  }

  deinit {
    for band in bands {
      cairo_destroy(band.context)
      cairo_surface_destroy(band.source)
      cairo_surface_destroy(band.target)
    }
    for pixels in memory { pixels.deallocate() }
  }

  func run() {
    nonisolated(unsafe) let bands = bands
    parallel(for: bands.count) { range in
      for band in range {
        cairo_set_source_surface(bands[band].context, bands[band].source, 0, 0)
        cairo_paint(bands[band].context)
      }
    }
  }
}
