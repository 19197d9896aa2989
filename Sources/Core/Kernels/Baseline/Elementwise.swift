// Loops over single numbers.
import CKernels

func activate(
  count: Int, x: UnsafePointer<Float>, activation: ReelActivation, output: UnsafeMutablePointer<Float>
) {
  switch activation {
  case reel_activation_gelu: map(count, x, output) { x, _ in gelu(x) }
  case reel_activation_gelu_tanh: map(count, x, output) { x, _ in geluTanh(x) }
  case reel_activation_silu: map(count, x, output) { x, _ in silu(x) }
  default: copy(x, count, output)
  }
}

func scale(
  count: Int, x: UnsafePointer<Float>, factor: Float, term: Float, output: UnsafeMutablePointer<Float>
) {
  map(count, x, output) { x, _ in x * Vector(repeating: factor) + Vector(repeating: term) }
}

func combine(
  operation: ReelOperation, count: Int, left: UnsafePointer<Float>, leftStep: Int,
  right: UnsafePointer<Float>,
  rightStep: Int, output: UnsafeMutablePointer<Float>
) {
  switch operation {
  case reel_operation_add: combine(count, left, leftStep, right, rightStep, output) { $0 + $1 }
  case reel_operation_subtract: combine(count, left, leftStep, right, rightStep, output) { $0 - $1 }
  case reel_operation_multiply: combine(count, left, leftStep, right, rightStep, output) { $0 * $1 }
  default: combine(count, left, leftStep, right, rightStep, output) { $0 / $1 }
  }
}

@inline(always)
private func combine(
  _ count: Int, _ left: UnsafePointer<Float>, _ leftStep: Int, _ right: UnsafePointer<Float>,
  _ rightStep: Int,
  _ output: UnsafeMutablePointer<Float>, _ operation: (Vector, Vector) -> Vector
) {
  let (leftConstant, rightConstant) = (Vector(repeating: left.pointee), Vector(repeating: right.pointee))
  var index = 0
  while index < count {
    let a = leftStep == 0 ? leftConstant : load(left + index, first: count - index)
    let b = rightStep == 0 ? rightConstant : load(right + index, first: count - index)
    place(operation(a, b), output + index, first: count - index)
    index += 16
  }
}

func addGated(
  count: Int, x: UnsafePointer<Float>, gate: UnsafePointer<Float>, gateStep: Int,
  sum: UnsafeMutablePointer<Float>
) {
  let constant = Vector(repeating: gate.pointee)
  var index = 0
  while index < count {
    let rest = count - index
    let factor = gateStep == 0 ? constant : load(gate + index, first: rest)
    place(load(sum + index, first: rest) + load(x + index, first: rest) * factor, sum + index, first: rest)
    index += 16
  }
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
