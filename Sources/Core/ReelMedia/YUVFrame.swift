// Frames as video codecs take them: luma and thinned-out colour differences, BT.709, limited range.
import CKernels
import ReelTensor

/// How many pixels share a colour difference.
public enum ChromaSubsampling: Hashable, Sendable, CaseIterable {
  /// 4:2:0: two by two pixels.
  case both
  /// 4:2:2: two pixels beside each other.
  case columns
}

/// A frame in Y′CbCr of 8 bits, BT.709, limited range: luma 16…235, colour differences 16…240 around 128. Each colour
/// difference is sited as H.264 has it by default: on the left column, and with 4:2:0 between the rows.
public struct YUVFrame: Hashable, Sendable {
  /// The width even; with 4:2:0 the height too.
  public let size: Size
  public let subsampling: ChromaSubsampling
  /// [height × width]
  public let luma: [UInt8]
  /// [height/2 × width/2], or [height × width/2] with 4:2:2.
  public let blueDifference: [UInt8]
  /// As many as blue ones.
  public let redDifference: [UInt8]

  public init(
    size: Size, subsampling: ChromaSubsampling = .both, luma: [UInt8], blueDifference: [UInt8],
    redDifference: [UInt8]
  ) {
    let differences = Self.differences(size, subsampling)
    precondition(luma.count == size.pixels, "one luma a pixel")
    precondition(
      blueDifference.count == differences.pixels && redDifference.count == differences.pixels,
      "\(differences.pixels) colour differences")
    (self.size, self.subsampling, self.luma) = (size, subsampling, luma)
    (self.blueDifference, self.redDifference) = (blueDifference, redDifference)
  }

  /// Converts a frame with even sides. Every value is the exact one, rounded half up once.
  ///
  /// The code values of sRGB are taken for those of BT.709 as they are: films are graded on displays that
  /// apply nearly the sRGB curve, and players show BT.709 the same way. Only the matrix and the range change.
  ///
  /// ITU-R BT.709-6, items 3.2 to 3.5: Y = 0.2126 R + 0.7152 G + 0.0722 B, Cb = (B − Y) / 1.8556,
  /// Cr = (R − Y) / 1.5748. Along a row a difference is the mean of the even column and its neighbours, weighted
  /// 2, 1, 1; the first column stands in for the one before it. With 4:2:0 both rows weigh the same.
  /// ``reference(_:subsampling:)`` is the same in plain words.
  public init(_ frame: Frame, subsampling: ChromaSubsampling = .both) {
    let differences = Self.differences(frame.size, subsampling)
    guard frame.width >= Int(reel_yuv_block) else {
      let wide = Self(frame.widened(to: Int(reel_yuv_block)), subsampling: subsampling)
      self = wide.narrowed(to: frame.size)
      return
    }
    size = frame.size
    self.subsampling = subsampling
    let kernels = mediaKernels
    let (width, step) = (size.width, subsampling == .both ? 2 : 1)
    var (blues, reds): ([UInt8], [UInt8]) = ([], [])
    luma = bytes(size.pixels) { luma in
      blues = bytes(differences.pixels) { blues in
        reds = bytes(differences.pixels) { reds in
          frame.pixels.withUnsafeBufferPointer { pixels in
            dispatch(differences.height, grain: 8) { rows in
              for row in rows {
                let (upper, lower) = (step * row, step * row + step - 1)
                kernels.yuv_rows(
                  width, pixels.baseAddress! + upper * width * 3, pixels.baseAddress! + lower * width * 3,
                  luma + upper * width, luma + lower * width, blues + row * width / 2, reds + row * width / 2)
              }
            }
          }
        }
      }
    }
    (blueDifference, redDifference) = (blues, reds)
  }

  /// The size of the planes of colour differences.
  private static func differences(_ size: Size, _ subsampling: ChromaSubsampling) -> Size {
    precondition(size.width % 2 == 0, "an even width")
    guard subsampling == .both else { return Size(width: size.width / 2, height: size.height) }
    precondition(size.height % 2 == 0, "4:2:0 wants even sides")
    return Size(width: size.width / 2, height: size.height / 2)
  }

