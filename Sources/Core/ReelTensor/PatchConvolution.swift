// Convolutions by 3×3 windows through Winograd's transform: less than half the multiplications.
import CKernels

/// The weight of a convolution by 3×3 windows, transformed for patches of 2×2 outputs.
///
/// It takes 16/9 of the weight's memory. Results differ from those of the plain sum by its rounding, since sums of
/// inputs are multiplied; for patches as small as these the error is no greater.
struct PatchConvolution: Sendable {
  /// G·g·Gᵀ, by the sixteen places of a patch: `[outputs, kt·Cin]` each.
  private let places: [PackedMatrix]
  private let outputs: Int
  /// Numbers of a patch that are multiplied at a time: they are shared out to blocks as equal as can be.
  private let chunkWords: Int
  private let chunks: Int

  /// Patches at a time, for each thread: eight tiles of 14 rows. Each pass reads all weights.
  private static let most = 112

  /// Whether a convolution is one of these.
  static func isFor(window: Convolution.Stride, stride: Convolution.Stride, inputs: Int) -> Bool {
    window.height == 3 && window.width == 3 && stride.height == 1 && stride.width == 1 && inputs > 0
      && inputs % 16 == 0
  }

  /// - Parameter weight: `[Cout, Cin, kt, 3, 3]`.
  init(weight: Tensor) {
    let (outputs, inputs, times) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let depth = times * inputs
    self.outputs = outputs
    chunks = (depth + Int(reel_panel_depth) - 1) / Int(reel_panel_depth)
    chunkWords = ((depth + chunks - 1) / chunks + 15) / 16 * 16
    let transformed = (0..<16).map { _ in Tensor(uninitialized: [outputs, depth]) }
    let targets = transformed.map { $0.floats.baseAddress! }
    weight.converted(to: .float32).withFloats { source in
      dispatch(outputs, grain: max(1, 4096 / depth)) { range in
        for output in range {
          for input in 0..<inputs {
            for time in 0..<times {
              let window = source.baseAddress! + ((output * inputs + input) * times + time) * 9
              let index = output * depth + time * inputs + input
              Self.transform(window) { place, value in targets[place][index] = value }
            }
          }
        }
      }
    }
    places = transformed.map { PackedMatrix($0) }
  }

  /// G·g·Gᵀ with G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1].
  private static func transform(
    _ window: UnsafePointer<Float>, _ write: (_ place: Int, _ value: Float) -> Void
  ) {
    func rows(_ a: Float, _ b: Float, _ c: Float) -> (Float, Float, Float, Float) {
      (a, 0.5 * (a + b + c), 0.5 * (a - b + c), c)
    }
    // Columns first: [4, 3].
    let columns = (0..<3).map { rows(window[$0], window[3 + $0], window[6 + $0]) }
    let lines = [
      columns.map(\.0), columns.map(\.1), columns.map(\.2), columns.map(\.3),
    ]
    for (row, line) in lines.enumerated() {
      let values = rows(line[0], line[1], line[2])
      write(4 * row, values.0)
      write(4 * row + 1, values.1)
      write(4 * row + 2, values.2)
      write(4 * row + 3, values.3)
    }
  }

  /// Convolves; `window` describes inputs and outputs, of which there are `frames` frames.
  func callAsFunction(
    _ window: ReelWindow, frames: Int, _ epilogue: Epilogue, output: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = ((window.output_height + 1) / 2, (window.output_width + 1) / 2)
    let count = frames * height * width
    // Parts as equal as can be, and a multiple of the threads.
    let rounds = (count + Self.most * Threads.count - 1) / (Self.most * Threads.count)
    let perPart = max(1, (count + rounds * Threads.count - 1) / (rounds * Threads.count))
    let kernels = kernels
    dispatch((count + perPart - 1) / perPart, grain: 1) { range in
      for part in range {
        let first = part * perPart
        let grid = ReelPatchGrid(
          first: first, count: min(perPart, count - first), height: height, width: width)
        convolve(window, grid, epilogue, output, kernels)
      }
    }
  }

  private func convolve(
    _ window: ReelWindow, _ grid: ReelPatchGrid, _ epilogue: Epilogue,
    _ output: UnsafeMutablePointer<Float>, _ kernels: ReelKernels
  ) {
    let columns = places[0].paddedColumns
    let depth = window.window_time * window.channels
    let blockSize = grid.count * Int(reel_panel_depth)
    let productSize = grid.count * columns
    let reel = epilogue.reelEpilogue(row: 0, column: 0, columns: outputs)
    withScratch(4 * chunks * blockSize + 8 * productSize + window.channels) { blocks in
      let products = blocks + 4 * chunks * blockSize
      let sums = products + 4 * productSize
      let zeros = sums + 4 * productSize
      zeros.update(repeating: 0, count: window.channels)
      withUnsafePointer(to: window) { window in
        withUnsafePointer(to: grid) { grid in
          for xi in 0..<4 {
            kernels.place_patches(window, grid, xi, chunkWords, chunks, zeros, blocks)
            for place in 0..<4 {
              for chunk in 0..<chunks {
                places[4 * xi + place].multiply(
                  rows: grid.pointee.count, block: blocks + (place * chunks + chunk) * blockSize,
                  firstWord: chunk * chunkWords, words: min(chunkWords, depth - chunk * chunkWords),
                  products: products + place * productSize)
              }
            }
            kernels.add_patch_products(
              grid.pointee.count, columns, xi, products, reel.bias, outputs, sums)
          }
          withUnsafePointer(to: reel) {
            kernels.write_patches(window, grid, columns, sums, $0, outputs, output)
          }
        }
      }
    }
  }
}
