// What a model says of itself in reel.json: the sizes it makes well, and the captions it was trained on.

import ReelJSON
import ReelMedia

/// How a model is best used. `reel.json` in its directory gives it; without one, Wan's own values hold.
public struct ModelDeclaration: Hashable, Sendable {
  /// The frame size that the model works at where nothing else is asked for.
  public var size = Size(width: 832, height: 480)
  /// The sizes that it was trained on, one for each shape of frame; `size` is the first.
  public var sizes = [
    Size(width: 832, height: 480), Size(width: 480, height: 832), Size(width: 624, height: 624),
  ]
  /// Frames in a clip: 4k + 1 for a temporal factor of 4.
  public var frames = 81
  public var frameRate = FrameRate(16)
  /// Sampling steps.
  public var steps = 50
  /// Guidance scale: 1 is none.
  public var guidance = 5.0
  /// `nil` for a model that understands free text.
  public var captions: Captions?

  public init() {}

  /// The captions that a model was trained on.
  public struct Captions: Hashable, Sendable {
    /// The clauses in their order, with slots in braces: `in {backdrop}`.
    public let clauses: [String]
    /// For every slot its words, each with other ways to say it. A word may contain slots itself.
    public let words: [String: [String: [String]]]
  }

  /// Of the sizes that the model was trained on, the one that is nearest in shape; the first of equals.
  public func size(nearest aspect: AspectRatio) -> Size {
    sizes.min { AspectRatio($0).distance(to: aspect) < AspectRatio($1).distance(to: aspect) } ?? size
  }

  private static let file = "reel.json"

  /// Reads `reel.json` in a model's directory. Wan's values hold where there is none, and for absent members.
  public init(directory: String) throws(ModelError) {
    let path = "\(directory)/\(Self.file)"
    guard FileContents.exists(path) else { return }
    let root = try Configuration(file: path)
    size = Size(
      width: try root.integer("width", in: 16...16384, default: size.width),
      height: try root.integer("height", in: 16...16384, default: size.height))
    if root.has("width") || root.has("height") || root.has("sizes") { sizes = [size] }
    for (place, value) in try root.list("sizes", limit: 100, default: []) {
      guard let other = value.string.flatMap({ Size($0) }) else {
        throw root.wrong(place, wanted: "a size, as in \"\(size)\"", found: value)
      }
      if !sizes.contains(other) { sizes.append(other) }
    }
    frames = try root.integer("frames", in: 1...4097, default: frames)
    frameRate = FrameRate(
      try root.integer("frames_per_second", in: 1...240, default: frameRate.numerator))
    steps = try root.integer("steps", in: 1...1000, default: steps)
    guidance = try root.number("guidance", in: 0...100, default: guidance)
    captions = try root.objectIfGiven("captions").map { part throws(ModelError) in try Captions(part) }
  }
}

extension ModelDeclaration.Captions {
  init(_ part: Configuration) throws(ModelError) {
    clauses = try Self.texts(part, "clauses")
    let slots = try part.object("words")
    var words: [String: [String: [String]]] = [:]
    for slot in (slots.values.object ?? [:]).keys.sorted() {
      let list = try slots.object(slot)
      var synonyms: [String: [String]] = [:]
      for word in (list.values.object ?? [:]).keys { synonyms[word] = try Self.texts(list, word) }
      words[slot] = synonyms
    }
    self.words = words
    for clause in clauses + words.values.flatMap(\.keys).sorted() {
      for slot in Self.slots(clause) where words[slot] == nil {
        throw part.wrong("words", wanted: "words for the slot '\(slot)' of '\(clause)'", found: "none")
      }
    }
  }

  /// The names in braces: `a {colour} {product}` has "colour" and "product".
  public static func slots(_ text: String) -> [String] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.firstIndex(of: "}").map { String(part[..<$0]) }
    }
  }

  private static func texts(_ part: Configuration, _ name: String) throws(ModelError) -> [String] {
    var texts: [String] = []
    for (place, value) in try part.list(name, limit: 1000) {
      guard let text = value.string else { throw part.wrong(place, wanted: "text", found: value) }
      texts.append(text)
    }
    return texts
  }
}
