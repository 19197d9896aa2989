// Between RGB and Y′CbCr of BT.709 in limited range, every value exact and rounded half up once.
import CKernels

private typealias Pairs = SIMD32<Int16>
private typealias Ints = SIMD16<Int32>

/// The same two numbers in all pairs.
@inline(always)
private func pairs(_ first: Int32, _ second: Int32) -> Pairs {
  unsafeBitCast(Ints(repeating: first & 0xffff | second << 16), to: Pairs.self)
}

@inline(always)
private func ints(_ number: Int32) -> Ints { Ints(repeating: number) }

func yuvRows(
  width: Int, upper: UnsafePointer<UInt8>, lower: UnsafePointer<UInt8>,
  upperLuma: UnsafeMutablePointer<UInt8>,
  lowerLuma: UnsafeMutablePointer<UInt8>, blues: UnsafeMutablePointer<UInt8>,
  reds: UnsafeMutablePointer<UInt8>
) {
  let block = Int(reel_yuv_block)
  var x = 0
  while true {
    let (first, second) = (Sixteen(upper + 3 * x), Sixteen(upper + 3 * x + 48))
    reel_store_lowest(first.luma, upperLuma + x)
    reel_store_lowest(second.luma, upperLuma + x + 16)
    var (firstColumns, secondColumns) = (first, second)
    if lower == upper {
      firstColumns.add(first)
      secondColumns.add(second)
    } else {
      let (firstBelow, secondBelow) = (Sixteen(lower + 3 * x), Sixteen(lower + 3 * x + 48))
      reel_store_lowest(firstBelow.luma, lowerLuma + x)
      reel_store_lowest(secondBelow.luma, lowerLuma + x + 16)
      firstColumns.add(firstBelow)
      secondColumns.add(secondBelow)
    }
    // The picture's first column stands in for the one before it.
    let left = 3 * max(x - 1, 0)
    let sums = Sixteen(
      left: Sixteen(column: upper + left, lower + left), firstColumns, secondColumns)
    reel_store_lowest(sums.blueDifference, blues + x / 2)
    reel_store_lowest(sums.redDifference, reds + x / 2)
    if x == width - block { return }
    // The last block overlaps the one before: the same values are written again.
    x = min(x + block, width - block)
  }
}

/// Sixteen pixels, or sums of pixels.
private struct Sixteen {
  /// Red and green in turn.
  var redGreen: Pairs
  /// Blue and 0 in turn.
  var blue: Pairs

  @inline(always)
  init(_ pixels: UnsafePointer<UInt8>) {
    let bytes = reel_load_pixels(pixels)
    redGreen = reel_red_green(bytes)
    blue = reel_blue(bytes)
  }

  /// One column of two pixels, sixteen times.
  @inline(always)
  init(column upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>) {
    redGreen = pairs(Int32(upper[0]) &+ Int32(lower[0]), Int32(upper[1]) &+ Int32(lower[1]))
    blue = pairs(Int32(upper[2]) &+ Int32(lower[2]), 0)
  }

  /// Of 32 columns, each even one twice and its neighbours once; `left` ends with the column before the first.
  @inline(always)
  init(left: Sixteen, _ first: Sixteen, _ second: Sixteen) {
    redGreen = Self.weighted(left.redGreen, first.redGreen, second.redGreen)
    blue = Self.weighted(left.blue, first.blue, second.blue)
  }

  @inline(always)
  private static func weighted(_ left: Pairs, _ first: Pairs, _ second: Pairs) -> Pairs {
    let (even, odd) = (reel_even_pairs(first, second), reel_odd_pairs(first, second))
    return even &+ even &+ odd &+ reel_following(left, odd)
  }

  @inline(always)
  mutating func add(_ other: Sixteen) {
    redGreen = redGreen &+ other.redGreen
    blue = blue &+ other.blue
  }

  /// 16 + 219 · Y / 255 with Y = (1063 R + 3576 G + 361 B) / 5000 and 219 / 255 = 73 / 85.
  @inline(always)
  var luma: Ints {
    let sum =
      reel_pair_products(redGreen, pairs(1063, 3576)) &+ reel_pair_products(blue, pairs(361, 0))
    // n = 73 · sum + ½ · 425000 + 16 · 425000 lies below 2²⁷, so that ⌈2⁵⁰ / 425000⌉ divides it exactly
    // (Granlund & Montgomery 1994, theorem 4.2).
    let numerator = sum &* ints(73) &+ ints(212_500 + 16 * 425_000)
    return reel_high_products(numerator, 2_649_176_252) &>> ints(18)
  }

