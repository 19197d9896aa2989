// zimg resampling in linear light, as it has no threads of its own on one.
import CZimg
import ReelMedia

/// Three planes of sRGB bytes to linear light at the target's size, and that to bytes again.
final class ZimgResampling {
  private let first: Graph
  private let second: Graph
  private let source: Planes
  private let light: Planes
  private let target: Planes
  private let scratch: UnsafeMutableRawPointer

  init(from source: Size, to target: Size, filter: zimg_resample_filter_e) {
    self.source = Planes(source, bytes: 1)
    light = Planes(target, bytes: 4)
    self.target = Planes(target, bytes: 1)
    first = Graph(Self.format(source, isLight: false), Self.format(target, isLight: true), filter)
    second = Graph(Self.format(target, isLight: true), Self.format(target, isLight: false), filter)
    scratch = .allocate(byteCount: max(first.scratchSize, second.scratchSize), alignment: 64)
  }

  deinit { scratch.deallocate() }

  func run() {
    first.run(source, light, scratch)
    second.run(light, target, scratch)
  }

  private static func format(_ size: Size, isLight: Bool) -> zimg_image_format {
    var format = zimg_image_format()
    zimg_image_format_default(&format, reel_zimg_version)
    format.width = UInt32(size.width)
    format.height = UInt32(size.height)
    format.pixel_type = isLight ? ZIMG_PIXEL_FLOAT : ZIMG_PIXEL_BYTE
    format.color_family = ZIMG_COLOR_RGB
    format.matrix_coefficients = ZIMG_MATRIX_RGB
    format.transfer_characteristics = isLight ? ZIMG_TRANSFER_LINEAR : ZIMG_TRANSFER_IEC_61966_2_1
    format.color_primaries = ZIMG_PRIMARIES_BT709
    format.depth = isLight ? 32 : 8
    format.pixel_range = ZIMG_RANGE_FULL
    return format
  }
}

/// Three planes of memory.
private final class Planes {
  let memory: UnsafeMutableRawPointer
  let pitch: Int
  let height: Int

  init(_ size: Size, bytes: Int) {
    pitch = (size.width * bytes + 63) / 64 * 64
    height = size.height
    memory = .allocate(byteCount: 3 * pitch * height, alignment: 64)
    let numbers = memory.assumingMemoryBound(to: UInt8.self)
    for index in 0..<3 * pitch * height {
      numbers[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 7)
    }
  }

  deinit { memory.deallocate() }
}

/// What zimg does from one format to another.
private final class Graph {
  private let graph: OpaquePointer
  let scratchSize: Int

  init(_ source: zimg_image_format, _ target: zimg_image_format, _ filter: zimg_resample_filter_e) {
    var (source, target) = (source, target)
    var parameters = zimg_graph_builder_params()
    zimg_graph_builder_params_default(&parameters, reel_zimg_version)
    parameters.resample_filter = filter
    parameters.allow_approximate_gamma = 1
    if filter == ZIMG_RESIZE_LANCZOS { parameters.filter_param_a = 3 }
    graph = zimg_filter_graph_build(&source, &target, &parameters)!
    var size = 0
    zimg_filter_graph_get_tmp_size(graph, &size)
    scratchSize = size
  }

  deinit { zimg_filter_graph_free(graph) }

  func run(_ source: Planes, _ target: Planes, _ scratch: UnsafeMutableRawPointer) {
    let status = reel_zimg_process(
      graph, source.memory, source.pitch, source.height, target.memory, target.pitch, target.height, scratch)
    precondition(status == ZIMG_ERROR_SUCCESS, "zimg resamples")
  }
}
