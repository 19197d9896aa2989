// A convolution as a matrix product whose left operand is never there as a whole: its rows are gathered as needed.
import CKernels

/// A row is an output position; its columns are the numbers of the window over it, [kt, kh, kw, channels].
func gatherRows(
  _ window: ReelWindow, firstRow: Int, rows: Int, firstColumn: Int, depth: Int,
  block: UnsafeMutablePointer<Float>
) {
  // In memory, the numbers of one row of the window lie side by side.
  let run = window.window_width * window.channels
  let area = window.output_height * window.output_width
  for row in 0..<rows {
    let position = firstRow + row
    let time = position / area
    let y = position % area / window.output_width
    let x = position % window.output_width
    let left = x * window.stride_width - window.padding_left
    let isInside = left >= 0 && left + window.window_width <= window.width
    var target = block + row * Int(reel_panel_depth)
    var column = firstColumn
    let end = firstColumn + depth
    while column < end {
      let line = column / run
      let start = column - line * run
      let count = min(run - start, end - column)
      let frame = window.frames![time * window.stride_time + line / window.window_height]
      let inputRow = y * window.stride_height + line % window.window_height - window.padding_top
      if let frame, inputRow >= 0, inputRow < window.height {
        let source = frame + (inputRow * window.width + left) * window.channels
        if isInside {
          copy(source + start, count, target)
        } else {
          copyInside(window, source, left: left, start: start, count: count, target)
        }
      } else {
        clear(target, count)
      }
      target += count
      column += count
    }
  }
}

/// Numbers of one row of a window that reaches over the left or right edge: zeros outside.
private func copyInside(
  _ window: ReelWindow, _ source: UnsafePointer<Float>, left: Int, start: Int, count: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  // The numbers of this run that lie inside the frame.
  let first = max(start, -left * window.channels)
  let last = min(start + count, (window.width - left) * window.channels)
  if first >= last { return clear(target, count) }
  clear(target, first - start)
  copy(source + first, last - first, target + (first - start))
  clear(target + (last - start), start + count - last)
}

@inline(__always)
func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
  for index in 0..<count { target[index] = 0 }
}
