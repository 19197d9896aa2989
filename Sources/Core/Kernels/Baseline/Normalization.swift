// Norms and softmax over rows: the row is read into sums of sixteen lanes, which are added in a fixed order.
import CKernels

/// The sum over a row of a function of its numbers; `rest` stands in the places beyond its end.
@inline(always)
private func total(
  _ x: UnsafePointer<Float>, _ width: Int, rest: Float = 0, _ term: (Vector) -> Vector
) -> Float {
  var sums = Vector(repeating: 0)
  var index = 0
  while index < width {
    sums += term(load(x + index, first: width - index, rest: rest))
    index += 16
  }
  return sum(sums)
}

/// A part of a row of parameters, or `missing` where there are none.
@inline(always)
private func parameter(_ row: UnsafePointer<Float>?, _ index: Int, _ width: Int, missing: Float) -> Vector {
  guard let row else { return Vector(repeating: missing) }
  return load(row + index, first: width - index)
}

/// The mean of a row, and 1/√(variance + ε).
@inline(always)
private func moments(_ x: UnsafePointer<Float>, _ width: Int, _ epsilon: Float) -> (
  mean: Vector, factor: Vector
) {
  let mean = total(x, width) { $0 } / Float(width)
  let center = Vector(repeating: mean)
  let variance =
    total(x, width, rest: mean) {
      let deviation = $0 - center
      return deviation * deviation
    } / Float(width)
  return (center, Vector(repeating: 1 / (variance + epsilon).squareRoot()))
}

func layerNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
  bias: UnsafePointer<Float>?, epsilon: Float, output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (mean, factor) = moments(x + row * width, width, epsilon)
    map(width, x + row * width, output + row * width) { value, index in
      (value - mean) * factor * parameter(weight, index, width, missing: 1)
        + parameter(bias, index, width, missing: 0)
    }
  }
}

func modulatedNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, scale: UnsafePointer<Float>, scalePitch: Int,
  shift: UnsafePointer<Float>, shiftPitch: Int, epsilon: Float, output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let (mean, factor) = moments(x + row * width, width, epsilon)
    let (scale, shift) = (scale + row * scalePitch, shift + row * shiftPitch)
    map(width, x + row * width, output + row * width) { value, index in
      (value - mean) * factor * (Vector(repeating: 1) + parameter(scale, index, width, missing: 0))
        + parameter(shift, index, width, missing: 0)
    }
  }
}

func rmsNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>?, epsilon: Float,
  output: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let meanSquare = total(x + row * width, width) { $0 * $0 } / Float(width)
    let factor = Vector(repeating: 1 / (meanSquare + epsilon).squareRoot())
    map(width, x + row * width, output + row * width) { value, index in
      value * factor * parameter(weight, index, width, missing: 1)
    }
  }
}

func channelNorm(
  rows: Int, width: Int, x: UnsafePointer<Float>, gamma: UnsafePointer<Float>, activation: ReelActivation,
  output: UnsafeMutablePointer<Float>
) {
  let root = Float(width).squareRoot()
  for row in 0..<rows {
    let length = total(x + row * width, width) { $0 * $0 }.squareRoot()
    let factor = Vector(repeating: root / max(length, 1e-12))
    let (input, result) = (x + row * width, output + row * width)
    if activation == reel_activation_silu {
      map(width, input, result) { value, index in
        silu(value * factor * parameter(gamma, index, width, missing: 0))
      }
    } else {
      map(width, input, result) { value, index in value * factor * parameter(gamma, index, width, missing: 0)
      }
      activate(count: width, x: result, activation: activation, output: result)
    }
  }
}

func softmax(rows: Int, width: Int, x: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
  for row in 0..<rows {
    let (input, result) = (x + row * width, output + row * width)
    var peak = Vector(repeating: -.infinity)
    var index = 0
    while index < width {
      peak = greater(load(input + index, first: width - index, rest: -.infinity), peak)
      index += 16
    }
    let origin = Vector(repeating: greatest(peak))
    map(width, input, result) { value, _ in exponential(value - origin) }
    let factor = Vector(repeating: 1 / total(result, width) { $0 })
    map(width, result, result) { value, _ in value * factor }
  }
}
