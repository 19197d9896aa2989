// How much two windows of two frames differ: the loop that a search for motion spends its time in.
import CKernels

func windowDifference(
  side: Int, first: UnsafePointer<Float>, firstPitch: Int, firstWeights: UnsafePointer<Float>,
  second: UnsafePointer<Float>, secondPitch: Int, secondWeights: UnsafePointer<Float>,
  weights: UnsafePointer<Float>
) -> Float {
  let (a, b) = (Window(first, firstWeights, firstPitch), Window(second, secondWeights, secondPitch))
  var sum: Float = 0
  var start = 0
  while start < side {
    var sums = Vector(repeating: 0)
    for line in 0..<side {
      let difference = a.samples(line, start) - b.samples(line, start)
      let magnitude = difference.replacing(with: -difference, where: difference .< Vector(repeating: 0))
      sums += magnitude * Vector(repeating: weights[line])
    }
    sum += orderedSum(sums * load(weights + start))
    start += 16
  }
  return sum
}

/// The sum from the first lane to the last.
@inline(always)
private func orderedSum(_ numbers: Vector) -> Float {
  var sum = numbers[0]
  for lane in 1..<16 { sum += numbers[lane] }
  return sum
}

/// A window into a plane that begins between its samples, which are bilinear.
private struct Window {
  private let origin: UnsafePointer<Float>
  private let pitch: Int
  private let here: Vector
  private let right: Vector
  private let below: Vector
  private let belowRight: Vector

  @inline(always)
  init(_ origin: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ pitch: Int) {
    (self.origin, self.pitch) = (origin, pitch)
    here = Vector(repeating: weights[0])
    right = Vector(repeating: weights[1])
    below = Vector(repeating: weights[2])
    belowRight = Vector(repeating: weights[3])
  }

  /// Sixteen samples of a line.
  @inline(always)
  func samples(_ line: Int, _ start: Int) -> Vector {
    let upper = origin + line * pitch + start
    let lower = upper + pitch
    var sum = load(upper) * here
    sum += load(upper + 1) * right
    sum += load(lower) * below
    sum += load(lower + 1) * belowRight
    return sum
  }
}
