// Sixteen numbers at a time, whatever the width of the registers: so that sums run in the same order at all levels.

typealias Vector = SIMD16<Float>

/// sum + x·y: rounded once where the CPU can, and twice where it would have to call a function for it.
@inline(__always)
func fma(_ sum: Vector, _ x: Vector, _ y: Vector) -> Vector {
  #if REEL_FMA
    sum.addingProduct(x, y)
  #else
    sum + x * y
  #endif
}

@inline(__always)
func load(_ address: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
}

/// The first `count` numbers, 0 < count < 16, and `rest` in the other places.
@inline(__always)
func load(_ address: UnsafePointer<Float>, first count: Int, rest: Float = 0) -> Vector {
  var vector = Vector(repeating: rest)
  for lane in 0..<count { vector[lane] = address[lane] }
  return vector
}

@inline(__always)
func place(_ vector: Vector, _ address: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(address).storeBytes(of: vector, as: Vector.self)
}

@inline(__always)
func place(_ vector: Vector, _ address: UnsafeMutablePointer<Float>, first count: Int) {
  for lane in 0..<count { address[lane] = vector[lane] }
}

@inline(__always)
func greater(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: x .> y) }

@inline(__always)
func lesser(_ x: Vector, _ y: Vector) -> Vector { y.replacing(with: x, where: x .< y) }

/// The sum of all lanes: halves are added to halves.
@inline(__always)
func sum(_ x: Vector) -> Float {
  let eight = x.lowHalf + x.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The greatest lane.
@inline(__always)
func greatest(_ x: Vector) -> Float {
  let eight = x.lowHalf.replacing(with: x.highHalf, where: x.highHalf .> x.lowHalf)
  let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
  return two.x > two.y ? two.x : two.y
}
