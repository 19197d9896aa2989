// Where things stand in a frame: rectangles, insets, the nine anchors.

/// A rectangle in pixels; y grows downwards.
struct Rectangle: Hashable, Sendable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  /// What is left inside the insets, which are fractions of this rectangle's own sides.
  func inset(by insets: Insets) -> Rectangle {
    Rectangle(
      x: x + insets.left * width, y: y + insets.top * height,
      width: width * (1 - insets.left - insets.right), height: height * (1 - insets.top - insets.bottom))
  }
}

/// How far in from each edge, as fractions of the frame's width or height.
struct Insets: Hashable, Sendable {
  var top: Double
  var bottom: Double
  var left: Double
  var right: Double

  /// Left and right exchanged.
  var mirrored: Insets { Insets(top: top, bottom: bottom, left: right, right: left) }
}

/// A way to point, for slides and gradients.
enum Heading: String, Hashable, Sendable, CaseIterable {
  case up
  case down
  case left
  case right
  /// The way that the text is read.
  case forward
  /// Against it.
  case back

  /// The heading without ``forward`` and ``back``.
  func resolved(in direction: Direction) -> Heading {
    switch self {
    case .forward: direction == .leftToRight ? .right : .left
    case .back: direction == .leftToRight ? .left : .right
    default: self
    }
  }

  /// A step of length 1; ``forward`` counts as right.
  var x: Double { self == .left || self == .back ? -1 : self == .right || self == .forward ? 1 : 0 }
  var y: Double { self == .up ? -1 : self == .down ? 1 : 0 }
}

/// The point of an area at which a layer stands, by the same point of its own box. `start` is where reading
/// begins: the left of a left-to-right ad, the right of a right-to-left one.
enum Anchor: String, Hashable, Sendable, CaseIterable {
  case topLeft = "top-left"
  case top
  case topRight = "top-right"
  case left
  case centre
  case right
  case bottomLeft = "bottom-left"
  case bottom
  case bottomRight = "bottom-right"
  case topStart = "top-start"
  case topEnd = "top-end"
  case start
  case end
  case bottomStart = "bottom-start"
  case bottomEnd = "bottom-end"

  /// How far along the area, across and down, from 0 to 1.
  func fractions(in direction: Direction) -> (x: Double, y: Double) {
    let start = direction == .leftToRight ? 0.0 : 1.0
    let x =
      switch self {
      case .topLeft, .left, .bottomLeft: 0.0
      case .top, .centre, .bottom: 0.5
      case .topRight, .right, .bottomRight: 1.0
      case .topStart, .start, .bottomStart: start
      case .topEnd, .end, .bottomEnd: 1 - start
      }
    let y =
      switch self {
      case .topLeft, .top, .topRight, .topStart, .topEnd: 0.0
      case .left, .centre, .right, .start, .end: 0.5
      case .bottomLeft, .bottom, .bottomRight, .bottomStart, .bottomEnd: 1.0
      }
    return (x, y)
  }
}

/// A box's distance from the edges that its anchor names, in pixels. Across an axis on which the anchor is
/// central, it moves the box right or down.
struct Margin: Hashable, Sendable {
  var x: Double
  var y: Double
}

extension Rectangle {
  /// The box of `width` by `height` pixels that stands in this area at the anchor.
  func placing(
    width boxWidth: Double, height boxHeight: Double, at anchor: Anchor, margin: Margin, direction: Direction
  ) -> Rectangle {
    let (across, down) = anchor.fractions(in: direction)
    return Rectangle(
      x: x + (width - boxWidth) * across + (across == 1 ? -margin.x : margin.x),
      y: y + (height - boxHeight) * down + (down == 1 ? -margin.y : margin.y),
      width: boxWidth, height: boxHeight)
  }

  /// The room that a box at the anchor has before it leaves this area, in pixels.
  func room(at anchor: Anchor, margin: Margin) -> (width: Double, height: Double) {
    let (across, down) = anchor.fractions(in: .leftToRight)
    return (
      max(0, width - abs(margin.x) * (across == 0.5 ? 2 : 1)),
      max(0, height - abs(margin.y) * (down == 0.5 ? 2 : 1))
    )
  }
}
