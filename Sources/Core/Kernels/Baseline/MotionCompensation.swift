// A frame between two frames, along vectors that are known: what interpolation spends its time in.
import CKernels

/// One row of the frame. Pixels between the same four centres of blocks share their vectors, so that what they read lies
/// side by side.
func compensateRow(_ motion: ReelMotion, y: Int, pixels: UnsafeMutablePointer<UInt8>) {
  var x = 0
  while x < motion.width {
    let column = cell(x, motion.side)
    let edge = lesser((column + 1) * motion.side + motion.side / 2, motion.width)
    let count = lesser(16, edge - x)
    let cell = Cell(motion, column: column, x: x, y: y)
    if cell.place(count, pixels + 3 * x) {
      x += count
    } else {
      // Rounding has torn the places apart: one pixel is always in order.
      _ = cell.place(1, pixels + 3 * x)
      x += 1
    }
  }
}

/// The block whose centre lies before the centre of a pixel; −1 before the first.
@inline(always)
private func cell(_ place: Int, _ side: Int) -> Int { (place + side - side / 2) / side - 1 }

// Swift's own `min` and `max` would be compiled as functions that the linker merges with those of other modules.

@inline(always)
private func lesser(_ a: Int, _ b: Int) -> Int { a < b ? a : b }

/// The number from 0 to `count` − 1 that is nearest.
@inline(always)
private func bounded(_ number: Int, _ count: Int) -> Int {
  number < 0 ? 0 : number < count ? number : count - 1
}

/// Three colours of sixteen pixels.
private struct Colours {
  var red = Vector(repeating: 0)
  var green = Vector(repeating: 0)
  var blue = Vector(repeating: 0)

  /// self + factor · other.
  @inline(always)
  mutating func add(_ other: Colours, times factor: Vector) {
    red += other.red * factor
    green += other.green * factor
    blue += other.blue * factor
  }

  /// self + (other − self) · share.
  @inline(always)
  func mixed(with other: Colours, _ share: Vector) -> Colours {
    Colours(
      red: red + (other.red - red) * share, green: green + (other.green - green) * share,
      blue: blue + (other.blue - blue) * share)
  }

  @inline(always)
  func replaced(by other: Colours, where mask: SIMDMask<SIMD16<Int32>>) -> Colours {
    Colours(
      red: red.replacing(with: other.red, where: mask),
      green: green.replacing(with: other.green, where: mask),
      blue: blue.replacing(with: other.blue, where: mask))
  }

  /// A third of the sum of the differences.
  @inline(always)
  func difference(to other: Colours) -> Vector {
    (magnitude(red - other.red) + magnitude(green - other.green) + magnitude(blue - other.blue))
      / Vector(repeating: 3)
  }
}

@inline(always)
private func magnitude(_ x: Vector) -> Vector { x.replacing(with: -x, where: x .< Vector(repeating: 0)) }

/// The whole numbers below, for numbers that 32 bits hold.
@inline(always)
private func floors(_ x: Vector) -> Vector {
  let whole = reel_floats(reel_truncated(x))
  return whole.replacing(with: whole - Vector(repeating: 1), where: whole .> x)
}

/// The weights of the samples at −1, 0, 1 and 2 for one at `x`, 0…1, by the cubic of Keys (1981) with a = −0.5.
@inline(always)
private func cubic(_ x: Vector) -> (Vector, Vector, Vector, Vector) {
  let (half, one) = (Vector(repeating: 0.5), Vector(repeating: 1))
  let (oneAndHalf, two) = (Vector(repeating: 1.5), Vector(repeating: 2))
  return (
    ((-half * x + one) * x - half) * x, (oneAndHalf * x - Vector(repeating: 2.5)) * x * x + one,
    ((-oneAndHalf * x + two) * x + half) * x, (half * x - half) * x * x
  )
}

/// Up to sixteen pixels of a row with the same four vectors.
private struct Cell {
  let motion: ReelMotion
  let column: Int
  let x: Int
  let y: Int

  @inline(always)
  init(_ motion: ReelMotion, column: Int, x: Int, y: Int) {
    (self.motion, self.column, self.x, self.y) = (motion, column, x, y)
  }

  @inline(always)
  private var places: Vector { Vector(repeating: Float(x)) + reel_lanes() }

  /// Writes `count` pixels; false where what they read does not lie side by side.
  @inline(always)
  func place(_ count: Int, _ pixels: UnsafeMutablePointer<UInt8>) -> Bool {
    let side = Float(motion.side)
    // In blocks, from the centre of the first one.
    let across =
      (places + Vector(repeating: 0.5)) / Vector(repeating: side) - Vector(repeating: 0.5)
      - Vector(repeating: Float(column))
    let row = cell(y, motion.side)
    let down = (Float(y) + 0.5) / side - 0.5 - Float(row)
    var (sum, total, disagreement) = (Colours(), Vector(repeating: 0), Vector(repeating: 0))
    for corner in 0..<4 {
      let (right, below) = (corner & 1, corner >> 1)
      guard let guess = along(vector(column + right, row + below), count) else { return false }
      let weight =
        (right == 1 ? across : Vector(repeating: 1) - across)
        * Vector(repeating: below == 1 ? down : 1 - down)
      let trust =
        weight
        / (Vector(repeating: 1) + guess.disagreement * guess.disagreement / Vector(repeating: 16))
      sum.add(guess.colours, times: trust)
      total += trust
      disagreement += guess.disagreement * trust
    }
    let foretold = Colours(red: sum.red / total, green: sum.green / total, blue: sum.blue / total)
    let doubt = smoothStep(disagreement / total)
    place(foretold.mixed(with: plainMix, doubt), count, pixels)
    return true
  }

