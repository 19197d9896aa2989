// A layer as the pipeline declares it, before it meets a film.

import ReelStage

/// One thing drawn over the frames.
struct Layer: Sendable {
  /// What is drawn.
  enum Content: Sendable {
    case text(String)
    case image(path: String)
    case box(Paint)
    case card(Paint, image: String?)
  }

  /// A rounded box behind a text, grown from the text's block.
  struct Background: Hashable, Sendable {
    let colour: Colour
    /// In ems of the text.
    let paddingX: Double
    let paddingY: Double
    /// Of half the box's shorter side: 1 makes a pill.
    let radius: Double
  }

  /// A soft shadow; lengths as fractions of the frame's shorter side.
  struct Shadow: Hashable, Sendable {
    let colour: Colour
    let blur: Double
    let x: Double
    let y: Double
  }

  /// A line round the letters; its width in ems, half of it outside them.
  struct Outline: Hashable, Sendable {
    let colour: Colour
    let width: Double
  }

  /// Where a layer stands; lengths as fractions.
  struct Place: Hashable, Sendable {
    let anchor: Anchor
    let marginX: Double
    let marginY: Double
    let width: Double?
    let height: Double?
    /// Whether the safe area counts, or the whole frame.
    let isSafe: Bool
    let above: String?
    let below: String?
  }

  /// What concerns texts only; sizes as fractions of the frame's shorter side.
  struct Typography: Hashable, Sendable {
    let families: [String]
    let weight: Weight
    let isItalic: Bool
    let size: Double
    let minimumSize: Double
    let shrinks: Bool
    let colour: Colour
    let alignment: Alignment
    let lineHeight: Double
    let tracking: Double
    let isBalanced: Bool
    let background: Background?
    let outline: Outline?
  }

  let name: String?
  let content: Content
  let place: Place
  let typography: Typography
  let radius: Double
  let shadow: Shadow?
  let opacity: Double
  /// The frames of the film on which it is seen; `nil` where only others stand beside it.
  let frames: Range<Int>?
  let enter: Transition?
  let leave: Transition?
  /// The declaration, for errors about it.
  let parameters: Parameters

  init(_ parameters: Parameters) throws(StageError) {
    self.parameters = parameters
    name = parameters.ifGiven("name", parameters.text)
    content = try Self.content(parameters)
    place = Place(parameters)
    typography = try Typography(parameters)
    radius = parameters.percent("radius")
    shadow = parameters.ifGiven("shadow", parameters.record).map(Shadow.init)
    opacity = parameters.percent("opacity")
    frames = parameters.frames
    enter = parameters.ifGiven("enter", parameters.record).map(Transition.init)
    leave = parameters.ifGiven("leave", parameters.record).map(Transition.init)
  }

  /// An error about the field here; a layer with a name is called by it.
  func problem(_ field: String, _ message: String) -> StageError {
    parameters.problem(field, (name.map { "layer '\($0)': " } ?? "") + message)
  }

  /// Refuses names given twice, and layers that stand beside one that is not before them.
  static func checkNames(_ layers: [Layer]) throws(StageError) {
    var names: Set<String> = []
    for layer in layers {
      let place = layer.place
      if let name = place.above ?? place.below {
        if place.above != nil, place.below != nil {
          throw layer.problem("below", "a layer stands above another or below it, not both")
        }
        guard names.contains(name) else {
          let known = names.sorted().map { "'\($0)'" }.joined(separator: ", ")
          throw layer.problem(
            place.above == nil ? "below" : "above",
            "no layer before this one has the name '\(name)'"
              + (known.isEmpty ? "; none has a name" : "; wanted one of \(known)"))
        }
      }
      guard let name = layer.name, !names.insert(name).inserted else { continue }
      throw layer.parameters.problem("name", "'\(name)' is the name of an earlier layer; give another one")
    }
  }

