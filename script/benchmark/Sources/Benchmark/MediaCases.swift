// What is measured of the loops over pixels, at the sizes of films.
import CSwscale
import CZimg
import ReelMedia
import ReelTensor

private let full = Size(width: 1920, height: 1080)
private let portrait = Size(width: 1080, height: 1920)
private let footage = Size(width: 480, height: 832)

/// Bytes that look like none.
private func noise(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}

private func noise(_ size: Size) -> Frame { Frame(size: size, pixels: noise(size.pixels * 3)) }

private func tensor(_ bytes: [UInt8]) -> Tensor { Tensor([bytes.count], bytes.map { Float($0) / 255 }) }

func mediaCases() -> [Case] {
  resamplingCases() + transferCases() + yuvCases() + blendCases() + [motionCase()]
}

extension Size {
  fileprivate func picture(_ format: AVPixelFormat) -> Swscale.Picture {
    Swscale.Picture(width: width, height: height, format: format)
  }
}

private func resamplingCases() -> [Case] {
  let kinds = [
    (ResamplingFilter.lanczos, "lanczos", SWS_LANCZOS, ZIMG_RESIZE_LANCZOS),
    (.bicubic, "bicubic", SWS_BICUBIC, ZIMG_RESIZE_BICUBIC),
  ]
  return kinds.map { filter, name, flag, zimgFilter in
    resamplingCase(name, filter) { threads in
      let swscale = Swscale(
        from: footage.picture(AV_PIX_FMT_RGB24), to: portrait.picture(AV_PIX_FMT_RGB24),
        flags: flag | SWS_ACCURATE_RND, threads: threads)
      let peer = Peer(name: "swscale", work: { swscale.run() })
      // It has no threads of its own.
      guard threads == 1 else { return [peer] }
      let zimg = ZimgResampling(from: footage, to: portrait, filter: zimgFilter)
      return [peer, Peer(name: "zimg", work: { zimg.run() })]
    }
  }
}

private func resamplingCase(
  _ name: String, _ filter: ResamplingFilter, _ peers: @escaping (_ threads: Int) -> [Peer]
) -> Case {
  lazy var frame = noise(footage)
  lazy var resampler = Resampler(from: footage, to: portrait, filter: filter)
  return Case(
    kernel: "\(name), linear light", shape: "\(footage) → \(portrait)",
    bytes: Double(3 * (footage.pixels + portrait.pixels)),
    // Float and Double may round a value half-way between two codes to either.
    tolerance: 1.01 / 255,
    check: {
      let (small, large) = (Size(width: 31, height: 23), Size(width: 70, height: 54))
      let part = noise(small)
      return (
        tensor(Resampler(from: small, to: large, filter: filter)(part).pixels),
        tensor(Resampler.reference(part, to: large, filter: filter).pixels)
      )
    },
    work: { _ = resampler(frame) }, peers: peers)
}

/// From light to the codes of a transfer function: as many numbers as a frame has.
private func transferCases() -> [Case] {
  typealias Encode = (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>, Int) -> Void
  let curves: [(String, (Double) -> Double, Encode)] = [
    ("sRGB", SRGB.encoded, { SRGB.encode($0, into: $1, count: $2) }),
    ("BT.709", BT709.encoded, { BT709.encode($0, into: $1, count: $2) }),
  ]
  return curves.map { name, encoded, encode in
    let count = full.pixels * 3
    // Not the lights of codes, of which some lie at a boundary of the other curve.
    lazy var lights = noise(count).map { (Float($0) + 0.3) / 256 }
    var codes = [UInt8](repeating: 0, count: count)
    return Case(
      kernel: "transfer, \(name)", shape: "\(full)", bytes: Double(count) * 5, tolerance: 1.01 / 255,
      check: {
        let few = (0...4096).map { Float($0) / 4096 }
        var found = [UInt8](repeating: 0, count: few.count)
        encode(few, &found, few.count)
        return (tensor(found), tensor(few.map { UInt8((encoded(Double($0)) * 255).rounded()) }))
      },
      work: { encode(lights, &codes, count) })
  }
}

