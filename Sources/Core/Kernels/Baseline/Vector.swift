// Sixteen numbers at a time, whatever the width of the registers: so that sums run in the same order at all levels.
import CKernels

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
  reel_load(address)
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
  reel_store(vector, address)
}

/// The first `count` numbers, at most 16.
@inline(always)
func place(_ vector: Vector, _ address: UnsafeMutablePointer<Float>, first count: Int) {
  if count >= 16 { return place(vector, address) }
  for lane in 0..<count { address[lane] = vector[lane] }
}

/// The lowest byte of the first `count` whole numbers, at most 16.
@inline(always)
func placeBytes(_ numbers: ReelInts, _ address: UnsafeMutablePointer<UInt8>, first count: Int) {
  if count >= 16 { return reel_store_lowest(numbers, address) }
  for lane in 0..<count { address[lane] = UInt8(truncatingIfNeeded: numbers[lane]) }
}

/// The lower 16 bits of them.
@inline(always)
func placeHalves(_ numbers: ReelInts, _ address: UnsafeMutablePointer<UInt16>, first count: Int) {
  if count >= 16 { return reel_store_halves(numbers, address) }
  for lane in 0..<count { address[lane] = UInt16(truncatingIfNeeded: numbers[lane]) }
}

/// Calls `body` for the places 0, 16, 32… below `count`, with the number of lanes that lie below it.
@inline(always)
func forEachVector(_ count: Int, _ body: (_ index: Int, _ lanes: Int) -> Void) {
  var index = 0
  while index + 16 <= count {
    body(index, 16)
    index += 16
  }
  if index < count { body(index, count - index) }
}

/// Writes a function of the numbers of a row; `index` is the place of the first of the `lanes`.
@inline(always)
func map(
  _ count: Int, _ x: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  _ function: (_ numbers: Vector, _ index: Int, _ lanes: Int) -> Vector
) {
  forEachVector(count) { index, lanes in
    place(function(load(x + index, first: lanes), index, lanes), output + index, first: lanes)
  }
}

@inline(always)
func greater(_ x: Vector, _ y: Vector) -> Vector { reel_greater(x, y) }

@inline(always)
func lesser(_ x: Vector, _ y: Vector) -> Vector { reel_lesser(x, y) }

// The standard library's are generic: a copy of one level's instructions would be found by the others' modules.

@inline(always)
func min(_ x: Int, _ y: Int) -> Int { x < y ? x : y }

@inline(always)
func max(_ x: Int, _ y: Int) -> Int { x > y ? x : y }

@inline(always)
func max(_ x: Float, _ y: Float) -> Float { x > y ? x : y }