  /// 128 + 224 · (B − Y) / (8 · 5000 · 1.8556 · 255), for sums of weight 8, in 5000ths.
  @inline(always)
  var blueDifference: Ints {
    let difference =
      reel_pair_products(redGreen, pairs(-1063, -3576)) &+ reel_pair_products(blue, pairs(4639, 0))
    // Below 2³⁰; ⌈2⁵³ / (2 · 1182945)⌉. 257/2 is 128 and the half.
    let numerator = difference &* ints(28) &+ ints(257 * 1_182_945)
    return reel_high_products(numerator, 3_807_108_215) &>> ints(21)
  }

  /// As the blue one, with 1.5748.
  @inline(always)
  var redDifference: Ints {
    let difference =
      reel_pair_products(redGreen, pairs(3937, -3576)) &+ reel_pair_products(blue, pairs(-361, 0))
    // Below 2²⁹; ⌈2⁵² / (2 · 1003935)⌉.
    let numerator = difference &* ints(28) &+ ints(257 * 1_003_935)
    return reel_high_products(numerator, 2_242_973_713) &>> ints(20)
  }
}

func rgbRow(
  width: Int, luma: UnsafePointer<UInt8>, nearBlues: UnsafePointer<UInt8>, farBlues: UnsafePointer<UInt8>,
  nearReds: UnsafePointer<UInt8>, farReds: UnsafePointer<UInt8>, pixels: UnsafeMutablePointer<UInt8>
) {
  let block = Int(reel_yuv_block)
  var x = 0
  while true {
    // The last difference stands in for the one behind it.
    let place = x / 2
    let next = min(place + 16, width / 2 - 1)
    let blue = Differences(nearBlues + place, farBlues + place, Int32(nearBlues[next]), Int32(farBlues[next]))
    let red = Differences(nearReds + place, farReds + place, Int32(nearReds[next]), Int32(farReds[next]))
    placePixels(luma + x, blue.first, red.first, pixels + 3 * x)
    placePixels(luma + x + 16, blue.last, red.last, pixels + 3 * x + 48)
    if x == width - block { return }
    x = min(x + block, width - block)
  }
}

/// The differences of 32 pixels from those of half as many columns, times 8.
private struct Differences {
  let first: Ints
  let last: Ints

  @inline(always)
  init(
    _ near: UnsafePointer<UInt8>, _ far: UnsafePointer<UInt8>, _ nextNear: Int32, _ nextFar: Int32
  ) {
    let column = ints(3) &* reel_load_as_ints(near) &+ reel_load_as_ints(far)
    let even = column &+ column
    let odd = column &+ reel_preceding(column, ints(3 &* nextNear &+ nextFar))
    first = reel_interleaved_first(even, odd)
    last = reel_interleaved_last(even, odd)
  }
}

/// Sixteen pixels from their luma and eight times their differences.
///
/// ITU-R BT.709-6, items 3.2 to 3.5, solved for R, G and B. In `Double` the error stays below 1e-12, and no result of
/// any luma and differences lies nearer than 1.7e-9 to a half (all were tried), so that each is rounded right.
@inline(always)
private func placePixels(
  _ luma: UnsafePointer<UInt8>, _ blues: Ints, _ reds: Ints, _ pixels: UnsafeMutablePointer<UInt8>
) {
  let y = reel_doubles(reel_load_as_ints(luma) &- ints(16)) * doubles(255.0 / 219) + doubles(0.5)
  let blue = reel_doubles(blues &- ints(1024)) * doubles(255.0 / (8 * 224))
  let red = reel_doubles(reds &- ints(1024)) * doubles(255.0 / (8 * 224))
  let greenOfBlue = 0.0722 * 1.8556 / 0.7152
  let greenOfRed = 0.2126 * 1.5748 / 0.7152
  reel_store_pixels(
    bounded(y + red * doubles(1.5748)),
    bounded(y - blue * doubles(greenOfBlue) - red * doubles(greenOfRed)),
    bounded(y + blue * doubles(1.8556)), pixels)
}

@inline(always)
private func doubles(_ number: Double) -> SIMD16<Double> { SIMD16(repeating: number) }

/// The whole numbers below, from 0 to 255.
@inline(always)
private func bounded(_ numbers: SIMD16<Double>) -> Ints {
  let whole = reel_truncated_doubles(numbers)
  let low = whole.replacing(with: ints(0), where: whole .< ints(0))
  return low.replacing(with: ints(255), where: low .> ints(255))
}