  /// The left part.
  private func narrowed(to size: Size) -> YUVFrame {
    func part(_ plane: [UInt8], _ width: Int, of whole: Int) -> [UInt8] {
      plane.indices.filter { $0 % whole < width }.map { plane[$0] }
    }
    let whole = self.size.width
    return YUVFrame(
      size: size, subsampling: subsampling, luma: part(luma, size.width, of: whole),
      blueDifference: part(blueDifference, size.width / 2, of: whole / 2),
      redDifference: part(redDifference, size.width / 2, of: whole / 2))
  }

  /// The frame with the last column and the last differences repeated to the right.
  fileprivate func widened(to width: Int) -> YUVFrame {
    func repeated(_ plane: [UInt8], from narrow: Int, to width: Int) -> [UInt8] {
      (0..<plane.count / narrow * width).map { plane[$0 / width * narrow + min($0 % width, narrow - 1)] }
    }
    return YUVFrame(
      size: Size(width: width, height: size.height), subsampling: subsampling,
      luma: repeated(luma, from: size.width, to: width),
      blueDifference: repeated(blueDifference, from: size.width / 2, to: width / 2),
      redDifference: repeated(redDifference, from: size.width / 2, to: width / 2))
  }
}

extension Frame {
  /// Converts back, every value the exact one, rounded half up once, and clipped to 0…255.
  ///
  /// Between the columns on which colour differences are sited, and between their rows, they are read along straight
  /// lines; the last stand in for those beyond the edge.
  public init(_ yuv: YUVFrame) {
    guard yuv.size.width >= Int(reel_yuv_block) else {
      self = Frame(yuv.widened(to: Int(reel_yuv_block))).narrowed(to: yuv.size.width)
      return
    }
    let (kernels, width) = (mediaKernels, yuv.size.width)
    let pixels = bytes(yuv.size.pixels * 3) { pixels in
      yuv.luma.withUnsafeBufferPointer { luma in
        yuv.blueDifference.withUnsafeBufferPointer { blues in
          yuv.redDifference.withUnsafeBufferPointer { reds in
            dispatch(yuv.size.height, grain: 16) { rows in
              for row in rows {
                let (near, far) = yuv.differenceRows(of: row)
                let (first, second) = (near * width / 2, far * width / 2)
                kernels.rgb_row(
                  width, luma.baseAddress! + row * width, blues.baseAddress! + first,
                  blues.baseAddress! + second, reds.baseAddress! + first, reds.baseAddress! + second,
                  pixels + row * width * 3)
              }
            }
          }
        }
      }
    }
    self.init(size: yuv.size, pixels: pixels)
  }

  /// The frame with its last column repeated to the right.
  fileprivate func widened(to width: Int) -> Frame {
    Frame(
      size: Size(width: width, height: height),
      pixels: (0..<height * width * 3).map { index in
        let (row, column) = (index / 3 / width, min(index / 3 % width, self.width - 1))
        return pixels[(row * self.width + column) * 3 + index % 3]
      })
  }

  /// The left part.
  fileprivate func narrowed(to width: Int) -> Frame {
    Frame(
      size: Size(width: width, height: height),
      pixels: pixels.indices.filter { $0 / 3 % self.width < width }.map { pixels[$0] })
  }
}

extension YUVFrame {
  /// The row of differences nearest to a row of pixels, and the next nearest on its other side.
  func differenceRows(of row: Int) -> (near: Int, far: Int) {
    guard subsampling == .both else { return (row, row) }
    let near = row / 2
    return (near, max(0, min(size.height / 2 - 1, row % 2 == 0 ? near - 1 : near + 1)))
  }
}

/// An array of `count` bytes, all of which `body` writes.
func bytes(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    if let address = buffer.baseAddress, count > 0 { body(address) }
    filled = count
  }
}
