// Rows before and after a product: weights into panels, factors into blocks, sums into results.
import CKernels

/// The width of the panel that starts at `column` of `columns`: full, or the rest as a multiple of 16.
@inline(always)
func panelWidth(_ column: Int, of columns: Int) -> Int {
  min(panelColumns, (columns - column + 15) / 16 * 16)
}

// MARK: panels

func packPanels(
  size: Int, weight: UnsafeRawPointer, columns: Int, depth: Int, pitch: Int, step: Int,
  panels: UnsafeMutableRawPointer
) {
  if size == 4 {
    packWords(
      weight.assumingMemoryBound(to: Float.self), columns, depth, pitch, step,
      panels.assumingMemoryBound(to: Float.self))
  } else {
    pack(
      weight.assumingMemoryBound(to: UInt16.self), columns, depth, pitch, step,
      panels.assumingMemoryBound(to: UInt16.self))
  }
}

/// Sixteen columns by sixteen words are turned in registers where a column lies along its words, and copied where the
/// columns lie side by side; what is left over goes one by one.
private func packWords(
  _ weight: UnsafePointer<Float>, _ columns: Int, _ depth: Int, _ pitch: Int, _ step: Int,
  _ panels: UnsafeMutablePointer<Float>
) {
  var column = 0
  while column < columns {
    let width = panelWidth(column, of: columns)
    let filled = min(width, columns - column)
    let (lanes, words) = (filled / 16 * 16, depth / 16 * 16)
    let (source, target) = (weight + column * pitch, panels + column * depth)
    if step == 1 {
      var k = 0
      while k < words {
        var lane = 0
        while lane < lanes {
          reel_transpose(source + (lane * pitch + k), pitch, target + (k * width + lane), width)
          lane += 16
        }
        k += 16
      }
      pack(source, words, depth, 0, lanes, pitch, step, target, width)
      pack(source, 0, depth, lanes, filled, pitch, step, target, width)
    } else if pitch == 1 {
      for k in 0..<depth { copy(source + k * step, filled, target + k * width) }
    } else {
      pack(source, 0, depth, 0, filled, pitch, step, target, width)
    }
    if filled < width {
      for k in 0..<depth { clear(target + (k * width + filled), width - filled) }
    }
    column += width
  }
}

/// Some words and some lanes of a panel.
private func pack(
  _ source: UnsafePointer<Float>, _ firstWord: Int, _ endWord: Int, _ firstLane: Int, _ endLane: Int,
  _ pitch: Int, _ step: Int, _ panel: UnsafeMutablePointer<Float>, _ width: Int
) {
  for k in firstWord..<endWord {
    for lane in firstLane..<endLane { panel[k * width + lane] = source[lane * pitch + k * step] }
  }
}

/// The panels of the columns of [depth, columns], rounded to bfloat16: words are pairs along the depth.
func packPairs(
  _ x: UnsafePointer<Float>, columns: Int, depth: Int, pitch: Int, panels: UnsafeMutablePointer<Float>
) {
  var output = panels
  var column = 0
  while column < columns {
    let width = panelWidth(column, of: columns)
    var k = 0
    while k < depth {
      var lane = 0
      while lane < width {
        let count = max(0, min(16, columns - column - lane))
        let source = x + (k * pitch + column + lane)
        let lower = reel_round_bfloat16(load(source, first: count))
        let upper =
          k + 1 < depth
          ? reel_round_bfloat16(load(source + pitch, first: count)) : ReelInts(repeating: 0)
        place(unsafeBitCast(lower | (upper &<< ReelInts(repeating: 16)), to: Vector.self), output)
        output += 16
        lane += 16
      }
      k += 2
    }
    column += width
  }
}