  /// Beyond the edge that of the nearest block.
  @inline(always)
  private func vector(_ column: Int, _ row: Int) -> (x: Float, y: Float) {
    let block = bounded(row, motion.rows) * motion.columns + bounded(column, motion.columns)
    return (motion.vectors[2 * block], motion.vectors[2 * block + 1])
  }

  /// 0 below 16, 1 above 48, rising smoothly.
  @inline(always)
  private func smoothStep(_ value: Vector) -> Vector {
    let share = (value - Vector(repeating: 16)) / Vector(repeating: 32)
    let x = greater(lesser(share, Vector(repeating: 1)), Vector(repeating: 0))
    return x * x * (Vector(repeating: 3) - Vector(repeating: 2) * x)
  }

  /// What a vector says of the pixels, and how much both frames disagree, in code values.
  @inline(always)
  private func along(
    _ vector: (x: Float, y: Float), _ count: Int
  ) -> (colours: Colours, disagreement: Vector)? {
    let rest = 1 - motion.fraction
    let from = places - Vector(repeating: motion.fraction * vector.x)
    let to = places + Vector(repeating: rest * vector.x)
    let (fromRow, toRow) = (Float(y) - motion.fraction * vector.y, Float(y) + rest * vector.y)
    guard let a = samples(motion.first, from, fromRow, count),
      let b = samples(motion.second, to, toRow, count)
    else { return nil }
    // What has come into the picture or left it is only in one of the frames.
    let (isInFirst, isInSecond) = (contains(from, fromRow), contains(to, toRow))
    let isInOne = isInFirst .^ isInSecond
    let both = a.mixed(with: b, Vector(repeating: motion.fraction))
    let one = b.replaced(by: a, where: isInFirst)
    return (
      both.replaced(by: one, where: isInOne),
      a.difference(to: b).replacing(with: Vector(repeating: 0), where: isInOne)
    )
  }

  @inline(always)
  private func contains(_ columns: Vector, _ row: Float) -> SIMDMask<SIMD16<Int32>> {
    let isInRow = row > -1 && row < Float(motion.height)
    let limit = Vector(repeating: isInRow ? Float(motion.width) : -.infinity)
    return (columns .> Vector(repeating: -1)) .& (columns .< limit)
  }

  /// The frame between its pixels; nil where the columns are no whole pixels apart.
  @inline(always)
  private func samples(
    _ planes: UnsafePointer<UInt8>, _ columns: Vector, _ row: Float, _ count: Int
  ) -> Colours? {
    let corners = floors(columns)
    let gaps = magnitude(corners - Vector(repeating: corners[0]) - reel_lanes())
    if count > 1,
      reel_any_exceeds(
        gaps.replacing(with: Vector(repeating: 0), where: reel_lanes() .>= Vector(repeating: Float(count))), 0
      ) != 0
    {
      return nil
    }
    let across = cubic(columns - corners)
    let top = floors(Vector(repeating: row))
    let down = cubic(Vector(repeating: row) - top)
    let start = planes + Int(corners[0]) + motion.border - 1
    var sum = Colours()
    sum.add(line(start, Int(top[0]) - 1, across), times: down.0)
    sum.add(line(start, Int(top[0]), across), times: down.1)
    sum.add(line(start, Int(top[0]) + 1, across), times: down.2)
    sum.add(line(start, Int(top[0]) + 2, across), times: down.3)
    return sum
  }

  /// The sum along a row, which goes on beyond the edge.
  @inline(always)
  private func line(
    _ start: UnsafePointer<UInt8>, _ row: Int, _ weights: (Vector, Vector, Vector, Vector)
  ) -> Colours {
    let red = start + bounded(row, motion.height) * motion.pitch
    let (green, blue) = (red + motion.plane, red + 2 * motion.plane)
    return Colours(red: line(red, weights), green: line(green, weights), blue: line(blue, weights))
  }

  @inline(always)
  private func line(
    _ samples: UnsafePointer<UInt8>, _ weights: (Vector, Vector, Vector, Vector)
  ) -> Vector {
    var sum = reel_floats(reel_load_as_ints(samples)) * weights.0
    sum += reel_floats(reel_load_as_ints(samples + 1)) * weights.1
    sum += reel_floats(reel_load_as_ints(samples + 2)) * weights.2
    sum += reel_floats(reel_load_as_ints(samples + 3)) * weights.3
    return sum
  }

  /// Both frames where they are.
  @inline(always)
  private var plainMix: Colours {
    pixels(motion.first).mixed(with: pixels(motion.second), Vector(repeating: motion.fraction))
  }

  @inline(always)
  private func pixels(_ planes: UnsafePointer<UInt8>) -> Colours {
    let start = planes + y * motion.pitch + motion.border + x
    return Colours(
      red: reel_floats(reel_load_as_ints(start)), green: reel_floats(reel_load_as_ints(start + motion.plane)),
      blue: reel_floats(reel_load_as_ints(start + 2 * motion.plane)))
  }

  @inline(always)
  private func place(_ colours: Colours, _ count: Int, _ pixels: UnsafeMutablePointer<UInt8>) {
    let (red, green, blue) = (codes(colours.red), codes(colours.green), codes(colours.blue))
    if count == 16 { return reel_store_pixels(red, green, blue, pixels) }
    for lane in 0..<count {
      pixels[3 * lane] = UInt8(truncatingIfNeeded: red[lane])
      pixels[3 * lane + 1] = UInt8(truncatingIfNeeded: green[lane])
      pixels[3 * lane + 2] = UInt8(truncatingIfNeeded: blue[lane])
    }
  }

  @inline(always)
  private func codes(_ values: Vector) -> SIMD16<Int32> {
    let bounded = greater(lesser(values, Vector(repeating: 255)), Vector(repeating: 0))
    return reel_truncated(bounded + Vector(repeating: 0.5))
  }
}