  private static func content(_ parameters: Parameters) throws(StageError) -> Content {
    let kinds = ["text", "image", "box", "card"]
    let given = kinds.filter(parameters.has)
    guard given.count == 1 else {
      let found = given.isEmpty ? "none of them" : given.joined(separator: " and ")
      throw .parameter(
        parameters.path.description, "a layer is one of \(kinds.joined(separator: ", ")); found \(found)")
    }
    switch given[0] {
    case "text":
      let text = parameters.text("text")
      guard text.utf8.count <= 4000 else {
        throw parameters.problem("text", "wanted at most 4000 bytes, found \(text.utf8.count)")
      }
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw parameters.problem("text", "is empty; leave the layer out, or exclude the variant")
      }
      return .text(text)
    case "image": return .image(path: try picture(parameters.text("image")))
    case "box": return .box(Paint(parameters.record("box")))
    default:
      let card = parameters.record("card")
      return .card(Paint(card), image: try card.ifGiven("image", card.text).map(picture))
    }
  }

  /// A picture's path, if the file there begins like one.
  private static func picture(_ path: String) throws(StageError) -> String {
    do { try Image.checkSignature(ofPNG: path) } catch { throw .failed(error.description) }
    return path
  }
}

extension Parameters {
  /// A percentage as a fraction.
  fileprivate func percent(_ name: String) -> Double { number(name) / 100 }
}

extension Paint {
  fileprivate init(_ parameters: Parameters) {
    let first = parameters.colour("colour")
    guard parameters.has("to") else {
      self = .colour(first)
      return
    }
    self = .gradient(first, parameters.colour("to"), Heading(rawValue: parameters.text("direction"))!)
  }
}

extension Layer.Shadow {
  fileprivate init(_ parameters: Parameters) {
    self.init(
      colour: parameters.colour("colour"), blur: parameters.percent("blur"), x: parameters.percent("x"),
      y: parameters.percent("y"))
  }
}

extension Layer.Place {
  fileprivate init(_ parameters: Parameters) {
    let margin = parameters.ifGiven("margin", parameters.record)
    self.init(
      anchor: Anchor(rawValue: parameters.text("anchor"))!, marginX: margin?.percent("x") ?? 0,
      marginY: margin?.percent("y") ?? 0, width: parameters.ifGiven("width", parameters.percent),
      height: parameters.ifGiven("height", parameters.percent), isSafe: parameters.text("inside") == "safe",
      above: parameters.ifGiven("above", parameters.text), below: parameters.ifGiven("below", parameters.text)
    )
  }
}

extension Layer.Typography {
  fileprivate init(_ parameters: Parameters) throws(StageError) {
    size = parameters.percent("size")
    minimumSize = parameters.ifGiven("minimum_size", parameters.percent) ?? size / 2
    guard minimumSize <= size else {
      throw parameters.problem(
        "minimum_size",
        "\((minimumSize * 100).rounded(2))% is more than the size, \((size * 100).rounded(2))%")
    }
    families = parameters.text("font").split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    guard !families.isEmpty else { throw parameters.problem("font", "wanted a font family, found none") }
    weight = Weight(rawValue: parameters.text("weight"))!
    isItalic = parameters.boolean("italic")
    shrinks = parameters.text("fit") == "shrink"
    colour = parameters.colour("colour")
    alignment = Alignment(rawValue: parameters.text("align"))!
    lineHeight = parameters.number("line_height")
    tracking = parameters.percent("tracking")
    isBalanced = parameters.text("wrap") == "balanced"
    background = parameters.ifGiven("background", parameters.record).map { background in
      Layer.Background(
        colour: background.colour("colour"), paddingX: background.percent("padding_x"),
        paddingY: background.percent("padding_y"), radius: background.percent("radius"))
    }
    outline = parameters.ifGiven("outline", parameters.record).map { outline in
      Layer.Outline(colour: outline.colour("colour"), width: outline.percent("width"))
    }
  }
}

extension Transition {
  /// ``distance`` is a fraction of the frame's shorter side until the film is known.
  fileprivate init(_ parameters: Parameters) {
    self.init(
      seconds: parameters.number("seconds"), isFading: parameters.boolean("fade"),
      slide: parameters.ifGiven("slide", parameters.text).flatMap(Heading.init(rawValue:)),
      distance: parameters.percent("distance"),
      easing: Easing(parameters.text("easing")))
  }
}

extension Substring {
  /// Without the spaces at both ends.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension Double {
  /// The number with at most so many decimals, as a person writes it.
  func rounded(_ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    return ((self * scale).rounded() / scale).shortText
  }
}
