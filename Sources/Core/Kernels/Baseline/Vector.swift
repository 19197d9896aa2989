// Sixteen numbers at a time, whatever the width of the registers: so that sums run in the same order at all levels.

typealias Vector = SIMD16<Float>

/// sum + x·y: rounded once where the CPU can, and twice where it would have to call a function for it.
@inline(always)
func fma(_ sum: Vector, _ x: Vector, _ y: Vector) -> Vector {
  #if REEL_FMA
    sum.addingProduct(x, y)
  #else
    sum + x * y
  #endif
}

@inline(always)
func load(_ address: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
}

/// The first `count` numbers, at most 16, and `rest` in the places beyond.
@inline(always)
func load(_ address: UnsafePointer<Float>, first count: Int, rest: Float = 0) -> Vector {
  if count >= 16 { return load(address) }
  var vector = Vector(repeating: rest)
  for lane in 0..<count { vector[lane] = address[lane] }
  return vector
}

@inline(always)
func place(_ vector: Vector, _ address: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(address).storeBytes(of: vector, as: Vector.self)
}

/// The first `count` numbers, at most 16.
@inline(always)
func place(_ vector: Vector, _ address: UnsafeMutablePointer<Float>, first count: Int) {
  if count >= 16 { return place(vector, address) }
  for lane in 0..<count { address[lane] = vector[lane] }
}

/// Writes a function of the numbers of a row; `index` is the place of the first of (at most) sixteen.
@inline(always)
func map(
  _ count: Int, _ x: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  _ function: (_ numbers: Vector, _ index: Int) -> Vector
) {
  var index = 0
  while index < count {
    place(function(load(x + index, first: count - index), index), output + index, first: count - index)
    index += 16
  }
}

@inline(always)
func greater(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: x .> y) }

@inline(always)
func lesser(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: x .< y) }

/// The sum of all lanes: halves are added to halves.
@inline(always)
func sum(_ x: Vector) -> Float {
  let eight = x.lowHalf + x.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The greatest lane.
@inline(always)
func greatest(_ x: Vector) -> Float {
  let eight = x.lowHalf.replacing(with: x.highHalf, where: x.highHalf .> x.lowHalf)
  let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
  return two.x > two.y ? two.x : two.y
}
