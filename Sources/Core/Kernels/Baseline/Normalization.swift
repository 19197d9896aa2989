// Norms and softmax over rows: the row is read into sums of sixteen lanes, which are added in a fixed order.
import CKernels

/// The sum over a row of a function of its numbers; `rest` stands in the places beyond its end.
@inline(always)
private func total(
  _ x: UnsafePointer<Float>, _ width: Int, rest: Float = 0, _ term: (Vector) -> Vector
) -> Float {
  var sums = Vector(repeating: 0)
  forEachVector(width) { index, lanes in sums += term(load(x + index, first: lanes, rest: rest)) }
  return reel_sum(sums)
}

/// A part of a row of parameters, or `missing` where there are none.
@inline(always)
private func parameter(_ row: UnsafePointer<Float>?, _ index: Int, _ lanes: Int, missing: Float) -> Vector {
  guard let row else { return Vector(repeating: missing) }
  return load(row + index, first: lanes)
}

/// The mean of a row, and 1/√(variance + ε).
@inline(always)
private func moments(_ x: UnsafePointer<Float>, _ width: Int, _ epsilon: Float) -> (
  mean: Vector, factor: Vector
) {
  let mean = total(x, width, unchanged) / Float(width)
  let center = Vector(repeating: mean)
  @inline(always) func squaredDeviation(_ value: Vector) -> Vector { (value - center) * (value - center) }
  let variance = total(x, width, rest: mean, squaredDeviation) / Float(width)
  return (center, Vector(repeating: 1 / (variance + epsilon).squareRoot()))
}

@inline(always)
private func square(_ value: Vector) -> Vector { value * value }

func layerNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
  bias: UnsafePointer<Float>?, epsilon: Float, output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (mean, factor) = moments(x + row * width, width, epsilon)
    @inline(always) func result(_ value: Vector, _ index: Int, _ lanes: Int) -> Vector {
      (value - mean) * factor * parameter(weight, index, lanes, missing: 1)
        + parameter(bias, index, lanes, missing: 0)
    }
    map(width, x + row * width, output + row * width, result)
  }
}

func modulatedNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, scale: UnsafePointer<Float>, scalePitch: Int,
  shift: UnsafePointer<Float>, shiftPitch: Int, epsilon: Float, output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (mean, factor) = moments(x + row * width, width, epsilon)
    let (scale, shift) = (scale + row * scalePitch, shift + row * shiftPitch)
    @inline(always) func result(_ value: Vector, _ index: Int, _ lanes: Int) -> Vector {
      (value - mean) * factor * (Vector(repeating: 1) + parameter(scale, index, lanes, missing: 0))
        + parameter(shift, index, lanes, missing: 0)
    }
    map(width, x + row * width, output + row * width, result)
  }
}

func rmsNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>?, epsilon: Float,
  output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let meanSquare = total(x + row * width, width, square) / Float(width)
    let factor = Vector(repeating: 1 / (meanSquare + epsilon).squareRoot())
    @inline(always) func result(_ value: Vector, _ index: Int, _ lanes: Int) -> Vector {
      value * factor * parameter(weight, index, lanes, missing: 1)
    }
    map(width, x + row * width, output + row * width, result)
  }
}

func channelNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, gamma: UnsafePointer<Float>, activation: ReelActivation,
  output: UnsafeMutablePointer<Float>
) {
  let root = Float(width).squareRoot()
  for row in 0..<rows {
    let length = total(x + row * width, width, square).squareRoot()
    let factor = Vector(repeating: root / max(length, 1e-12))
    @inline(always) func scaled(_ value: Vector, _ index: Int, _ lanes: Int) -> Vector {
      value * factor * parameter(gamma, index, lanes, missing: 0)
    }
    @inline(always) func scaledSilu(_ value: Vector, _ index: Int, _ lanes: Int) -> Vector {
      silu(scaled(value, index, lanes))
    }
    let (input, result) = (x + row * width, output + row * width)
    if activation == reel_activation_silu {
      map(width, input, result, scaledSilu)
    } else {
      map(width, input, result, scaled)
      activate(count: width, x: result, activation: activation, output: result)
    }
  }
}

func softmax(rows: Int, width: Int, x: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
  for row in 0..<rows {
    let (input, result) = (x + row * width, output + row * width)
    var peak = Vector(repeating: -.infinity)
    @inline(always) func climb(_ index: Int, _ lanes: Int) {
      peak = greater(load(input + index, first: lanes, rest: -.infinity), peak)
    }
    forEachVector(width, climb)
    let origin = Vector(repeating: reel_greatest(peak))
    var sums = Vector(repeating: 0)
    @inline(always) func weigh(_ index: Int, _ lanes: Int) {
      // The places beyond the row's end weigh nothing.
      let weight = exponential(load(input + index, first: lanes, rest: -.infinity) - origin)
      place(weight, result + index, first: lanes)
      sums += weight
    }
    forEachVector(width, weigh)
    let factor = Vector(repeating: 1 / reel_sum(sums))
    @inline(always) func normalized(_ weight: Vector, _ index: Int, _ lanes: Int) -> Vector {
      weight * factor
    }
    map(width, result, result, normalized)
  }
}
