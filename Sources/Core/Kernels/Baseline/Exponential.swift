// eˣ and the functions made of it, sixteen numbers at a time.

/// eˣ within 1 ulp: 2ⁿ·eʳ with |r| ≤ ½ ln 2, and eʳ by the polynomial of Cephes' `expf`.
///
/// Below −87.3 the result is 0, so e^−∞ = 0; above 88.3 it stays at e^88.3.
@inline(always)
func exponential(_ x: Vector) -> Vector {
  let bounded = lesser(greater(x, Vector(repeating: -87.3)), Vector(repeating: 88.3))
  // Added to 1.5·2²³, a number is rounded to a whole one, which then lies in the lowest bits.
  let magic = Vector(repeating: 0x1.8p23)
  let shifted = fma(magic, bounded, Vector(repeating: 1.442_695_04))
  let n = shifted - magic
  // ln 2 in two parts, the first of which n multiplies exactly.
  var r = fma(bounded, n, Vector(repeating: -0.693_359_375))
  r = fma(r, n, Vector(repeating: 2.121_944_4e-4))
  var p = Vector(repeating: 1.987_569_15e-4)
  p = fma(Vector(repeating: 1.398_199_950_7e-3), p, r)
  p = fma(Vector(repeating: 8.333_451_907_3e-3), p, r)
  p = fma(Vector(repeating: 4.166_579_589_4e-2), p, r)
  p = fma(Vector(repeating: 1.666_666_545_9e-1), p, r)
  p = fma(Vector(repeating: 5.000_000_120_1e-1), p, r)
  p = fma(r, p, r * r) + Vector(repeating: 1)
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< SIMD16<Int32>(repeating: 23)
  let result = unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: Vector.self)
  return result.replacing(with: Vector(repeating: 0), where: x .< Vector(repeating: -87.3))
}

/// erf x within 1e-6: a rational function of x², as in Eigen.
@inline(always)
func errorFunction(_ x: Vector) -> Vector {
  let bound = Vector(repeating: 3.832_506_9)
  let t = lesser(greater(x, Vector(repeating: -3.832_506_9)), bound)
  let t2 = t * t
  var p = Vector(repeating: 2.290_506_6e-4)
  p = fma(Vector(repeating: 3.408_291_0e-3), p, t2)
  p = fma(Vector(repeating: 5.095_569_5e-2), p, t2)
  p = fma(Vector(repeating: 1.852_083_2e-1), p, t2)
  p = fma(Vector(repeating: 1.128_379_1), p, t2)
  var q = Vector(repeating: -1.179_160_3e-7)
  q = fma(Vector(repeating: 2.354_796_6e-5), q, t2)
  q = fma(Vector(repeating: 1.017_962_5e-3), q, t2)
  q = fma(Vector(repeating: 1.407_047_0e-2), q, t2)
  q = fma(Vector(repeating: 1.109_850_5e-1), q, t2)
  q = fma(Vector(repeating: 4.974_692_5e-1), q, t2)
  q = fma(Vector(repeating: 1), q, t2)
  return t * p / q
}

/// x·½(1 + erf(x/√2)).
@inline(always)
func gelu(_ x: Vector) -> Vector {
  let half = Vector(repeating: 0.5) * x
  return fma(half, half, errorFunction(x * Vector(repeating: 0.707_106_78)))
}

/// ½x(1 + tanh u) = x/(1 + e^−2u) with u = √(2/π)(x + 0.044715x³).
@inline(always)
func geluTanh(_ x: Vector) -> Vector {
  let sum = fma(x, Vector(repeating: 0.044_715) * x, x * x)
  return x / (Vector(repeating: 1) + exponential(Vector(repeating: -1.595_769_1) * sum))
}

@inline(always)
func silu(_ x: Vector) -> Vector { x / (Vector(repeating: 1) + exponential(-x)) }

@inline(always)
func unchanged(_ x: Vector) -> Vector { x }
