// Fitting a text into its box.

import ReelStage

/// A text set at the size at which it fits.
struct TextSetting {
  let layout: TextLayout
  /// The em, in pixels.
  let size: Double
  let background: Layer.Background?

  /// The background's padding, in pixels; 0 without one.
  var paddingX: Double { (background?.paddingX ?? 0) * size }
  var paddingY: Double { (background?.paddingY ?? 0) * size }

  /// The box that the text needs with its background's padding, in pixels.
  var width: Double { layout.block.width + 2 * paddingX }
  var height: Double { layout.block.height + 2 * paddingY }

  /// Down to this part of the size asked for, a size that would fit is looked for.
  static let leastFraction = 50.0

  /// Sets `text` at the largest size, from the one asked for down to the least allowed, at which it fits a
  /// box.
  ///
  /// - Parameters:
  ///   - unit: the frame's shorter side in pixels, of which sizes are fractions.
  ///   - width: the box's width in pixels; `height`: its height.
  /// - Throws: the size at which it would fit, as a fraction of `unit`; `nil` where none would.
  init(
    _ text: String, typography: Layer.Typography, style: TextStyle, unit: Double, width: Double,
    height: Double,
    fonts: FontCollection
  ) throws(TooLong) {
    func set(_ fraction: Double) -> TextSetting? {
      let size = fraction * unit
      let room = width - 2 * (typography.background?.paddingX ?? 0) * size
      guard room > 0 else { return nil }
      let layout = TextLayout(text, style: style, size: size, width: room, fonts: fonts)
      let setting = TextSetting(layout: layout, size: size, background: typography.background)
      // Pango counts in 1024ths of a pixel.
      return setting.width <= width + 0.01 && setting.height <= height + 0.01 ? setting : nil
    }
    let least = typography.shrinks ? typography.minimumSize : typography.size
    var fraction = typography.size
    var fitting = set(fraction)
    while fitting == nil, fraction > typography.size / Self.leastFraction {
      // The least size itself is tried, then smaller ones for the error's sake.
      let next = fraction * 0.98
      fraction = fraction > least && next < least ? least : next
      fitting = set(fraction)
    }
    guard let fitting, fraction >= least else { throw TooLong(fittingSize: fitting == nil ? nil : fraction) }
    self = typography.isBalanced ? fitting.balanced(text, style: style, fonts: fonts) : fitting
  }

  /// A text that does not fit at the least size allowed.
  struct TooLong: Error, Hashable {
    /// The size at which it would fit, as a fraction of the frame's shorter side.
    let fittingSize: Double?
  }

  private init(layout: TextLayout, size: Double, background: Layer.Background?) {
    (self.layout, self.size, self.background) = (layout, size, background)
  }

  /// The same lines in number, of like widths: the narrowest measure that does not make more of them.
  private func balanced(_ text: String, style: TextStyle, fonts: FontCollection) -> TextSetting {
    guard layout.lineCount > 1 else { return self }
    var best = layout
    var (low, high) = (layout.block.width / 2, layout.block.width)
    while high - low > size / 20 {
      let middle = (low + high) / 2
      let trial = TextLayout(text, style: style, size: size, width: middle, fonts: fonts)
      if trial.lineCount == layout.lineCount, trial.block.width <= middle + 0.01 {
        (best, high) = (trial, middle)
      } else {
        low = middle
      }
    }
    return TextSetting(layout: best, size: size, background: background)
  }
}
