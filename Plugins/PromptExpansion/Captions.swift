// The captions that a model was trained on, as its reel.json declares them.

import ReelStage

/// The clauses of a model's captions and the words it knows for each axis.
///
/// ```json
/// "captions": {
///   "clauses": ["a {colour} {product}", "in {backdrop}", "{light} light", "{move}"],
///   "optional": ["{motion}"],
///   "complete": true,
///   "words": {"colour": {"red": ["crimson", "scarlet"]}, …}
/// }
/// ```
///
/// A word may hold a slot of its own: the backdrop `a {colour} studio`.
struct Captions: Hashable, Sendable {
  /// One thing that a model knows, and what people call it.
  struct Word: Hashable, Sendable {
    let word: String
    let synonyms: [String]
  }

  /// In the order of the caption.
  let clauses: [String]
  /// Clauses that a caption has only where a person said their words.
  let optional: [String]
  /// Whether the model knows nothing but its own words, so that a person's in their place would only confuse it.
  let isComplete: Bool
  /// By axis, in ascending order of the word.
  let words: [String: [Word]]

  /// The captions that the model in the folder declares; `nil` where it declares none.
  ///
  /// - Throws: ``StageError`` for a reel.json that cannot be understood.
  init?(model folder: String) throws(StageError) {
    let path = folder + "/reel.json"
    let text = try TextFile.read(path)
    let declaration: JSON
    do {
      declaration = try JSON(parsing: text)
    } catch {
      throw .file(path, error.description)
    }
    guard let captions = declaration["captions"] else { return nil }
    guard let clauses = captions["clauses"]?.array?.compactMap(\.string), !clauses.isEmpty,
      let axes = captions["words"]?.object
    else { throw .file(path, "'captions' wants 'clauses', a list of texts, and 'words', an object") }
    var words: [String: [Word]] = [:]
    for (axis, list) in axes {
      guard let list = list.object, !list.isEmpty else {
        throw .file(path, "the words of '\(axis)' want an object of words and their synonyms")
      }
      words[axis] = list.keys.sorted().map { word in
        Word(word: word, synonyms: list[word]?.array?.compactMap(\.string) ?? [])
      }
    }
    guard let optional = (captions["optional"] ?? .array([])).array,
      optional.allSatisfy({ $0.string != nil })
    else { throw .file(path, "'optional' of 'captions' wants a list of texts") }
    guard let isComplete = (captions["complete"] ?? .bool(false)).bool else {
      throw .file(path, "'complete' of 'captions' wants true or false")
    }
    (self.clauses, self.optional) = (clauses, optional.compactMap(\.string))
    (self.isComplete, self.words) = (isComplete, words)
    for slot in everyAxis where words[slot] == nil {
      throw .file(path, "the clauses have a slot '{\(slot)}' that 'words' does not list")
    }
  }

  /// The axes for which every caption has a word, in the order in which the clauses name them.
  var axes: [String] { clauses.flatMap(Self.slots) }
  /// Those and the ones of the optional clauses.
  var everyAxis: [String] { everyClause.flatMap(Self.slots) }
  var everyClause: [String] { clauses + optional }

  /// The names in braces.
  static func slots(_ text: String) -> [String] {
    text.split(separator: "{").dropFirst(text.hasPrefix("{") ? 0 : 1).compactMap { part in
      part.firstIndex(of: "}").map { String(part[..<$0]) }
    }
  }

  /// The caption with the words in their slots, and the optional clauses that have words. A clause that begins with a
  /// preposition goes on from the one before.
  func caption(_ chosen: [String: String]) -> String {
    var caption = ""
    for clause in clauses + optional.filter({ Self.slots($0).allSatisfy { chosen[$0] != nil } }) {
      var filled = clause
      for axis in Self.slots(clause) { filled = filled.replacing("{\(axis)}", with: chosen[axis] ?? "") }
      let goesOn = ["in ", "on ", "at ", "with "].contains(where: clause.hasPrefix)
      caption += caption.isEmpty ? filled : (goesOn ? " " : ", ") + filled
    }
    return caption
  }
}
