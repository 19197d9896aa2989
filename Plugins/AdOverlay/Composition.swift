// The layers of one film: measured, placed, drawn once, and put on its frames.

import ReelStage

/// Layers made ready for frames of one size, rate and number.
struct Composition: Sendable {
  /// A layer that has been drawn.
  struct Drawn: Sendable {
    let stamp: Stamp
    let motion: Motion
    let opacity: Double
  }

  /// The frames' size and number, and what concerns all layers.
  struct Film {
    let size: Size
    let rate: FrameRate
    let count: Int
    let safe: Insets
    let direction: Direction
    let language: String?
    let fonts: FontCollection

    /// The frame's shorter side in pixels, of which sizes are fractions.
    var unit: Double { Double(min(size.width, size.height)) }
    var frame: Rectangle { Rectangle(x: 0, y: 0, width: Double(size.width), height: Double(size.height)) }
    var seconds: Double { Double(count) / rate.framesPerSecond }
  }

  let layers: [Drawn]

  /// - Throws: ``StageError`` for a layer that cannot be drawn on this film.
  init(_ layers: [Layer], film: Film) throws(StageError) {
    var drawn: [Drawn] = []
    var places: [String: Rectangle] = [:]
    for layer in layers {
      let motion = try layer.motion(in: film)
      let drawing = try Drawing(layer, in: film, beside: places)
      if let name = layer.name {
        guard places[name] == nil else {
          throw layer.parameters.problem(
            "name", "'\(name)' is the name of an earlier layer; give another one")
        }
        places[name] = drawing.box
      }
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
  /// When the layer is seen in a film.
  func motion(in film: Composition.Film) throws(StageError) -> Motion {
    func frame(_ name: String, _ moment: Moment?, default frame: Int) throws(StageError) -> Int {
      guard let moment else { return frame }
      guard let frame = moment.frame(rate: film.rate, count: film.count) else {
        throw parameters.problem(
          name, "\(moment.seconds.rounded(3)) s is outside the film, which lasts \(film.seconds.rounded(3)) s"
        )
      }
      return frame
    }
    let first = try frame("at", at, default: 0)
    let end = try frame("until", until, default: film.count)
    guard first < end else {
      let (comes, goes) = (
        at?.position(in: film.seconds) ?? 0, until?.position(in: film.seconds) ?? film.seconds
      )
      throw parameters.problem(
        until == nil ? "at" : "until",
        "the layer is never seen: it comes at \(comes.rounded(3)) s and is gone at \(goes.rounded(3)) s")
    }
    func scaled(_ transition: Transition?) -> Transition? {
      guard var transition else { return nil }
      transition.distance *= film.unit
      transition.slide = transition.slide?.resolved(in: film.direction)
      return transition
    }
    return Motion(frames: first..<end, enter: scaled(enter), leave: scaled(leave), rate: film.rate)
  }
}
