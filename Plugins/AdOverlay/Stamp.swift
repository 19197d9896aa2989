// A picture made ready to be put on many frames.

import ReelStage

/// A picture with its place in the frame, laid out as the frames are, so that blending is one pass over
/// bytes.
struct Stamp: Sendable {
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  /// Colours multiplied by alpha. [height, width, 3]
  private let colour: [UInt8]
  /// Alpha, once for each colour. [height, width, 3]
  private let cover: [UInt8]

  /// The part of the picture that is not transparent, its top left corner at (`x`, `y`) before it was
  /// trimmed.
  init(_ picture: Picture, x: Int, y: Int) {
    let pixels = picture.pixels
    var (top, bottom, left, right) = (picture.height, 0, picture.width, 0)
    for row in 0..<picture.height {
      for column in 0..<picture.width where pixels[4 * (row * picture.width + column) + 3] != 0 {
        (top, bottom) = (min(top, row), row + 1)
        (left, right) = (min(left, column), max(right, column + 1))
      }
    }
    (width, height) = (max(0, right - left), max(0, bottom - top))
    (self.x, self.y) = (x + left, y + top)
    var colour: [UInt8] = []
    var cover: [UInt8] = []
    colour.reserveCapacity(3 * width * height)
    cover.reserveCapacity(3 * width * height)
    for row in top..<top + height {
      for column in left..<left + width {
        let pixel = 4 * (row * picture.width + column)
        for channel in 0..<3 {
          colour.append(pixels[pixel + channel])
          cover.append(pixels[pixel + 3])
        }
      }
    }
    (self.colour, self.cover) = (colour, cover)
  }

  private init(x: Int, y: Int, width: Int, height: Int, colour: [UInt8], cover: [UInt8]) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
    (self.colour, self.cover) = (colour, cover)
  }

  /// Puts the picture over the frame, moved and faded as the pose says; only its own rectangle is touched.
  func blend(onto frame: inout Frame, _ pose: Motion.Pose) {
    let (dx, dy) = (pose.dx.rounded(.down), pose.dy.rounded(.down))
    let stamp = moved(pose.dx - dx, pose.dy - dy)
    let opacity = UInt32((min(1, max(0, pose.opacity)) * 255).rounded())
    guard opacity > 0, abs(dx) < 1e6, abs(dy) < 1e6 else { return }
    stamp.blend(onto: &frame, dx: Int(dx), dy: Int(dy), opacity: opacity)
  }

  /// frame ← colour·opacity + frame·(1 − cover·opacity), in sRGB's own steps as every compositor does it.
  private func blend(onto frame: inout Frame, dx: Int, dy: Int, opacity: UInt32) {
    let (left, top) = (max(0, x + dx), max(0, y + dy))
    let (right, bottom) = (min(frame.width, x + dx + width), min(frame.height, y + dy + height))
    guard left < right, top < bottom else { return }
    let frameWidth = frame.width
    frame.pixels.withUnsafeMutableBufferPointer { target in
      colour.withUnsafeBufferPointer { colour in
        cover.withUnsafeBufferPointer { cover in
          for row in top..<bottom {
            let source = 3 * ((row - y - dy) * width + left - x - dx)
            Self.blend(
              target.baseAddress! + 3 * (row * frameWidth + left), colour.baseAddress! + source,
              cover.baseAddress! + source, count: 3 * (right - left), opacity: opacity)
          }
        }
      }
    }
  }

  private static func blend(
    _ target: UnsafeMutablePointer<UInt8>, _ colour: UnsafePointer<UInt8>, _ cover: UnsafePointer<UInt8>,
    count: Int, opacity: UInt32
  ) {
    for place in 0..<count {
      let alpha = dividedBy255(UInt32(cover[place]) &* opacity)
      let light = dividedBy255(UInt32(colour[place]) &* opacity)
      let under = dividedBy255(UInt32(target[place]) &* (255 &- alpha))
      target[place] = UInt8(truncatingIfNeeded: min(255, light &+ under))
    }
  }

  /// The stamp moved right and down by a part of a pixel, 0..<1, by linear interpolation: a slow slide
  /// glides.
  private func moved(_ dx: Double, _ dy: Double) -> Stamp {
    let (right, down) = (UInt32((dx * 256).rounded()), UInt32((dy * 256).rounded()))
    guard right > 0 || down > 0 else { return self }
    func spread(_ bytes: [UInt8]) -> [UInt8] {
      var moved = [UInt8](repeating: 0, count: 3 * (width + 1) * (height + 1))
      for row in 0...height {
        for place in 0..<3 * (width + 1) {
          func byte(_ row: Int, _ place: Int) -> UInt32 {
            (0..<height).contains(row) && (0..<3 * width).contains(place)
              ? UInt32(bytes[row * 3 * width + place]) : 0
          }
          let here = byte(row, place) * (256 - right) + byte(row, place - 3) * right
          let above = byte(row - 1, place) * (256 - right) + byte(row - 1, place - 3) * right
          moved[row * 3 * (width + 1) + place] = UInt8((here * (256 - down) + above * down + 32768) >> 16)
        }
      }
      return moved
    }
    return Stamp(
      x: x, y: y, width: width + 1, height: height + 1, colour: spread(colour), cover: spread(cover))
  }
}

/// The nearest whole number to value / 255, for values to 255².
@inline(__always)
private func dividedBy255(_ value: UInt32) -> UInt32 {
  let sum = value &+ 128
  return (sum &+ (sum >> 8)) >> 8
}
