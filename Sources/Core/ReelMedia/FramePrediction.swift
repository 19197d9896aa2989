// Turns pixels into small differences, row by row, and back: what makes frames compress well.

/// How a row's samples are foretold from their neighbours; the difference, modulo 256, is kept.
private enum Predictor: UInt8 {
  /// Nothing is foretold.
  case none
  /// The sample above.
  case above
  /// left + above − above left: exact on a plane of any slope.
  case plane
}

/// The bytes that stand for a frame of `size`: one predictor a row, then the rows.
func residualCount(_ size: Size) -> Int { size.height + size.pixels * 3 }

/// [height] predictors, then [height × width × 3] differences.
func predictionResiduals(of frame: Frame) -> [UInt8] {
  let (height, stride) = (frame.height, frame.width * 3)
  return [UInt8](unsafeUninitializedCapacity: residualCount(frame.size)) { target, count in
    frame.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let row = pixels.baseAddress! + y * stride
        let output = target.baseAddress! + height + y * stride
        let predictor = y == 0 ? Predictor.none : bestPredictor(row, above: row - stride, count: stride)
        target[y] = predictor.rawValue
        switch predictor {
        case .none: output.update(from: row, count: stride)
        case .above: for x in 0..<stride { output[x] = row[x] &- row[x - stride] }
        case .plane:
          let above = row - stride
          for x in 0..<3 { output[x] = row[x] &- above[x] }
          for x in 3..<stride { output[x] = row[x] &- above[x] &- row[x - 3] &+ above[x - 3] }
        }
      }
    }
    count = target.count
  }
}

/// The predictor with the smaller sum of differences.
private func bestPredictor(
  _ row: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>, count: Int
) -> Predictor {
  var (aboveSum, planeSum) = (UInt32(0), UInt32(0))
  for x in 3..<count {
    let difference = row[x] &- above[x]
    let slope = difference &- row[x - 3] &+ above[x - 3]
    aboveSum &+= UInt32(min(difference, 0 &- difference))
    planeSum &+= UInt32(min(slope, 0 &- slope))
  }
  return planeSum < aboveSum ? .plane : .above
}

/// The frame that ``predictionResiduals(of:)`` was made of, or `nil` where a row names no predictor.
func frame(of size: Size, fromResiduals residuals: [UInt8]) -> Frame? {
  let (height, stride) = (size.height, size.width * 3)
  var isValid = true
  let pixels = [UInt8](unsafeUninitializedCapacity: size.pixels * 3) { target, count in
    residuals.withUnsafeBufferPointer { residuals in
      for y in 0..<height {
        let input = residuals.baseAddress! + height + y * stride
        let row = target.baseAddress! + y * stride
        let predictor = Predictor(rawValue: residuals[y])
        guard let predictor, y > 0 || predictor == .none else {
          isValid = false
          return
        }
        restore(row, from: input, by: predictor, count: stride)
      }
    }
    if isValid { count = target.count }
  }
  return isValid ? Frame(size: size, pixels: pixels) : nil
}

/// Undoes one row; the row above stands `count` bytes before it.
private func restore(
  _ row: UnsafeMutablePointer<UInt8>, from input: UnsafePointer<UInt8>, by predictor: Predictor, count: Int
) {
  switch predictor {
  case .none: row.update(from: input, count: count)
  case .above:
    let above = row - count
    for x in 0..<count { row[x] = input[x] &+ above[x] }
  case .plane:
    let above = row - count
    // The difference to the row above grows by the kept difference from pixel to pixel. Four bytes are
    // carried at once; the fourth is the next pixel's, which is then written again.
    var growth = SIMD4<UInt8>()
    var x = 0
    while x + 4 <= count {
      growth &+= UnsafeRawPointer(input + x).loadUnaligned(as: SIMD4<UInt8>.self)
      let foretold = UnsafeRawPointer(above + x).loadUnaligned(as: SIMD4<UInt8>.self)
      UnsafeMutableRawPointer(row + x).storeBytes(of: foretold &+ growth, as: SIMD4<UInt8>.self)
      x += 3
    }
    for channel in 0..<3 { row[x + channel] = above[x + channel] &+ growth[channel] &+ input[x + channel] }
  }
}
