// Fitting a picture of one shape into another.

import ReelStage

/// Which part of the picture stays when some of it must go.
enum Anchor: String, CaseIterable, Sendable {
  case topLeft = "top-left"
  case top
  case topRight = "top-right"
  case left
  case centre
  case right
  case bottomLeft = "bottom-left"
  case bottom
  case bottomRight = "bottom-right"

  /// How much of the cut goes to the left, 0…1.
  var across: Double {
    switch self {
    case .topLeft, .left, .bottomLeft: 0
    case .top, .centre, .bottom: 0.5
    case .topRight, .right, .bottomRight: 1
    }
  }

  /// How much of the cut goes to the top, 0…1.
  var down: Double {
    switch self {
    case .topLeft, .top, .topRight: 0
    case .left, .centre, .right: 0.5
    case .bottomLeft, .bottom, .bottomRight: 1
    }
  }
}

/// How a picture fills a frame of another shape.
enum Fit: Sendable {
  /// Cut to the frame's shape.
  case crop(Anchor, zoom: Double)
  /// Whole, with bars of one colour.
  case letterbox(Colour)
  /// Whole, over a copy of itself that fills the frame, blurred.
  case blur
}

/// Brings frames of one size to another.
struct Framing: Sendable {
  private let picture: Resampler
  private let ground: Ground

  /// What is behind a picture that does not fill the frame, and where the picture's top left corner is.
  private enum Ground: Sendable {
    case none
    case colour(Frame, x: Int, y: Int)
    case blurred(reduce: Resampler, enlarge: Resampler, x: Int, y: Int)
  }

  init(from source: Size, to target: Size, fit: Fit, filter: ResamplingFilter) {
    let inside = Self.fitted(source, into: target)
    let (x, y) = (
      Self.even((target.width - inside.width) / 2), Self.even((target.height - inside.height) / 2)
    )
    switch fit {
    case .crop(let anchor, let zoom):
      let region = Self.crop(source, to: target, anchor: anchor, zoom: zoom)
      picture = Resampler(from: source, region: region, to: target, filter: filter)
      ground = .none
    case .letterbox(let colour):
      picture = Resampler(from: source, to: inside, filter: filter)
      let bars = Frame(size: target, red: colour.red, green: colour.green, blue: colour.blue)
      ground = inside == target ? .none : .colour(bars, x: x, y: y)
    case .blur:
      picture = Resampler(from: source, to: inside, filter: filter)
      // Blurring is cheap on a small picture, and looks the same: the deviation is 1/24 of its longer side.
      let region = Self.crop(source, to: target, anchor: .centre, zoom: 1)
      let scale = min(1, 96 / max(region.width, region.height))
      let small = Size(
        width: max(1, Int((region.width * scale).rounded())),
        height: max(1, Int((region.height * scale).rounded())))
      ground =
        inside == target
        ? .none
        : .blurred(
          reduce: Resampler(from: source, region: region, to: small, filter: .bilinear),
          enlarge: Resampler(
            from: small, to: target, filter: .gaussian(Double(max(small.width, small.height)) / 24)),
          x: x, y: y)
    }
  }

  /// How many times as large as in the source a pixel of the picture is shown.
  static func magnification(from source: Size, to target: Size, fit: Fit) -> Double {
    let across = Double(target.width) / Double(source.width)
    let down = Double(target.height) / Double(source.height)
    return switch fit {
    case .crop(_, let zoom): max(across, down) * zoom
    case .letterbox, .blur: min(across, down)
    }
  }

  func callAsFunction(_ frame: Frame) -> Frame {
    let resampled = picture(frame)
    switch ground {
    case .none: return resampled
    case .colour(let bars, let x, let y): return pasted(resampled, on: bars, x: x, y: y)
    case .blurred(let reduce, let enlarge, let x, let y):
      return pasted(resampled, on: enlarge(reduce(frame)), x: x, y: y)
    }
  }

  /// The largest part of `source` in the shape of `target`, `zoom` times smaller, kept at `anchor`.
  private static func crop(_ source: Size, to target: Size, anchor: Anchor, zoom: Double) -> Region {
    let (width, height) = (Double(source.width), Double(source.height))
    let scale = magnification(from: source, to: target, fit: .crop(anchor, zoom: zoom))
    let (inner, outer) = (Double(target.width) / scale, Double(target.height) / scale)
    return Region(
      x: (width - inner) * anchor.across, y: (height - outer) * anchor.down, width: inner, height: outer)
  }

  /// The largest size of the shape of `source` inside `target`, its sides even where they can be, so that the
  /// edges of the picture fall between the pixels of the halved colour planes of a film.
  private static func fitted(_ source: Size, into target: Size) -> Size {
    let scale = magnification(from: source, to: target, fit: .blur)
    func side(_ length: Int, _ limit: Int) -> Int {
      let exact = (Double(length) * scale).rounded()
      return exact >= Double(limit) ? limit : max(1, even(Int(exact) + 1))
    }
    return Size(width: side(source.width, target.width), height: side(source.height, target.height))
  }

  private static func even(_ number: Int) -> Int { number / 2 * 2 }

  private func pasted(_ picture: Frame, on ground: Frame, x: Int, y: Int) -> Frame {
    var result = ground
    for row in 0..<picture.height {
      let target = ((y + row) * ground.width + x) * 3
      let source = row * picture.width * 3
      result.pixels.replaceSubrange(
        target..<target + picture.width * 3, with: picture.pixels[source..<source + picture.width * 3])
    }
    return result
  }
}
