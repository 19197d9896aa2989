// The declaration of a layer: every field with its unit, range and default.

import ReelStage

extension Layer {
  static let fields: [Parameter] = content + placing + setting + decorating + moments

  /// The ad is read as its first text is, so that one matters everywhere.
  static let timing = ElementTiming(
    from: "at", until: "until", name: "name", references: ["above", "below"], lead: "text")

  private static let content: [Parameter] = [
    .optional("name", .text, help: "what 'above' and 'below' of other layers call this one"),
    .optional("text", .text, help: "a text; line breaks are kept"),
    .optional("image", .file, help: "a PNG, scaled to fit 'width' and 'height'"),
    .optional("box", .record(paint), help: "a rectangle of one colour or a gradient"),
    .optional(
      "card", .record(paint + [.optional("image", .file, help: "a PNG that fills the frame, cropped")]),
      help: "an end card: the whole frame, above all layers listed before it"),
  ]

  private static let paint: [Parameter] = [
    .optional("colour", .colour, default: "#000000", help: "the colour, or that at the gradient's start"),
    .optional("to", .colour, help: "the colour at the gradient's end"),
    .optional(
      "direction", .choice(Heading.allCases.map(\.rawValue)), default: "down", help: "where 'to' lies"),
  ]

  private static let placing: [Parameter] = [
    .optional(
      "anchor", .choice(Anchor.allCases.map(\.rawValue)), default: "centre",
      help: "where the layer stands; start and end follow the reading direction"),
    .optional(
      "margin",
      .record([
        .optional(
          "x", .percent(-100...100), default: 0.0, help: "from the side; right if the anchor is central"),
        .optional("y", .percent(-100...100), default: 0.0, help: "from top or bottom; down if central"),
      ]), help: "distance from the anchored edges, of the frame's shorter side"),
    .optional(
      "width", .percent(0.1...100), help: "of the area: a text's and image's widest, a box's exact width"),
    .optional(
      "height", .percent(0.1...100), help: "of the area: a text's and image's highest, a box's height"),
    .optional(
      "inside", .choice(["safe", "frame"]), default: "safe", help: "the area that the layer stands in"),
    .optional("above", .text, help: "the earlier layer that this one stands on top of, margin y apart"),
    .optional("below", .text, help: "the earlier layer that this one hangs under, margin y apart"),
  ]

  private static let setting: [Parameter] = [
    .optional(
      "font", .text, default: "Noto Sans", help: "families, separated by commas, by their exact names"),
    .optional(
      "weight", .choice(Weight.allCases.map(\.rawValue)), default: "regular", help: "the font's weight"),
    .optional("italic", .boolean, default: false, help: "whether the font slants"),
    .optional("size", .percent(0.1...100), default: 5.0, help: "the em, of the frame's shorter side"),
    .optional(
      "minimum_size", .percent(0.1...100), help: "the least that shrinking may reach; half of 'size'"),
    .optional(
      "fit", .choice(["shrink", "error"]), default: "shrink", help: "what a text too long for its box does"),
    .optional("colour", .colour, default: "#ffffff", help: "the text's colour"),
    .optional(
      "align", .choice(Alignment.allCases.map(\.rawValue)), default: "start", help: "of lines, each way"),
    .optional("line_height", .number(0.5...4), default: 1.25, help: "from line to line, in ems"),
    .optional(
      "tracking", .percent(-20...100), default: 0.0, help: "added between letters that do not join, of the em"
    ),
    .optional(
      "wrap", .choice(["balanced", "full"]), default: "balanced", help: "lines of like width, or full ones"),
  ]

  private static let decorating: [Parameter] = [
    .optional(
      "background",
      .record([
        .optional("colour", .colour, default: "#000000", help: "the colour"),
        .optional(
          "padding_x", .percent(0...500), default: 60.0, help: "left and right of the text, of the em"),
        .optional("padding_y", .percent(0...500), default: 30.0, help: "above and below the text, of the em"),
        .optional("radius", .percent(0...100), default: 0.0, help: "of the corners; 100% makes a pill"),
      ]), help: "a box behind the text"),
    .optional(
      "outline",
      .record([
        .optional("colour", .colour, default: "#000000", help: "the colour"),
        .optional(
          "width", .percent(0...100), default: 8.0, help: "of the em; half of it is outside the letters"),
      ]), help: "a line round the letters"),
    .optional("radius", .percent(0...100), default: 0.0, help: "of a box's corners; 100% makes a pill"),
    .optional(
      "shadow",
      .record([
        .optional("colour", .colour, default: "#00000099", help: "the colour"),
        .optional(
          "blur", .percent(0...20), default: 1.2, help: "how far it spreads, of the frame's shorter side"),
        .optional("x", .percent(-20...20), default: 0.0, help: "how far right, of the frame's shorter side"),
        .optional("y", .percent(-20...20), default: 0.4, help: "how far down, of the frame's shorter side"),
      ]), help: "a soft shadow"),
    .optional("opacity", .percent(0...100), default: 100.0, help: "of the whole layer"),
  ]

  private static let moments: [Parameter] = [
    .optional(
      "at", .number(-86400...86400, unit: "seconds"), help: "when it comes; negative from the film's end"),
    .optional(
      "until", .number(-86400...86400, unit: "seconds"), help: "when it is gone; the end if not given"),
    .optional("enter", .record(transition("ease-out")), help: "how it comes in"),
    .optional("leave", .record(transition("ease-in")), help: "how it goes out"),
  ]

  private static func transition(_ easing: String) -> [Parameter] {
    [
      .optional("seconds", .number(0.01...60, unit: "seconds"), default: 0.5, help: "how long it takes"),
      .optional("fade", .boolean, default: true, help: "whether the opacity changes"),
      .optional(
        "slide", .choice(Heading.allCases.map(\.rawValue)), help: "the way that it moves; forward as read"),
      .optional(
        "distance", .percent(0...300), default: 4.0, help: "how far it slides, of the frame's shorter side"),
      .optional(
        "easing", .choice(Easing.names), default: .string(easing), help: "how the movement begins and ends"),
    ]
  }
}
