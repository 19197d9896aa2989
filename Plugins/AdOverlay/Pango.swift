// The one file that knows fontconfig, pango and cairo: installed fonts, laid-out text, a canvas to draw on.

import CPango
import ReelStage

/// The fonts of this machine and those that the pipeline brings, without fontconfig's silent substitutes.
package final class FontCollection {
  /// Every family's name, in ascending order.
  package let families: [String]
  /// The families of the pipeline's own font files, in the order of the files.
  let ownFamilies: [String]
  private let coverage: [String: [OpaquePointer]]
  private let configuration: OpaquePointer
  fileprivate let context: OpaquePointer
  private let map: UnsafeMutablePointer<PangoFontMap>

  /// Lists the installed fonts and adds `files` to them.
  ///
  /// - Throws: ``StageError/file(_:_:)`` for a file that is no font.
  package init(files: [String] = []) throws(StageError) {
    guard let configuration = FcInitLoadConfigAndFonts() else {
      throw .failed("fontconfig found no configuration on this machine; install the package 'fontconfig'")
    }
    var coverage: [String: [OpaquePointer]] = [:]
    var own: [String] = []
    for path in files {
      let known = Self.patterns(of: configuration, FcSetApplication).count
      guard FcConfigAppFontAddFile(configuration, path) != 0,
        case let added = Self.patterns(of: configuration, FcSetApplication).dropFirst(known), !added.isEmpty
      else {
        FcConfigDestroy(configuration)
        throw .file(path, "is no font that can be read; wanted an OpenType or TrueType file")
      }
      for name in added.flatMap(Self.names) where !own.contains(name) { own.append(name) }
    }
    for set in [FcSetSystem, FcSetApplication] {
      for pattern in Self.patterns(of: configuration, set) {
        // Outlines only: a colour font has pictures instead, which a path cannot draw.
        var isColour: FcBool = 0
        if FcPatternGetBool(pattern, FC_COLOR, 0, &isColour) == FcResultMatch, isColour != 0 { continue }
        var characters: OpaquePointer?
        guard FcPatternGetCharSet(pattern, FC_CHARSET, 0, &characters) == FcResultMatch, let characters else {
          continue
        }
        for name in Self.names(of: pattern) { coverage[name, default: []].append(characters) }
      }
    }
    self.configuration = configuration
    self.coverage = coverage
    families = coverage.keys.sorted()
    ownFamilies = own
    map = reel_font_map_new()
    reel_font_map_set_config(map, configuration)
    context = pango_font_map_create_context(map)
    // Text is the same shape at every size: no hinting, no rounding, grey edges.
    let options = cairo_font_options_create()
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    pango_cairo_context_set_font_options(context, options)
    pango_cairo_context_set_resolution(context, 96)
    pango_context_set_round_glyph_positions(context, 0)
    cairo_font_options_destroy(options)
  }

  deinit {
    g_object_unref(UnsafeMutableRawPointer(context))
    g_object_unref(UnsafeMutableRawPointer(map))
    FcConfigDestroy(configuration)
  }

  /// Whether a font of the family has a glyph for the character.
  func family(_ family: String, has character: Unicode.Scalar) -> Bool {
    coverage[family]?.contains { FcCharSetHasChar($0, character.value) != 0 } ?? false
  }

  private static func patterns(of configuration: OpaquePointer, _ set: FcSetName) -> [OpaquePointer] {
    guard let fonts = FcConfigGetFonts(configuration, set) else { return [] }
    return (0..<Int(fonts.pointee.nfont)).compactMap { fonts.pointee.fonts[$0] }
  }

  private static func names(of pattern: OpaquePointer) -> [String] {
    var names: [String] = []
    var name: UnsafeMutablePointer<FcChar8>?
    while FcPatternGetString(pattern, FC_FAMILY, Int32(names.count), &name) == FcResultMatch, let name {
      names.append(String(cString: name))
    }
    return names
  }
}

/// The direction in which text is read.
package enum Direction: Hashable, Sendable {
  case leftToRight
  case rightToLeft

  /// The direction of the first strong character; `nil` for text that has none ("24/7").
  init?(of text: String) {
    switch reel_base_direction(text) {
    case PANGO_DIRECTION_LTR, PANGO_DIRECTION_WEAK_LTR: self = .leftToRight
    case PANGO_DIRECTION_RTL, PANGO_DIRECTION_WEAK_RTL: self = .rightToLeft
    default: return nil
    }
  }
}

