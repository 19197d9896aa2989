// From linear light to the codes of sRGB and BT.709: a guess by a polynomial, and a comparison wherever the guess could be wrong.
import CKernels

/// The nearest of 256 codes for each light; lights outside 0…1 are clipped.
///
/// The guess is off by less than `doubt` at every CPU level, however it is rounded. Where a light lies as near to the
/// boundary between two codes it is compared with the boundary itself, so that all levels give the exact code.
@inline(always)
func byteCodes(
  _ light: Vector, _ halfways: UnsafePointer<Float>, _ guess: (Vector) -> Vector
) -> SIMD16<Int32> {
  let bounded = lesser(greater(light, Vector(repeating: 0)), Vector(repeating: 1))
  let code = guess(bounded) + Vector(repeating: 0.5)
  let whole = reel_truncated(code)
  let middle = code - reel_floats(whole) - Vector(repeating: 0.5)
  let distance = middle.replacing(with: -middle, where: middle .< Vector(repeating: 0))
  if reel_any_exceeds(distance, 0.5 - doubt) != 0 { return compared(whole, bounded, halfways) }
  return whole
}

/// In codes. The guess errs by 0.000127 at most (BT.709: 0.000141), tried for every light; rounded less often, by
/// 0.000096.
private let doubt: Float = 0x1p-12

/// 255 times the sRGB code value of lights from 0 to 1, nearly (IEC 61966-2-1).
///
/// x^(1/2.4) of x = 2ᵉ·m is 2^(5e/12), of which there are ten down to the straight part of the curve, times m^(5/12),
/// a polynomial within 1.7e-7 on 1…2 (Remez).
@inline(always)
func guessedCode(_ x: Vector) -> Vector {
  let (exponent, m) = parts(x)
  var p = Vector(repeating: -0.002_854_706_08)
  p = fma(Vector(repeating: 0.030_927_979), p, m)
  p = fma(Vector(repeating: -0.145_197_736), p, m)
  p = fma(Vector(repeating: 0.390_423_57), p, m)
  p = fma(Vector(repeating: -0.687_737_268), p, m)
  p = fma(Vector(repeating: 1.064_131_46), p, m)
  p = fma(Vector(repeating: 0.350_306_863), p, m)
  let curved = fma(
    Vector(repeating: -14.025), reel_power_of_exponent(reel_transfer_srgb, exponent), p)
  return curved.replacing(with: x * Vector(repeating: 3294.6), where: x .< Vector(repeating: 0.003_130_8))
}

/// 255 times the BT.709 code value of lights from 0 to 1, nearly: as above, with x^0.45 within 1.6e-7.
@inline(always)
private func guessedCodeOfBT709(_ x: Vector) -> Vector {
  let (exponent, m) = parts(x)
  var p = Vector(repeating: -0.002_798_939_6)
  p = fma(Vector(repeating: 0.030_355_042), p, m)
  p = fma(Vector(repeating: -0.142_758_9), p, m)
  p = fma(Vector(repeating: 0.385_153_9), p, m)
  p = fma(Vector(repeating: -0.683_901_5), p, m)
  p = fma(Vector(repeating: 1.098_377_7), p, m)
  p = fma(Vector(repeating: 0.315_572_86), p, m)
  let curved = fma(
    Vector(repeating: -25.245), reel_power_of_exponent(reel_transfer_bt709, exponent), p)
  return curved.replacing(with: x * Vector(repeating: 1147.5), where: x .< Vector(repeating: 0.018))
}

/// The lowest bits of the exponents of numbers from 0 to 1, and what they are multiplied by, from 1 to 2.
@inline(always)
private func parts(_ x: Vector) -> (exponent: SIMD16<Int32>, mantissa: Vector) {
  let bits = unsafeBitCast(x, to: SIMD16<Int32>.self)
  return (
    bits &>> SIMD16<Int32>(repeating: 23) & SIMD16<Int32>(repeating: 15),
    unsafeBitCast(
      bits & SIMD16<Int32>(repeating: 0x7f_ffff) | SIMD16<Int32>(repeating: 0x3f80_0000), to: Vector.self)
  )
}

/// The codes, each of which may be one too low or too high, set right.
@inline(never)
private func compared(
  _ codes: SIMD16<Int32>, _ light: Vector, _ halfways: UnsafePointer<Float>
) -> SIMD16<Int32> {
  var exact = codes
  for lane in 0..<16 {
    let code = Int(codes[lane])
    if code > 0, light[lane] < halfways[code - 1] {
      exact[lane] = Int32(code - 1)
    } else if light[lane] >= halfways[code] {
      exact[lane] = Int32(code + 1)
    }
  }
  return exact
}

func bytesOfLight(
  transfer: Int, count: Int, light: UnsafePointer<Float>, halfways: UnsafePointer<Float>,
  codes: UnsafeMutablePointer<UInt8>
) {
  if transfer == reel_transfer_bt709 {
    bytesOfLight(count, light, halfways, codes, guessedCodeOfBT709)
  } else {
    bytesOfLight(count, light, halfways, codes, guessedCode)
  }
}

@inline(always)
private func bytesOfLight(
  _ count: Int, _ light: UnsafePointer<Float>, _ halfways: UnsafePointer<Float>,
  _ codes: UnsafeMutablePointer<UInt8>, _ guess: (Vector) -> Vector
) {
  @inline(always) func encode(_ index: Int, _ lanes: Int) {
    placeBytes(byteCodes(load(light + index, first: lanes), halfways, guess), codes + index, first: lanes)
  }
  forEachVector(count, encode)
}

/// As ``byteCodes(_:_:_:)`` for 65536 codes, where every light is compared: 257 times finer, no guess is beyond doubt.
@inline(always)
func shortCodes(_ light: Vector, _ halfways: UnsafePointer<Float>) -> SIMD16<Int32> {
  let bounded = lesser(greater(light, Vector(repeating: 0)), Vector(repeating: 1))
  return compared(
    reel_truncated(guessedCode(bounded) * Vector(repeating: 257) + Vector(repeating: 0.5)), bounded, halfways)
}
