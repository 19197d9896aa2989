// One layer on one film: its box, and its picture.

import ReelStage

/// A layer that has been measured and placed.
struct Drawing {
  /// Where the layer stands, in pixels: a text with its background, but without shadow and outline.
  let box: Rectangle
  private let layer: Layer
  private let film: Composition.Film
  private let subject: Subject

  /// What there is to draw, at its size.
  private enum Subject {
    case text(TextSetting)
    case picture(Picture)
    case paint(Paint)
  }

  /// Measures and places a layer; `places` are the boxes of the named layers before it.
  init(
    _ layer: Layer, in film: Composition.Film, beside places: [String: Rectangle]
  ) throws(StageError) {
    (self.layer, self.film) = (layer, film)
    if case .card(let paint, let image) = layer.content {
      box = film.frame
      subject = if let image { .picture(try Self.covering(film.size, image)) } else { .paint(paint) }
      return
    }
    let place = layer.place
    var area = place.isSafe ? film.frame.inset(by: film.safe) : film.frame
    var anchor = place.anchor
    let width = (place.width ?? 1) * area.width
    let height = (place.height ?? 1) * area.height
    Self.hang(layer, on: places, area: &area, anchor: &anchor)
    let margin = Margin(x: place.marginX * film.unit, y: place.marginY * film.unit)
    let room = area.room(at: anchor, margin: margin)
    let (widest, highest) = (min(width, room.width), min(height, room.height))
    let measure: (width: Double, height: Double)
    switch layer.content {
    case .text(let text):
      let setting = try Self.set(text, layer, in: film, width: widest, height: highest)
      (subject, measure) = (.text(setting), (setting.width, setting.height))
    case .image(let path):
      let picture = try Self.fitting(widest, highest, path, layer)
      (subject, measure) = (.picture(picture), (Double(picture.width), Double(picture.height)))
    case .box(let paint), .card(let paint, _):
      (subject, measure) = (.paint(paint), (width, height))
    }
    // On whole pixels, so that edges are sharp and a moved layer looks like a still one.
    var box = area.placing(
      width: measure.width, height: measure.height, at: anchor, margin: margin, direction: film.direction)
    (box.x, box.y) = (box.x.rounded(), box.y.rounded())
    self.box = box
  }

  /// Cuts the area down to what lies above or below another layer, and anchors the layer there.
  private static func hang(
    _ layer: Layer, on places: [String: Rectangle], area: inout Rectangle, anchor: inout Anchor
  ) {
    let place = layer.place
    guard let name = place.above ?? place.below else { return }
    guard let other = places[name] else {
      preconditionFailure("a layer stands beside one before it: Layer.checkNames")
    }
    if place.above != nil {
      area.height = max(0, other.y - area.y)
    } else {
      let bottom = area.y + area.height
      area.y = other.y + other.height
      area.height = max(0, bottom - area.y)
    }
    anchor = anchor.moved(toTop: place.below != nil)
  }

  private static func set(
    _ text: String, _ layer: Layer, in film: Composition.Film, width: Double, height: Double
  ) throws(StageError) -> TextSetting {
    let typography = layer.typography
    let families = try film.fonts.families(for: text, of: layer, language: film.language)
    var style = TextStyle(families: families, weight: typography.weight, direction: film.direction)
    style.isItalic = typography.isItalic
    style.alignment = typography.alignment
    style.lineHeight = typography.lineHeight
    style.tracking = text.unicodeScalars.contains(where: \.joins) ? 0 : typography.tracking
    style.language = film.language
    let setting: TextSetting
    do {
      setting = try TextSetting(
        text, typography: typography, style: style, unit: film.unit, width: width, height: height,
        fonts: film.fonts)
    } catch {
      throw refusal(of: text, layer, width: width, height: height, fittingSize: error.fittingSize)
    }
    guard let missing = setting.layout.missingCharacter else { return setting }
    throw layer.problem("text", FontProblem.noGlyph(missing, families: families).description)
  }

  private static func refusal(
    of text: String, _ layer: Layer, width: Double, height: Double, fittingSize: Double?
  ) -> StageError {
    let typography = layer.typography
    func percent(_ fraction: Double) -> String { (fraction * 100).rounded(2) + "%" }
    let least = percent(typography.shrinks ? typography.minimumSize : typography.size)
    let cure =
      fittingSize.map { "it would fit at \(percent($0))" }
      ?? "not even at \(percent(typography.size / TextSetting.leastFraction))"
    return layer.problem(
      "text",
      "'\(text)' does not fit its box of \(Int(width.rounded()))x\(Int(height.rounded())) pixels at "
        + "\(least); \(cure): shorten it, or widen the box")
  }

  private static func read(_ path: String) throws(StageError) -> Image {
    do { return try Image(png: path) } catch { throw .failed(error.description) }
  }

  /// The image at the largest size that fits.
  private static func fitting(
    _ width: Double, _ height: Double, _ path: String, _ layer: Layer
  ) throws(StageError) -> Picture {
    let image = try read(path)
    let scale = min(width / Double(image.width), height / Double(image.height))
    let fitted = (
      Int((Double(image.width) * scale).rounded()), Int((Double(image.height) * scale).rounded())
    )
    guard fitted.0 >= 1, fitted.1 >= 1 else {
      throw layer.problem("image", "there is no room left for it; lessen the margins")
    }
    return Picture(image, width: fitted.0, height: fitted.1)
  }

