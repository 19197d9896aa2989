// The layers of one film: measured, placed, drawn once, and put on its frames.

import ReelStage

/// Layers made ready for a run of frames of one size and rate.
struct Composition: Sendable {
  /// A layer that has been drawn.
  struct Drawn: Sendable {
    let stamp: Stamp
    let motion: Motion
    let opacity: Double
  }

  /// The frames' size and rate, and what concerns all layers.
  struct Film {
    let size: Size
    let rate: FrameRate
    let safe: Insets
    let direction: Direction
    let language: String?
    let fonts: FontCollection

    /// The frame's shorter side in pixels, of which sizes are fractions.
    var unit: Double { Double(min(size.width, size.height)) }
    var frame: Rectangle { Rectangle(x: 0, y: 0, width: Double(size.width), height: Double(size.height)) }
  }

  let layers: [Drawn]

  /// - Parameter frames: the run; a layer on none of them is measured only, for those that stand beside it.
  /// - Throws: ``StageError`` for a layer that cannot be drawn on this film.
  init(_ layers: [Layer], on frames: Range<Int>, film: Film) throws(StageError) {
    var drawn: [Drawn] = []
    var places: [String: Rectangle] = [:]
    for layer in layers {
      let drawing = try Drawing(layer, in: film, beside: places)
      if let name = layer.name { places[name] = drawing.box }
      guard let motion = layer.motion(in: film), motion.frames.overlaps(frames) else { continue }
      drawn.append(Drawn(stamp: try drawing.stamp(), motion: motion, opacity: layer.opacity))
    }
    self.layers = drawn
  }

  /// Draws the layers that are seen at the frame, in order.
  func draw(onto frame: inout Frame, at index: Int) {
    for layer in layers {
      guard var pose = layer.motion.pose(at: index) else { continue }
      pose.opacity *= layer.opacity
      layer.stamp.blend(onto: &frame, pose)
    }
  }
}

extension Layer {
  /// When the layer is seen in a film; `nil` for one that stands here only for another's sake.
  func motion(in film: Composition.Film) -> Motion? {
    func scaled(_ transition: Transition?) -> Transition? {
      guard var transition else { return nil }
      transition.distance *= film.unit
      transition.slide = transition.slide?.resolved(in: film.direction)
      return transition
    }
    return frames.map { Motion(frames: $0, enter: scaled(enter), leave: scaled(leave), rate: film.rate) }
  }
}
