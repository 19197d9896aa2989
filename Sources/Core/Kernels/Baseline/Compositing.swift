// One picture over another, in sRGB's own steps as every compositor does it.
import CKernels

func blend(
  count: Int, colour: UnsafePointer<UInt8>, cover: UnsafePointer<UInt8>, opacity: UInt8,
  target: UnsafeMutablePointer<UInt8>
) {
  if opacity == 255 {
    blend(count, colour, cover, target, asItIs)
  } else {
    let factor = bytes(opacity)
    @inline(always) func faded(_ bytes: SIMD64<UInt8>) -> SIMD64<UInt8> { reel_products(bytes, factor) }
    blend(count, colour, cover, target, faded)
  }
}

@inline(always)
private func asItIs(_ bytes: SIMD64<UInt8>) -> SIMD64<UInt8> { bytes }

/// 64 pixels at a time; `fade` is the opacity, for colours and cover alike.
@inline(always)
private func blend(
  _ count: Int, _ colour: UnsafePointer<UInt8>, _ cover: UnsafePointer<UInt8>,
  _ target: UnsafeMutablePointer<UInt8>, _ fade: (SIMD64<UInt8>) -> SIMD64<UInt8>
) {
  let last = count - 64
  guard last >= 0 else { return blendFew(count, colour, cover, target, fade) }
  // The last block overlaps the one before, and so is made of what is there now.
  let end = Block(colour + 3 * last, fade(reel_load_bytes(cover + last)), target + 3 * last, fade)
  var pixel = 0
  while pixel < last {
    // Most of a picture covers nothing or everything: then less memory is touched.
    let alpha = fade(reel_load_bytes(cover + pixel))
    if reel_are_all(alpha, 255) != 0 {
      Block(colour + 3 * pixel, fade).place(target + 3 * pixel)
    } else if reel_are_all(alpha, 0) == 0 {
      Block(colour + 3 * pixel, alpha, target + 3 * pixel, fade).place(target + 3 * pixel)
    }
    pixel += 64
  }
  end.place(target + 3 * last)
}

/// The result for 64 pixels.
private struct Block {
  private let thirds: (SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>)

  @inline(always)
  init(
    _ colour: UnsafePointer<UInt8>, _ alpha: SIMD64<UInt8>, _ target: UnsafePointer<UInt8>,
    _ fade: (SIMD64<UInt8>) -> SIMD64<UInt8>
  ) {
    let clear = reel_complements(alpha)
    @inline(always) func result(_ place: Int, _ clear: SIMD64<UInt8>) -> SIMD64<UInt8> {
      reel_add_bounded(
        fade(reel_load_bytes(colour + place)), reel_products(reel_load_bytes(target + place), clear))
    }
    thirds = (
      result(0, reel_first_thrice(clear)), result(64, reel_middle_thrice(clear)),
      result(128, reel_last_thrice(clear))
    )
  }

  /// Where the picture is opaque.
  @inline(always)
  init(_ colour: UnsafePointer<UInt8>, _ fade: (SIMD64<UInt8>) -> SIMD64<UInt8>) {
    thirds = (
      fade(reel_load_bytes(colour)), fade(reel_load_bytes(colour + 64)), fade(reel_load_bytes(colour + 128))
    )
  }

  @inline(always)
  func place(_ target: UnsafeMutablePointer<UInt8>) {
    reel_store_bytes(thirds.0, target)
    reel_store_bytes(thirds.1, target + 64)
    reel_store_bytes(thirds.2, target + 128)
  }
}

/// Fewer than 64 pixels: rows of small pictures.
@inline(always)
private func blendFew(
  _ count: Int, _ colour: UnsafePointer<UInt8>, _ cover: UnsafePointer<UInt8>,
  _ target: UnsafeMutablePointer<UInt8>, _ fade: (SIMD64<UInt8>) -> SIMD64<UInt8>
) {
  for pixel in 0..<count {
    let clear = reel_complements(fade(bytes(cover[pixel])))
    for place in 3 * pixel..<3 * pixel + 3 {
      let light = fade(bytes(colour[place]))
      let under = reel_products(bytes(target[place]), clear)
      target[place] = reel_add_bounded(light, under)[0]
    }
  }
}

/// One byte 64 times. Swift fills vectors lane after lane, and of more than sixteen the compiler makes no single
/// instruction.
@inline(always)
private func bytes(_ number: UInt8) -> SIMD64<UInt8> {
  unsafeBitCast(SIMD16<UInt32>(repeating: UInt32(number) &* 0x0101_0101), to: SIMD64<UInt8>.self)
}
