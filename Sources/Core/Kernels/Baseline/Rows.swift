// Rows before and after a product: weights into panels, factors into blocks, sums into results.
import CKernels

/// The width of the panel that starts at `column` of `columns`: full, or the rest as a multiple of 16.
@inline(__always)
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

@inline(__always)
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
@inline(__always)
func copy(_ source: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
  var index = 0
  while index + 16 <= count {
    place(load(source + index), target + index)
    index += 16
  }
  while index < count {
    target[index] = source[index]
    index += 1
  }
}

func finish(
  rows: Int, columns: Int, products: UnsafePointer<Float>, pitch: Int, bias: UnsafePointer<Float>?,
  activation: ReelActivation, output: UnsafeMutablePointer<Float>, outputPitch: Int
) {
  switch activation {
  case reel_activation_gelu:
    finish(rows, columns, products, pitch, bias, output, outputPitch) { activated($0, reel_activation_gelu) }
  case reel_activation_gelu_tanh:
    finish(rows, columns, products, pitch, bias, output, outputPitch) {
      activated($0, reel_activation_gelu_tanh)
    }
  case reel_activation_silu:
    finish(rows, columns, products, pitch, bias, output, outputPitch) { activated($0, reel_activation_silu) }
  default: finish(rows, columns, products, pitch, bias, output, outputPitch) { $0 }
  }
}

@inline(__always)
private func finish(
  _ rows: Int, _ columns: Int, _ products: UnsafePointer<Float>, _ pitch: Int, _ bias: UnsafePointer<Float>?,
  _ output: UnsafeMutablePointer<Float>, _ outputPitch: Int, _ activation: (Vector) -> Vector
) {
  var column = 0
  while column < columns {
    let count = min(16, columns - column)
    var term = Vector(repeating: 0)
    if let bias { term = count == 16 ? load(bias + column) : load(bias + column, first: count) }
    for row in 0..<rows {
      let result = activation(load(products + row * pitch + column) + term)
      let target = output + row * outputPitch + column
      if count == 16 { place(result, target) } else { place(result, target, first: count) }
    }
    column += 16
  }
}
