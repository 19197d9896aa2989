// A picture made ready to be put on many frames.

import ReelStage

/// A picture with its place in the frame.
struct Stamp: Sendable {
  let x: Int
  let y: Int
  let picture: PremultipliedImage

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
    let size = Size(width: max(0, right - left), height: max(0, bottom - top))
    var colour: [UInt8] = []
    var cover: [UInt8] = []
    colour.reserveCapacity(3 * size.pixels)
    cover.reserveCapacity(size.pixels)
    for row in top..<top + size.height {
      for column in left..<left + size.width {
        let pixel = 4 * (row * picture.width + column)
        for channel in 0..<3 { colour.append(pixels[pixel + channel]) }
        cover.append(pixels[pixel + 3])
      }
    }
    self.init(x: x + left, y: y + top, PremultipliedImage(size: size, colour: colour, cover: cover))
  }

  private init(x: Int, y: Int, _ picture: PremultipliedImage) {
    (self.x, self.y, self.picture) = (x, y, picture)
  }

  /// Puts the picture over the frame, moved and faded as the pose says; only its own rectangle is touched.
  func blend(onto frame: inout Frame, _ pose: Motion.Pose) {
    let (dx, dy) = (pose.dx.rounded(.down), pose.dy.rounded(.down))
    let opacity = UInt8((min(1, max(0, pose.opacity)) * 255).rounded())
    guard opacity > 0, abs(dx) < 1e6, abs(dy) < 1e6 else { return }
    frame.blend(
      moved(pose.dx - dx, pose.dy - dy), x: x + Int(dx), y: y + Int(dy), opacity: opacity)
  }

  /// The picture moved right and down by a part of a pixel, 0..<1, by linear interpolation: a slow slide
  /// glides.
  private func moved(_ dx: Double, _ dy: Double) -> PremultipliedImage {
    let (right, down) = (UInt32((dx * 256).rounded()), UInt32((dy * 256).rounded()))
    guard right > 0 || down > 0 else { return picture }
    let size = Size(width: picture.size.width + 1, height: picture.size.height + 1)
    /// Rows of as many bytes a pixel as there are channels.
    func spread(_ bytes: [UInt8], channels: Int) -> [UInt8] {
      let (narrow, wide) = (channels * picture.size.width, channels * size.width)
      var moved = [UInt8](repeating: 0, count: wide * size.height)
      for row in 0..<size.height {
        for place in 0..<wide {
          func byte(_ row: Int, _ place: Int) -> UInt32 {
            (0..<picture.size.height).contains(row) && (0..<narrow).contains(place)
              ? UInt32(bytes[row * narrow + place]) : 0
          }
          let here = byte(row, place) * (256 - right) + byte(row, place - channels) * right
          let above = byte(row - 1, place) * (256 - right) + byte(row - 1, place - channels) * right
          moved[row * wide + place] = UInt8((here * (256 - down) + above * down + 32768) >> 16)
        }
      }
      return moved
    }
    return PremultipliedImage(
      size: size, colour: spread(picture.colour, channels: 3), cover: spread(picture.cover, channels: 1))
  }
}
