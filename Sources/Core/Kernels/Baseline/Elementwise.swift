// Loops over single numbers.
import CKernels

func activate(
  count: Int, x: UnsafePointer<Float>, activation: ReelActivation, output: UnsafeMutablePointer<Float>
) {
  switch activation {
  case reel_activation_gelu: map(count, x, output, gelu)
  case reel_activation_gelu_tanh: map(count, x, output, geluTanh)
  case reel_activation_silu: map(count, x, output, silu)
  default: copy(x, count, output)
  }
}

/// Writes a function of each number.
@inline(always)
private func map(
  _ count: Int, _ x: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  _ function: (Vector) -> Vector
) {
  forEachVector(count) { index, lanes in
    place(function(load(x + index, first: lanes)), output + index, first: lanes)
  }
}

func scale(
  count: Int, x: UnsafePointer<Float>, factor: Float, term: Float, output: UnsafeMutablePointer<Float>
) {
  @inline(always) func scaled(_ x: Vector) -> Vector {
    x * Vector(repeating: factor) + Vector(repeating: term)
  }
  map(count, x, output, scaled)
}

@inline(always) private func sum(_ x: Vector, _ y: Vector) -> Vector { x + y }
@inline(always) private func difference(_ x: Vector, _ y: Vector) -> Vector { x - y }
@inline(always) private func product(_ x: Vector, _ y: Vector) -> Vector { x * y }
@inline(always) private func quotient(_ x: Vector, _ y: Vector) -> Vector { x / y }

func combine(
  operation: ReelOperation, count: Int, left: UnsafePointer<Float>, leftStep: Int,
  right: UnsafePointer<Float>,
  rightStep: Int, output: UnsafeMutablePointer<Float>
) {
  switch operation {
  case reel_operation_add: combine(count, left, leftStep, right, rightStep, output, sum)
  case reel_operation_subtract: combine(count, left, leftStep, right, rightStep, output, difference)
  case reel_operation_multiply: combine(count, left, leftStep, right, rightStep, output, product)
  default: combine(count, left, leftStep, right, rightStep, output, quotient)
  }
}

@inline(always)
private func combine(
  _ count: Int, _ left: UnsafePointer<Float>, _ leftStep: Int, _ right: UnsafePointer<Float>,
  _ rightStep: Int,
  _ output: UnsafeMutablePointer<Float>, _ operation: (Vector, Vector) -> Vector
) {
  let (leftConstant, rightConstant) = (Vector(repeating: left.pointee), Vector(repeating: right.pointee))
  @inline(always) func combine(_ index: Int, _ lanes: Int) {
    let a = leftStep == 0 ? leftConstant : load(left + index, first: lanes)
    let b = rightStep == 0 ? rightConstant : load(right + index, first: lanes)
    place(operation(a, b), output + index, first: lanes)
  }
  forEachVector(count, combine)
}

func addGated(
  count: Int, x: UnsafePointer<Float>, gate: UnsafePointer<Float>, gateStep: Int,
  sum: UnsafeMutablePointer<Float>
) {
  let constant = Vector(repeating: gate.pointee)
  @inline(always) func add(_ index: Int, _ lanes: Int) {
    let factor = gateStep == 0 ? constant : load(gate + index, first: lanes)
    place(load(sum + index, first: lanes) + load(x + index, first: lanes) * factor, sum + index, first: lanes)
  }
  forEachVector(count, add)
}

func rotate(
  heads: Int, pairs: Int, x: UnsafePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>,
  output: UnsafeMutablePointer<Float>
) {
  for head in 0..<heads {
    let (input, result) = (x + head * pairs * 2, output + head * pairs * 2)
    for pair in 0..<pairs {
      let (a, b) = (input[2 * pair], input[2 * pair + 1])
      result[2 * pair] = a * cosines[pair] - b * sines[pair]
      result[2 * pair + 1] = a * sines[pair] + b * cosines[pair]
    }
  }
}