private func yuvCases() -> [Case] {
  lazy var frame = noise(full)
  lazy var planes = YUVFrame(frame)
  lazy var small = noise(Size(width: 70, height: 6))
  return [
    Case(
      kernel: "RGB → YUV 4:2:0", shape: "\(full)", bytes: Double(full.pixels) * 4.5, tolerance: 0,
      check: { (tensor(YUVFrame(small).bytes), tensor(YUVFrame.reference(small).bytes)) },
      work: { _ = YUVFrame(frame) },
      peers: { threads in
        let swscale = Swscale(
          from: full.picture(AV_PIX_FMT_RGB24), to: full.picture(AV_PIX_FMT_YUV420P),
          flags: SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, threads: threads)
        return [Peer(name: "swscale", work: { swscale.run() })]
      }),
    Case(
      kernel: "YUV 4:2:0 → RGB", shape: "\(full)", bytes: Double(full.pixels) * 4.5, tolerance: 0,
      check: {
        let yuv = YUVFrame(small)
        return (tensor(Frame(yuv).pixels), tensor(Frame.reference(yuv).pixels))
      },
      work: { _ = Frame(planes) },
      peers: { threads in
        let swscale = Swscale(
          from: full.picture(AV_PIX_FMT_YUV420P), to: full.picture(AV_PIX_FMT_RGB24),
          flags: SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, threads: threads)
        return [Peer(name: "swscale", work: { swscale.run() })]
      }),
  ]
}

extension YUVFrame {
  fileprivate var bytes: [UInt8] { luma + blueDifference + redDifference }
}

private func blendCases() -> [Case] {
  // Every pixel half-transparent; and an end card's: opaque in the middle, nothing around it, soft edges.
  func all() -> [UInt8] { noise(full.pixels).map { max(1, min(254, $0)) } }
  func card() -> [UInt8] {
    (0..<full.pixels).map { pixel in
      let (x, y) = (pixel % full.width, pixel / full.width)
      let distance = min(min(x - 240, full.width - 240 - x), min(y - 135, full.height - 135 - y))
      return UInt8(max(0, min(255, distance * 16)))
    }
  }
  return [("every pixel", all), ("a card", card)].map { name, makeCover in
    lazy var cover = makeCover()
    lazy var image = PremultipliedImage(
      size: full, colour: cover.flatMap { [$0, $0 / 2, $0 / 3] }, cover: cover)
    // Not lazy: a lazy variable changed in place is copied first, 6 MB at each run.
    var frame = Frame(size: full, pixels: [UInt8](repeating: 128, count: full.pixels * 3))
    return Case(
      kernel: "alpha over, \(name)", shape: "\(full)", bytes: Double(full.pixels) * 10, tolerance: 0,
      check: {
        let size = Size(width: 131, height: 9)
        let part = PremultipliedImage(
          size: size, colour: Array(image.colour[0..<size.pixels * 3]), cover: Array(cover[0..<size.pixels]))
        var (found, expected) = (noise(size), noise(size))
        found.blend(part, opacity: 200)
        expected.blendReference(part, opacity: 200)
        return (tensor(found.pixels), tensor(expected.pixels))
      },
      work: { frame.blend(image) },
      peers: { threads in
        let cairo = CairoOver(width: full.width, height: full.height, cover: cover, threads: threads)
        return [Peer(name: "cairo", work: { cairo.run() })]
      })
  }
}

/// A frame between two, along vectors that differ from block to block.
private func motionCase() -> Case {
  func motion(_ size: Size) -> MotionInterpolation {
    let (columns, rows) = ((size.width + 15) / 16, (size.height + 15) / 16)
    let vectors = (0..<columns * rows).map { block -> SIMD2<Float> in
      let (x, y) = (Float(block % 37), Float(block % 23))
      return SIMD2(x * 0.6 - 11, y * 0.5 - 5)
    }
    return MotionInterpolation(
      from: noise(size), to: noise(size), vectors: vectors, columns: columns, blockSide: 16)
  }
  lazy var film = motion(footage)
  return Case(
    kernel: "motion compensation", shape: "\(footage)", bytes: Double(footage.pixels) * 9, tolerance: 0,
    check: {
      let small = motion(Size(width: 75, height: 40))
      return (tensor(small(at: 0.4).pixels), tensor(small.reference(at: 0.4).pixels))
    },
    work: { _ = film(at: 0.4) })
}
