// Weighted sums of pixels along rows and of rows: what enlarges and reduces pictures.
//
// Products and sums are rounded one by one, in the order of the samples, so that all CPU levels give the same bits: a
// fused multiply-add would save a fifth of the time, and change films between machines.
import CKernels

func lightOfBytes(
  width: Int, rows: UnsafePointer<UnsafePointer<UInt8>>, light: UnsafePointer<Float>,
  line: UnsafeMutablePointer<Float>
) {
  lightOfCodes(width, rows, light, line)
}

func lightOfShorts(
  width: Int, rows: UnsafePointer<UnsafePointer<UInt16>>, light: UnsafePointer<Float>,
  line: UnsafeMutablePointer<Float>
) {
  lightOfCodes(width, rows, light, line)
}

@inline(always)
private func lightOfCodes<Code: FixedWidthInteger>(
  _ width: Int, _ rows: UnsafePointer<UnsafePointer<Code>>, _ light: UnsafePointer<Float>,
  _ line: UnsafeMutablePointer<Float>
) {
  for row in 0..<4 {
    let pixels = rows[row]
    for x in 0..<width {
      let output = line + 16 * x + 4 * row
      for channel in 0..<3 { output[channel] = light[Int(truncatingIfNeeded: pixels[3 * x + channel])] }
      output[3] = 0
    }
  }
}

func lightOfFloats(
  width: Int, rows: UnsafePointer<UnsafePointer<Float>>, line: UnsafeMutablePointer<Float>
) {
  for row in 0..<4 {
    let pixels = rows[row]
    for x in 0..<width {
      for channel in 0..<4 { line[16 * x + 4 * row + channel] = pixels[4 * x + channel] }
    }
  }
}

func resampleLine(
  width: Int, line: UnsafePointer<Float>, starts: UnsafePointer<Int>, weights: UnsafePointer<Float>,
  terms: Int,
  channels: Int, outputs: UnsafePointer<UnsafeMutablePointer<Float>>
) {
  let (first, second, third, fourth) = (outputs[0], outputs[1], outputs[2], outputs[3])
  var weight = weights
  var place = 0
  for x in 0..<width {
    var sample = line + 16 * starts[x]
    var sum = Vector(repeating: 0)
    for _ in 0..<terms {
      sum += load(sample) * Vector(repeating: weight.pointee)
      sample += 16
      weight += 1
    }
    reel_store_quarters(sum, first + place, second + place, third + place, fourth + place)
    place += channels
  }
}

/// Four vectors of the weighted sum of rows: enough that the additions do not wait for each other.
private struct Sums {
  var parts: (Vector, Vector, Vector, Vector)

  @inline(always)
  init(
    _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ terms: Int, at index: Int
  ) {
    let zero = Vector(repeating: 0)
    parts = (zero, zero, zero, zero)
    for term in 0..<terms {
      let row = rows[term] + index
      let weight = Vector(repeating: weights[term])
      parts.0 += load(row) * weight
      parts.1 += load(row + 16) * weight
      parts.2 += load(row + 32) * weight
      parts.3 += load(row + 48) * weight
    }
  }
}

/// The weighted sum of rows, one vector of it.
@inline(always)
private func sum(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ terms: Int, at index: Int
) -> Vector {
  var sum = Vector(repeating: 0)
  for term in 0..<terms { sum += load(rows[term] + index) * Vector(repeating: weights[term]) }
  return sum
}

/// Calls `body` for all vectors of the weighted sum of rows.
@inline(always)
private func forEachSum(
  _ count: Int, _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ terms: Int,
  _ body: (_ sum: Vector, _ index: Int, _ lanes: Int) -> Void
) {
  var index = 0
  while index + 64 <= count {
    let sums = Sums(rows, weights, terms, at: index)
    body(sums.parts.0, index, 16)
    body(sums.parts.1, index + 16, 16)
    body(sums.parts.2, index + 32, 16)
    body(sums.parts.3, index + 48, 16)
    index += 64
  }
  while index < count {
    body(sum(rows, weights, terms, at: index), index, min(16, count - index))
    index += 16
  }
}

func sumRows(
  count: Int, rows: UnsafePointer<UnsafePointer<Float>>, weights: UnsafePointer<Float>, terms: Int,
  sums: UnsafeMutablePointer<Float>
) {
  @inline(always) func write(_ sum: Vector, _ index: Int, _ lanes: Int) {
    place(sum, sums + index, first: lanes)
  }
  forEachSum(count, rows, weights, terms, write)
}

func sumRowsToBytes(
  count: Int, rows: UnsafePointer<UnsafePointer<Float>>, weights: UnsafePointer<Float>, terms: Int,
  halfways: UnsafePointer<Float>, codes: UnsafeMutablePointer<UInt8>
) {
  @inline(always) func encode(_ sum: Vector, _ index: Int, _ lanes: Int) {
    placeBytes(byteCodes(sum, halfways, guessedCode), codes + index, first: lanes)
  }
  forEachSum(count, rows, weights, terms, encode)
}

func sumRowsToShorts(
  count: Int, rows: UnsafePointer<UnsafePointer<Float>>, weights: UnsafePointer<Float>, terms: Int,
  halfways: UnsafePointer<Float>, codes: UnsafeMutablePointer<UInt16>
) {
  @inline(always) func encode(_ sum: Vector, _ index: Int, _ lanes: Int) {
    placeHalves(shortCodes(sum, halfways), codes + index, first: lanes)
  }
  forEachSum(count, rows, weights, terms, encode)
}
