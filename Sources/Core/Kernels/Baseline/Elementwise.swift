// Loops over single numbers.
import CKernels

/// Applies `function` to sixteen numbers at a time, and to what is left.
@inline(__always)
private func map(
  _ count: Int, _ x: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  _ function: (Vector) -> Vector
) {
  var index = 0
  while index + 16 <= count {
    place(function(load(x + index)), output + index)
    index += 16
  }
  if index < count {
    place(function(load(x + index, first: count - index)), output + index, first: count - index)
  }
}

func activate(
  count: Int, x: UnsafePointer<Float>, activation: ReelActivation, output: UnsafeMutablePointer<Float>
) {
  switch activation {
  case reel_activation_gelu: map(count, x, output) { activated($0, reel_activation_gelu) }
  case reel_activation_gelu_tanh: map(count, x, output) { activated($0, reel_activation_gelu_tanh) }
  case reel_activation_silu: map(count, x, output) { activated($0, reel_activation_silu) }
  default: map(count, x, output) { $0 }
  }
}

func scale(
  count: Int, x: UnsafePointer<Float>, factor: Float, term: Float, output: UnsafeMutablePointer<Float>
) {
  map(count, x, output) { $0 * Vector(repeating: factor) + Vector(repeating: term) }
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

@inline(__always)
private func combine(
  _ count: Int, _ left: UnsafePointer<Float>, _ leftStep: Int, _ right: UnsafePointer<Float>,
  _ rightStep: Int,
  _ output: UnsafeMutablePointer<Float>, _ operation: (Vector, Vector) -> Vector
) {
  if leftStep == 0 {
    let constant = Vector(repeating: left.pointee)
    if rightStep == 0 {
      let result = operation(constant, Vector(repeating: right.pointee))
      return map(count, output, output) { _ in result }
    }
    return map(count, right, output) { operation(constant, $0) }
  }
  if rightStep == 0 {
    let constant = Vector(repeating: right.pointee)
    return map(count, left, output) { operation($0, constant) }
  }
  var index = 0
  while index + 16 <= count {
    place(operation(load(left + index), load(right + index)), output + index)
    index += 16
  }
  if index < count {
    let rest = count - index
    place(
      operation(load(left + index, first: rest), load(right + index, first: rest)), output + index,
      first: rest)
  }
}

func addGated(
  count: Int, x: UnsafePointer<Float>, gate: UnsafePointer<Float>, gateStep: Int,
  sum: UnsafeMutablePointer<Float>
) {
  let constant = Vector(repeating: gate.pointee)
  var index = 0
  while index + 16 <= count {
    let factor = gateStep == 0 ? constant : load(gate + index)
    place(load(sum + index) + load(x + index) * factor, sum + index)
    index += 16
  }
  while index < count {
    sum[index] += x[index] * gate[gateStep == 0 ? 0 : index]
    index += 1
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