/// Text laid out at one size, shaped and broken into lines.
package final class TextLayout {
  fileprivate let layout: OpaquePointer
  private let fonts: FontCollection

  /// Lays `text` out in fonts of `size` pixels to the em.
  ///
  /// - Parameter width: where lines break, in pixels; only where the script allows a break. A word that is
  ///   wider sticks out, and ``block`` says so.
  package init(_ text: String, style: TextStyle, size: Double, width: Double?, fonts: FontCollection) {
    self.fonts = fonts
    layout = pango_layout_new(fonts.context)
    let font = Self.font(style, size: size)
    pango_layout_set_font_description(layout, font)
    pango_font_description_free(font)
    let isRightToLeft = style.direction == .rightToLeft
    pango_context_set_base_dir(fonts.context, isRightToLeft ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR)
    pango_context_set_language(
      fonts.context, style.language.map { pango_language_from_string($0) } ?? pango_language_get_default())
    pango_layout_context_changed(layout)
    pango_layout_set_auto_dir(layout, 1)
    // Pango turns left and right round in a paragraph that runs against the context.
    let start = isRightToLeft ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT
    let end = isRightToLeft ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT
    let alignment = style.alignment == .centre ? PANGO_ALIGN_CENTER : style.alignment == .start ? start : end
    pango_layout_set_alignment(layout, alignment)
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD)
    let attributes = pango_attr_list_new()
    func units(_ ems: Double) -> Int32 { Int32((ems * size * Double(PANGO_SCALE)).rounded()) }
    pango_attr_list_insert(attributes, pango_attr_line_height_new_absolute(units(style.lineHeight)))
    if style.tracking != 0 {
      pango_attr_list_insert(attributes, pango_attr_letter_spacing_new(units(style.tracking)))
    }
    pango_layout_set_attributes(layout, attributes)
    pango_attr_list_unref(attributes)
    if let width { pango_layout_set_width(layout, Int32(min(width, 1e6) * Double(PANGO_SCALE))) }
    pango_layout_set_text(layout, text, Int32(text.utf8.count))
  }

  deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

  private static func font(_ style: TextStyle, size: Double) -> OpaquePointer? {
    let font = pango_font_description_new()
    pango_font_description_set_family(font, style.families.joined(separator: ","))
    pango_font_description_set_weight(font, PangoWeight(UInt32(style.weight.value)))
    pango_font_description_set_style(font, style.isItalic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL)
    pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
    return font
  }

  var lineCount: Int { Int(pango_layout_get_line_count(layout)) }

  /// The block of lines: a line height each, as wide as the widest line, in pixels, from the layout's origin.
  var block: Rectangle { extents.block }

  /// What the glyphs cover, which may stick out of the block.
  var ink: Rectangle { extents.ink }

  /// The shaped glyphs from the left of each line: which font they come from and which glyph of it they are.
  package var glyphs: [Glyph] {
    var glyphs: [Glyph] = []
    for index in 0..<pango_layout_get_line_count(layout) {
      var node = pango_layout_get_line_readonly(layout, index)?.pointee.runs
      while let run = node {
        if let item = reel_run_at(run), let string = item.pointee.glyphs {
          let family = Self.family(of: item.pointee.item.pointee.analysis.font)
          for glyph in 0..<Int(string.pointee.num_glyphs) {
            let info = string.pointee.glyphs[glyph]
            guard info.glyph != PangoGlyph(0x0FFF_FFFF) else { continue }  // PANGO_GLYPH_EMPTY
            glyphs.append(
              Glyph(
                family: family, index: info.glyph, width: Double(info.geometry.width) / Double(PANGO_SCALE)))
          }
        }
        node = run.pointee.next
      }
    }
    return glyphs
  }

  /// A character that no family of the style has: it would be drawn as a box with a number in it.
  package var missingCharacter: Unicode.Scalar? {
    let unknown: UInt32 = 0x1000_0000  // PANGO_GLYPH_UNKNOWN_FLAG, beside the character itself
    return glyphs.first { $0.index & unknown != 0 }.flatMap { Unicode.Scalar($0.index & ~unknown) }
  }

  private var extents: (ink: Rectangle, block: Rectangle) {
    var ink = PangoRectangle()
    var logical = PangoRectangle()
    pango_layout_get_extents(layout, &ink, &logical)
    func pixels(_ rectangle: PangoRectangle) -> Rectangle {
      Rectangle(
        x: Double(rectangle.x) / Double(PANGO_SCALE), y: Double(rectangle.y) / Double(PANGO_SCALE),
        width: Double(rectangle.width) / Double(PANGO_SCALE),
        height: Double(rectangle.height) / Double(PANGO_SCALE))
    }
    return (pixels(ink), pixels(logical))
  }

  private static func family(of font: UnsafeMutablePointer<PangoFont>?) -> String {
    guard let description = pango_font_describe(font) else { return "" }
    defer { pango_font_description_free(description) }
    return pango_font_description_get_family(description).map { String(cString: $0) } ?? ""
  }
}

/// One shaped glyph.
package struct Glyph: Hashable {
  package let family: String
  package let index: UInt32
  /// How far the pen moves on, in pixels.
  package let width: Double
}

/// What a shape is filled with.
enum Paint: Hashable, Sendable {
  case colour(Colour)
  /// From the first colour to the second, the way that the direction points.
  case gradient(Colour, Colour, Heading)