  /// The image at the least size that covers the frame, its edges cut off evenly.
  private static func covering(_ size: Size, _ path: String) throws(StageError) -> Picture {
    let image = try read(path)
    let scale = max(Double(size.width) / Double(image.width), Double(size.height) / Double(image.height))
    let width = max(size.width, Int((Double(image.width) * scale).rounded()))
    let height = max(size.height, Int((Double(image.height) * scale).rounded()))
    guard width * height <= Size.maximumPixels else {
      throw .file(path, "is \(image.size), too long and thin to fill a frame of \(size)")
    }
    return Picture(image, width: width, height: height).cropped(width: size.width, height: size.height)
  }

  /// Draws the layer.
  func stamp() throws(StageError) -> Stamp {
    let edge = margin
    var picture: Picture
    switch subject {
    case .picture(let drawn): picture = edge == 0 ? drawn : drawn.padded(by: edge)
    case .paint(let paint):
      let canvas = try canvas(edge)
      let inner = Rectangle(x: Double(edge), y: Double(edge), width: box.width, height: box.height)
      let radius = layer.radius * min(box.width, box.height) / 2
      canvas.fill(inner, radius: radius, with: paint.resolved(in: film.direction))
      picture = Picture(width: canvas.width, height: canvas.height, pixels: canvas.pixels)
    case .text(let setting): picture = try drawn(setting, edge)
    }
    if let shadow = layer.shadow {
      picture = picture.shadowed(
        by: shadow.colour, sigma: shadow.blur * film.unit, dx: Int((shadow.x * film.unit).rounded()),
        dy: Int((shadow.y * film.unit).rounded()))
    }
    return Stamp(picture, x: Int(box.x) - edge, y: Int(box.y) - edge)
  }

  private func drawn(_ setting: TextSetting, _ edge: Int) throws(StageError) -> Picture {
    let canvas = try canvas(edge)
    if let background = setting.background {
      let inner = Rectangle(x: Double(edge), y: Double(edge), width: box.width, height: box.height)
      canvas.fill(
        inner, radius: background.radius * min(box.width, box.height) / 2, with: .colour(background.colour))
    }
    let (x, y) = (Double(edge) + setting.paddingX, Double(edge) + setting.paddingY)
    let typography = layer.typography
    if let outline = typography.outline {
      canvas.stroke(setting.layout, x: x, y: y, colour: outline.colour, width: outline.width * setting.size)
    }
    canvas.draw(setting.layout, x: x, y: y, colour: typography.colour)
    return Picture(width: canvas.width, height: canvas.height, pixels: canvas.pixels)
  }

  private func canvas(_ edge: Int) throws(StageError) -> Canvas {
    try Canvas(
      width: Int(box.width.rounded(.up)) + 2 * edge, height: Int(box.height.rounded(.up)) + 2 * edge)
  }

  /// How far around its box the layer's ink may reach, in pixels.
  private var margin: Int {
    var reach = 0.0
    if case .text(let setting) = subject {
      let (ink, block) = (setting.layout.ink, setting.layout.block)
      reach = max(
        block.x - ink.x, block.y - ink.y, ink.x + ink.width - block.x - block.width,
        ink.y + ink.height - block.y - block.height, 0)
      reach += (layer.typography.outline?.width ?? 0) * setting.size / 2 + 1
    }
    if let shadow = layer.shadow {
      reach += film.unit * (3 * shadow.blur + max(abs(shadow.x), abs(shadow.y)))
    }
    return Int(reach.rounded(.up))
  }
}

extension Anchor {
  /// The anchor of the same side at the top or the bottom.
  fileprivate func moved(toTop: Bool) -> Anchor {
    switch self {
    case .topLeft, .left, .bottomLeft: toTop ? .topLeft : .bottomLeft
    case .top, .centre, .bottom: toTop ? .top : .bottom
    case .topRight, .right, .bottomRight: toTop ? .topRight : .bottomRight
    case .topStart, .start, .bottomStart: toTop ? .topStart : .bottomStart
    case .topEnd, .end, .bottomEnd: toTop ? .topEnd : .bottomEnd
    }
  }
}

extension Unicode.Scalar {
  /// Whether the letter may join its neighbours, so that space between them would tear it: Arabic, Syriac,
  /// N'Ko, Mongolian, Devanagari and its kin.
  fileprivate var joins: Bool {
    switch value {
    case 0x0600...0x08FF, 0x0900...0x0DFF, 0x1800...0x18AF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: true
    default: false
    }
  }
}

extension FontCollection {
  /// The families to set a layer's text in.
  func families(for text: String, of layer: Layer, language: String?) throws(StageError) -> [String] {
    do {
      return try families(for: text, named: layer.typography.families, language: language)
    } catch .noFamily(let name, let suggestion) {
      throw layer.problem("font", FontProblem.noFamily(name, suggestion: suggestion).description)
    } catch {
      throw layer.problem("text", error.description)
    }
  }
}