/// Numbers of 16 bits.
private func pack(
  _ weight: UnsafePointer<UInt16>, _ columns: Int, _ depth: Int, _ pitch: Int, _ step: Int,
  _ panels: UnsafeMutablePointer<UInt16>
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

// MARK: factors of fewer bits

func roundRows(
  rows: Int, width: Int, x: UnsafePointer<Float>, pitch: Int, words: Int,
  output: UnsafeMutablePointer<Float>, outputPitch: Int
) {
  for row in 0..<rows {
    let target = UnsafeMutableRawPointer(output + row * outputPitch).assumingMemoryBound(to: UInt16.self)
    roundRow(x + row * pitch, width, target)
    for index in width..<words * 2 { target[index] = 0 }
  }
}

/// To bfloat16, to the nearest even.
@inline(always)
func roundRow(_ x: UnsafePointer<Float>, _ count: Int, _ output: UnsafeMutablePointer<UInt16>) {
  @inline(always) func round(_ index: Int, _ lanes: Int) {
    placeHalves(reel_round_bfloat16(load(x + index, first: lanes)), output + index, first: lanes)
  }
  forEachVector(count, round)
}

func byteScales(
  rows: Int, width: Int, x: UnsafePointer<Float>, scales: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    var greatest = Vector(repeating: 0)
    @inline(always) func climb(_ index: Int, _ lanes: Int) {
      let value = load(x + (row * width + index), first: lanes)
      greatest = greater(greater(value, -value), greatest)
    }
    forEachVector(width, climb)
    scales[row] = reel_greatest(greatest) / 127
  }
}

func quantizeRows(
  rows: Int, width: Int, x: UnsafePointer<Float>, pitch: Int, scales: UnsafePointer<Float>, offset: Int32,
  words: Int, output: UnsafeMutablePointer<Float>, outputPitch: Int
) {
  // Added to 1.5·2²³, a number is rounded to a whole one, which then lies in the lowest bits.
  let magic = Vector(repeating: Float(0x1.8p23) + Float(offset))
  for row in 0..<rows {
    let factor = Vector(repeating: scales[row] > 0 ? 1 / scales[row] : 0)
    let input = x + row * pitch
    let target = UnsafeMutableRawPointer(output + row * outputPitch).assumingMemoryBound(to: UInt8.self)
    @inline(always) func quantize(_ index: Int, _ lanes: Int) {
      let bytes = unsafeBitCast(load(input + index, first: lanes) * factor + magic, to: ReelInts.self)
      placeBytes(bytes, target + index, first: lanes)
    }
    forEachVector(width, quantize)
    // What stands for 0, so that it adds what the columns' terms take away.
    for index in width..<words * 4 { target[index] = UInt8(truncatingIfNeeded: offset) }
  }
}

// MARK: rows

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

// MARK: what becomes of products

func finish(
  rows: Int, columns: Int, products: UnsafePointer<Float>, pitch: Int, epilogue: ReelEpilogue,
  output: UnsafeMutablePointer<Float>, outputPitch: Int
) {
  if let slopes = epilogue.slopes {
    @inline(always) func rectified(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector {
      x.replacing(with: x * load(slopes + index, first: lanes), where: x .< Vector(repeating: 0))
    }
    return finish(rows, columns, products, pitch, epilogue, output, outputPitch, rectified)
  }
  switch epilogue.activation {
  case reel_activation_gelu: finish(rows, columns, products, pitch, epilogue, output, outputPitch, gelu)
  case reel_activation_gelu_tanh:
    finish(rows, columns, products, pitch, epilogue, output, outputPitch, geluTanh)
  case reel_activation_silu: finish(rows, columns, products, pitch, epilogue, output, outputPitch, silu)
  default: finish(rows, columns, products, pitch, epilogue, output, outputPitch, unchanged)
  }
}

@inline(always) private func gelu(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector { gelu(x) }
@inline(always) private func geluTanh(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector { geluTanh(x) }
@inline(always) private func silu(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector { silu(x) }
@inline(always) private func unchanged(_ x: Vector, _ index: Int, _ lanes: Int) -> Vector { x }

@inline(always)
private func finish(
  _ rows: Int, _ columns: Int, _ products: UnsafePointer<Float>, _ pitch: Int, _ epilogue: ReelEpilogue,
  _ output: UnsafeMutablePointer<Float>, _ outputPitch: Int,
  _ activation: (_ x: Vector, _ index: Int, _ lanes: Int) -> Vector
) {
  for row in 0..<rows {
    @inline(always) func result(_ numbers: Vector, _ index: Int, _ lanes: Int) -> Vector {
      var x = activation(numbers, index, lanes)
      guard let residual = epilogue.residual else { return x }
      if let gate = epilogue.gate { x *= load(gate + (row * epilogue.gate_pitch + index), first: lanes) }
      return load(residual + (row * epilogue.residual_pitch + index), first: lanes) + x
    }
    map(columns, products + row * pitch, output + row * outputPitch, result)
  }
}
