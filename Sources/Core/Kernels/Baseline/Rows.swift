// Rows before and after a product: weights into panels, factors into blocks, sums into results.
import CKernels

/// The width of the panel that starts at `column` of `columns`: full, or the rest as a multiple of 16.
@inline(always)
func panelWidth(_ column: Int, of columns: Int) -> Int {
  min(panelColumns, (columns - column + 15) / 16 * 16)
}

func packPanels(
  size: Int, weight: UnsafeRawPointer, columns: Int, depth: Int, pitch: Int, step: Int,
  panels: UnsafeMutableRawPointer
) {
  if size == 4 {
    pack(
      weight.assumingMemoryBound(to: UInt32.self), columns, depth, pitch, step,
      panels.assumingMemoryBound(to: UInt32.self))
  } else {
    pack(
      weight.assumingMemoryBound(to: UInt16.self), columns, depth, pitch, step,
      panels.assumingMemoryBound(to: UInt16.self))
  }
}

@inline(always)
private func pack<Element: FixedWidthInteger>(
  _ weight: UnsafePointer<Element>, _ columns: Int, _ depth: Int, _ pitch: Int, _ step: Int,
  _ panels: UnsafeMutablePointer<Element>
) {
  var output = panels
  var column = 0
  while column < columns {
    let width = panelWidth(column, of: columns)
    let filled = min(width, columns - column)
    for k in 0..<depth {
      for n in 0..<filled { output[n] = weight[(column + n) * pitch + k * step] }
      for n in filled..<width { output[n] = 0 }
      output += width
    }
    column += width
  }
}

func copyRows(
  _ x: UnsafePointer<Float>, rows: Int, depth: Int, pitch: Int, block: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows { copy(x + row * pitch, depth, block + row * Int(reel_panel_depth)) }
}

/// Copies numbers, sixteen at a time.
@inline(always)
func copy(_ source: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
  forEachVector(count) { index, lanes in
    place(load(source + index, first: lanes), target + index, first: lanes)
  }
}

func finish(
  rows: Int, columns: Int, products: UnsafePointer<Float>, pitch: Int, bias: UnsafePointer<Float>?,
  slopes: UnsafePointer<Float>?, activation: ReelActivation, output: UnsafeMutablePointer<Float>,
  outputPitch: Int
) {
  if let slopes { return rectify(rows, columns, products, pitch, bias, slopes, output, outputPitch) }
  switch activation {
  case reel_activation_gelu: finish(rows, columns, products, pitch, bias, output, outputPitch, gelu)
  case reel_activation_gelu_tanh:
    finish(rows, columns, products, pitch, bias, output, outputPitch, geluTanh)
  case reel_activation_silu: finish(rows, columns, products, pitch, bias, output, outputPitch, silu)
  default: finish(rows, columns, products, pitch, bias, output, outputPitch, unchanged)
  }
}

/// products + bias, and what is below 0 times its column's slope.
private func rectify(
  _ rows: Int, _ columns: Int, _ products: UnsafePointer<Float>, _ pitch: Int, _ bias: UnsafePointer<Float>?,
  _ slopes: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ outputPitch: Int
) {
  for row in 0..<rows {
    @inline(always) func result(_ sums: Vector, _ index: Int, _ lanes: Int) -> Vector {
      var x = sums
      if let bias { x += load(bias + index, first: lanes) }
      return x.replacing(with: x * load(slopes + index, first: lanes), where: x .< Vector(repeating: 0))
    }
    map(columns, products + row * pitch, output + row * outputPitch, result)
  }
}

@inline(always)
private func finish(
  _ rows: Int, _ columns: Int, _ products: UnsafePointer<Float>, _ pitch: Int, _ bias: UnsafePointer<Float>?,
  _ output: UnsafeMutablePointer<Float>, _ outputPitch: Int, _ activation: (Vector) -> Vector
) {
  for row in 0..<rows {
    @inline(always) func result(_ sums: Vector, _ index: Int, _ lanes: Int) -> Vector {
      guard let bias else { return activation(sums) }
      return activation(sums + load(bias + index, first: lanes))
    }
    map(columns, products + row * pitch, output + row * outputPitch, result)
  }
}
