// Convolutions by 3×3 windows in fewer multiplications: two by two outputs from 16 products instead of 36.
//
// Winograd's F(2×2, 3×3) (Lavin, Gray: Fast Algorithms for Convolutional Neural Networks, 2015): Y = Aᵀ[(GgGᵀ) ⊙
// (BᵀdB)]A for a 4×4 patch d of the input and a window g. Summed over channels, each of the 16 places of a patch is a
// matrix product of its own, [patches, channels]·[channels, outputs]. The places are worked off a row ξ at a time, so
// that what lies between stays in the second-level cache.
import CKernels

/// Row ξ of BᵀdB for some patches: for each of its four places, blocks of rows of pitch `reel_panel_depth`.
///
/// A row's numbers are those of all frames of the window, then of the channels; they are shared out to `chunks` of
/// `chunkWords`. The blocks lie as [place][chunk][patch].
func placePatches(
  _ window: ReelWindow, _ grid: ReelPatchGrid, row xi: Int, chunkWords: Int, chunks: Int,
  zeros: UnsafePointer<Float>, blocks: UnsafeMutablePointer<Float>
) {
  // Bᵀ = [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1]: the sum or the difference of two rows.
  let first = xi == 0 ? 0 : xi == 2 ? 2 : 1
  let second = xi == 2 ? 1 : xi == 3 ? 3 : 2
  let sign = Vector(repeating: xi == 1 ? 1 : -1)
  let placeSize = chunks * grid.count * Int(reel_panel_depth)
  var (frame, y, x) = position(of: grid.first, window, grid)
  for patch in 0..<grid.count {
    let top = 2 * y - window.padding_top
    let left = 2 * x - window.padding_left
    for time in 0..<window.window_time {
      let source = window.frames![frame * window.stride_time + time]
      let upper = line(window, source, top + first)
      let lower = line(window, source, top + second)
      // Numbers of the four columns in both rows; zeros beyond the edges.
      let u0 = column(window, upper, left, zeros), l0 = column(window, lower, left, zeros)
      let u1 = column(window, upper, left + 1, zeros), l1 = column(window, lower, left + 1, zeros)
      let u2 = column(window, upper, left + 2, zeros), l2 = column(window, lower, left + 2, zeros)
      let u3 = column(window, upper, left + 3, zeros), l3 = column(window, lower, left + 3, zeros)
      var number = time * window.channels
      var chunk = number / chunkWords
      number -= chunk * chunkWords
      var channel = 0
      while channel < window.channels {
        let t0 = load(u0 + channel) + sign * load(l0 + channel)
        let t1 = load(u1 + channel) + sign * load(l1 + channel)
        let t2 = load(u2 + channel) + sign * load(l2 + channel)
        let t3 = load(u3 + channel) + sign * load(l3 + channel)
        let target = blocks + ((chunk * grid.count + patch) * Int(reel_panel_depth) + number)
        place(t0 - t2, target)
        place(t1 + t2, target + placeSize)
        place(t2 - t1, target + 2 * placeSize)
        place(t1 - t3, target + 3 * placeSize)
        channel += 16
        number += 16
        if number == chunkWords { (number, chunk) = (0, chunk + 1) }
      }
    }
    advance(&frame, &y, &x, grid)
  }
}

/// Adds the part of row ξ to Y = AᵀMA: `products` are [place][patch][columns], `sums` [patch][2][2][columns].
func addPatchProducts(
  count: Int, columns: Int, row xi: Int, products: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  biasCount: Int, sums: UnsafeMutablePointer<Float>
) {
  // Aᵀ = [1 1 1 0; 0 1 −1 −1].
  let placeSize = count * columns
  for patch in 0..<count {
    var column = 0
    while column < columns {
      let source = products + (patch * columns + column)
      let (m0, m1) = (load(source), load(source + placeSize))
      let (m2, m3) = (load(source + 2 * placeSize), load(source + 3 * placeSize))
      let (left, right) = (m0 + m1 + m2, m1 - m2 - m3)
      let upper = sums + (patch * 4 * columns + column)
      let lower = upper + 2 * columns
      if xi == 0 {
        place(left, upper)
        place(right, upper + columns)
      } else if xi < 3 {
        place(load(upper) + left, upper)
        place(load(upper + columns) + right, upper + columns)
      }
      if xi == 1 {
        place(left, lower)
        place(right, lower + columns)
      } else if xi > 1 {
        place(load(lower) - left, lower)
        place(load(lower + columns) - right, lower + columns)
      }
      column += 16
    }
  }
  guard xi == 3, let bias else { return }
  for place in 0..<count * 4 {
    let row = sums + place * columns
    @inline(always) func biased(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector {
      x + load(bias + index, first: lanes)
    }
    map(biasCount, row, row, biased)
  }
}

/// Writes the outputs of patches, [patch][2][2][columns], to where they belong; what lies beyond the edges is left out.
func writePatches(
  _ window: ReelWindow, _ grid: ReelPatchGrid, columns: Int, sums: UnsafePointer<Float>,
  epilogue: ReelEpilogue, outputs: Int, output: UnsafeMutablePointer<Float>
) {
  var (frame, y, x) = position(of: grid.first, window, grid)
  for patch in 0..<grid.count {
    let width = min(2, window.output_width - 2 * x)
    for row in 0..<min(2, window.output_height - 2 * y) {
      let pixel = (frame * window.output_height + 2 * y + row) * window.output_width + 2 * x
      finish(
        rows: width, columns: outputs, products: sums + (patch * 4 + row * 2) * columns, pitch: columns,
        epilogue: epilogue, output: output + pixel * outputs, outputPitch: outputs)
    }
    advance(&frame, &y, &x, grid)
  }
}

/// The frame, row and column of a patch.
@inline(always)
private func position(of patch: Int, _ window: ReelWindow, _ grid: ReelPatchGrid) -> (Int, Int, Int) {
  let area = grid.height * grid.width
  return (patch / area, patch % area / grid.width, patch % grid.width)
}

@inline(always)
private func advance(_ frame: inout Int, _ y: inout Int, _ x: inout Int, _ grid: ReelPatchGrid) {
  x += 1
  if x < grid.width { return }
  (x, y) = (0, y + 1)
  if y == grid.height { (y, frame) = (0, frame + 1) }
}

/// A row of a frame; `nil` beyond its edges, or where the frame is all zeros.
@inline(always)
private func line(_ window: ReelWindow, _ frame: UnsafePointer<Float>?, _ row: Int) -> UnsafePointer<Float>? {
  guard let frame, row >= 0, row < window.height else { return nil }
  return frame + row * window.width * window.channels
}

/// The numbers of one position of a row, or zeros.
@inline(always)
private func column(
  _ window: ReelWindow, _ line: UnsafePointer<Float>?, _ column: Int, _ zeros: UnsafePointer<Float>
) -> UnsafePointer<Float> {
  guard let line, column >= 0, column < window.width else { return zeros }
  return line + column * window.channels
}
