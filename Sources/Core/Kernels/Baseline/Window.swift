// A convolution as a matrix product whose left operand is never there as a whole: its rows are gathered as needed.
import CKernels

/// A row is an output position; its columns are the numbers of the window over it, [kt, kh, kw, channels].
func gatherRows(
  _ window: ReelWindow, firstRow: Int, rows: Int, firstColumn: Int, depth: Int,
  block: UnsafeMutablePointer<Float>
) {
  // In memory, the numbers of one line of the window lie side by side.
  let run = window.window_width * window.channels
  let end = firstColumn + depth
  var column = firstColumn
  while column < end {
    let line = column / run
    let start = column - line * run
    let count = min(run - start, end - column)
    gatherLine(
      window, time: line / window.window_height, height: line % window.window_height, start: start,
      count: count,
      firstRow: firstRow, rows: rows, block: block + (column - firstColumn))
    column += count
  }
}

/// The numbers `start`… of one line of the window, for all rows.
@inline(always)
private func gatherLine(
  _ window: ReelWindow, time: Int, height: Int, start: Int, count: Int, firstRow: Int, rows: Int,
  block: UnsafeMutablePointer<Float>
) {
  let area = window.output_height * window.output_width
  var frame = firstRow / area
  var y = firstRow % area / window.output_width
  var x = firstRow % window.output_width
  var target = block
  for _ in 0..<rows {
    let row = y * window.stride_height + height - window.padding_top
    let left = x * window.stride_width - window.padding_left
    if let source = window.frames![frame * window.stride_time + time], row >= 0, row < window.height {
      // Where the line reaches over an edge, this points before the row, and only what lies inside is read.
      let line = source + (row * window.width + left) * window.channels
      if left >= 0, left + window.window_width <= window.width {
        copy(line + start, count, target)
      } else {
        copyInside(window, line, left: left, start: start, count: count, target)
      }
    } else {
      clear(target, count)
    }
    target += Int(reel_panel_depth)
    x += 1
    if x == window.output_width {
      (x, y) = (0, y + 1)
      if y == window.output_height { (y, frame) = (0, frame + 1) }
    }
  }
}

/// Numbers of one line of a window that reaches over the left or right edge: zeros outside.
private func copyInside(
  _ window: ReelWindow, _ line: UnsafePointer<Float>, left: Int, start: Int, count: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  let first = max(start, -left * window.channels)
  let last = min(start + count, (window.width - left) * window.channels)
  if first >= last { return clear(target, count) }
  clear(target, first - start)
  copy(line + first, last - first, target + (first - start))
  clear(target + (last - start), start + count - last)
}

@inline(always)
func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
  for index in 0..<count { target[index] = 0 }
}