  /// The paint with a heading that does not depend on how the ad is read.
  func resolved(in direction: Direction) -> Paint {
    guard case .gradient(let first, let last, let heading) = self else { return self }
    return .gradient(first, last, heading.resolved(in: direction))
  }
}

/// A picture to draw on: transparent at first.
final class Canvas {
  let width: Int
  let height: Int
  private let surface: OpaquePointer
  private let context: OpaquePointer

  init(width: Int, height: Int) throws(StageError) {
    self.width = width
    self.height = height
    surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
    context = cairo_create(surface)
    guard cairo_status(context) == CAIRO_STATUS_SUCCESS else {
      throw .failed("cairo cannot draw a picture of \(width)x\(height) pixels")
    }
    cairo_set_antialias(context, CAIRO_ANTIALIAS_BEST)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// Fills a rectangle whose corners are quarter circles of `radius` pixels.
  func fill(_ box: Rectangle, radius: Double, with paint: Paint) {
    let radius = min(radius, box.width / 2, box.height / 2)
    cairo_new_path(context)
    if radius > 0 {
      let (left, right) = (box.x + radius, box.x + box.width - radius)
      let (top, bottom) = (box.y + radius, box.y + box.height - radius)
      cairo_arc(context, right, top, radius, -Double.pi / 2, 0)
      cairo_arc(context, right, bottom, radius, 0, Double.pi / 2)
      cairo_arc(context, left, bottom, radius, Double.pi / 2, Double.pi)
      cairo_arc(context, left, top, radius, Double.pi, 3 * Double.pi / 2)
      cairo_close_path(context)
    } else {
      cairo_rectangle(context, box.x, box.y, box.width, box.height)
    }
    switch paint {
    case .colour(let colour): use(colour)
    case .gradient(let first, let last, let heading): use(from: first, to: last, heading, across: box)
    }
    cairo_fill(context)
  }

  /// Fills the glyphs' outlines, the block's top left corner at (`x`, `y`). As outlines they keep their exact
  /// places, where cairo's cached glyphs would jump to whole pixels.
  func draw(_ text: TextLayout, x: Double, y: Double, colour: Colour) {
    outline(text, x: x, y: y)
    use(colour)
    cairo_fill(context)
  }

  /// Draws a line of `width` pixels round the glyphs, half of it outside them.
  func stroke(_ text: TextLayout, x: Double, y: Double, colour: Colour, width: Double) {
    outline(text, x: x, y: y)
    use(colour)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_width(context, width)
    cairo_stroke(context)
  }

  /// What has been drawn: rows of red, green, blue, alpha, colours multiplied by alpha.
  var pixels: [UInt8] {
    cairo_surface_flush(surface)
    guard let bytes = cairo_image_surface_get_data(surface) else { return [] }
    let stride = Int(cairo_image_surface_get_stride(surface))
    return Array(unsafeUninitializedCapacity: width * height * 4) { buffer, count in
      for y in 0..<height {
        let row = UnsafeRawPointer(bytes + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
          let argb = row[x]
          let target = 4 * (y * width + x)
          buffer[target] = UInt8(truncatingIfNeeded: argb >> 16)
          buffer[target + 1] = UInt8(truncatingIfNeeded: argb >> 8)
          buffer[target + 2] = UInt8(truncatingIfNeeded: argb)
          buffer[target + 3] = UInt8(truncatingIfNeeded: argb >> 24)
        }
      }
      count = buffer.count
    }
  }

  private func outline(_ text: TextLayout, x: Double, y: Double) {
    let block = text.block
    cairo_new_path(context)
    cairo_move_to(context, x - block.x, y - block.y)
    pango_cairo_layout_path(context, text.layout)
  }

  private func use(_ colour: Colour) {
    cairo_set_source_rgba(
      context, Double(colour.red) / 255, Double(colour.green) / 255, Double(colour.blue) / 255,
      Double(colour.alpha) / 255)
  }

  private func use(from first: Colour, to last: Colour, _ heading: Heading, across box: Rectangle) {
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    let (dx, dy) = (heading.x * box.width / 2, heading.y * box.height / 2)
    let pattern = cairo_pattern_create_linear(x - dx, y - dy, x + dx, y + dy)
    // Many stops along an eased curve: a straight ramp shows where it begins and ends.
    for step in 0...16 {
      let place = Double(step) / 16
      let mix = Easing.easeInOut(place)
      func blend(_ channel: KeyPath<Colour, UInt8>) -> Double {
        (Double(first[keyPath: channel]) * (1 - mix) + Double(last[keyPath: channel]) * mix) / 255
      }
      cairo_pattern_add_color_stop_rgba(
        pattern, place, blend(\.red), blend(\.green), blend(\.blue), blend(\.alpha))
    }
    cairo_set_source(context, pattern)
    cairo_pattern_destroy(pattern)
  }
}
