// From a shot as it was asked for to its full prompt.

import ReelStage

/// Writes the prompts of a film's shots.
struct ShotWriter: Sendable {
  let brief: String?
  let style: String?
  let negativePrompt: String
  let seed: UInt64
  /// By axis, what may be chosen for it; camera, light and backdrop.
  let choices: [String: [String]]
  let wildcards: Wildcards
  let captions: Captions?
  /// The stage's parameters, for errors.
  let parameters: Parameters

  /// Cameras and lights that any film can use, for a model that declares no words.
  static let usual = [
    "camera": [
      "slow push in", "slow pull out", "gentle orbit to the left", "gentle orbit to the right",
      "locked-off camera", "low-angle tilt up", "close-up with shallow depth of field", "overhead shot",
    ],
    "light": [
      "soft diffused light", "warm golden-hour light", "crisp morning light", "bright high-key studio light",
      "dramatic rim light", "cool blue-hour light",
    ],
  ]

  /// The shot at `index` of the film.
  ///
  /// - Parameter note: hears, as sentences, what was asked for and the model has no word for.
  func shot(
    _ request: ShotRequest, at index: Int, note: (String) -> Void = { _ in }
  ) throws(StageError) -> Shot {
    // What belongs to the film is the same in every shot, whatever the shots are; a camera is a shot's own.
    let film = Expansion(dice: Dice(seed: seed, shot: ""), index: index, wildcards: wildcards)
    let own = Expansion(dice: Dice(seed: seed, shot: request.name), index: index, wildcards: wildcards)
    let text = try expand(request.text, own, of: request.parameters, "prompt")
    let brief = try expand(brief ?? "", film, of: parameters, "brief")
    let style = try expand(style ?? "", film, of: parameters, "style")
    var chosen: [String: String] = [:]
    for axis in ShotRequest.axes {
      if let fixed = request.fixed[axis] {
        chosen[axis] = try expand(fixed, own, of: request.parameters, axis)
      } else if let listed = choices[axis] ?? (captions == nil ? Self.usual[axis] : nil) {
        let expansion = axis == "camera" ? own : film
        let option = listed[expansion.dice.pick(axis, from: listed.count)]
        chosen[axis] = try expand(option, expansion, of: parameters, "\(axis)s")
      }
    }
    let said = [brief, text].filter { !$0.isEmpty }
    let details = ["backdrop", "camera", "light"].compactMap { axis in
      chosen[axis].map { axis == "backdrop" ? "set in \($0)" : $0 }
    }
    var parts = said + details + [style]
    if let captions {
      let choice = CaptionChoice(captions, film: film.dice, shot: own.dice)
      let words = choice.words(fixed: chosen, said: [text, brief], note: note)
      // The caption already says what was found or chosen; the person's own words follow it where the model may know them.
      parts = [captions.caption(words)] + (captions.isComplete ? [] : said + [style])
      chosen.merge(words) { _, word in word }
    }
    return Shot(
      seconds: request.seconds, seed: request.seed ?? own.dice.roll("noise"),
      prompt: parts.filter { !$0.isEmpty }.joined(separator: ", "),
      negativePrompt: request.negativePrompt ?? negativePrompt, choices: chosen)
  }

  private func expand(
    _ text: String, _ expansion: Expansion, of parameters: Parameters, _ name: String
  ) throws(StageError) -> String {
    do {
      return try expansion.expand(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    } catch {
      throw parameters.problem(name, error.description)
    }
  }
}

/// Chooses a model's words for one shot.
struct CaptionChoice {
  private let captions: Captions
  private let film: Dice
  private let shot: Dice

  init(_ captions: Captions, film: Dice, shot: Dice) {
    (self.captions, self.film, self.shot) = (captions, film, shot)
  }

  /// By axis, the model's word.
  ///
  /// - Parameters:
  ///   - fixed: what was decided by axis; the camera is the model's `move`.
  ///   - said: the texts to look in, the one that counts most first.
  ///   - note: hears what the texts name no known word for, and what was chosen in its place.
  func words(
    fixed: [String: String], said: [String], note: (String) -> Void
  ) -> [String: String] {
    var words: [String: String] = [:]
    var unknown: [(name: String, axis: String, text: String)] = []
    for (name, text) in fixed.sorted(by: { $0.key < $1.key }) {
      let axis = name == "camera" ? "move" : name
      // "left" alone is enough where it stands for the light.
      words[axis] =
        captions.words[axis]?.first { $0.word == text.lowercased() }?.word
        ?? CaptionMatch(text, in: captions).words[axis]
      if words[axis] == nil, captions.everyAxis.contains(axis) { unknown.append((name, axis, text)) }
    }
    for text in said { words.merge(CaptionMatch(text, in: captions).words) { first, _ in first } }
    let unsaid = captions.axes.filter { words[$0] == nil }
    for axis in unsaid {
      let known = captions.words[axis] ?? []
      words[axis] = known[(axis == "move" ? shot : film).pick(axis, from: known.count)].word
    }
    for (axis, word) in words {
      words[axis] = filled(word, of: axis, beside: words)
    }
    for (name, axis, text) in unknown {
      let chosen = words[axis].map { "'\($0)'" } ?? "none"  // an axis of an optional clause may stay open
      note("the model knows no \(name) '\(text)' (\(known(axis))); \(chosen) was chosen")
    }
    // That a brief leaves the light and the camera open is as it should be.
    tell(
      unsaid.filter { axis in !["light", "move"].contains(axis) && !unknown.contains { $0.axis == axis } },
      of: said.last { !$0.isEmpty }, words: words, note)
    return words.filter { captions.everyAxis.contains($0.key) }
  }

  /// Says that a text names no word of the axes, and what was chosen.
  private func tell(_ axes: [String], of text: String?, words: [String: String], _ note: (String) -> Void) {
    guard let text, !axes.isEmpty else { return }
    let wanted = axes.map { "no \($0) (\(known($0)))" }.joined(separator: ", ")
    let chosen = axes.map { "'\(words[$0] ?? "")'" }.joined(separator: ", ")
    let verb = axes.count == 1 ? "was" : "were"
    note("'\(text)' names \(wanted) that the model knows; \(chosen) \(verb) chosen")
  }

  private func known(_ axis: String) -> String {
    (captions.words[axis] ?? []).map(\.word).joined(separator: ", ")
  }

  /// A chosen `a {colour} studio` with a colour that sets the product off.
  private func filled(_ word: String, of axis: String, beside words: [String: String]) -> String {
    guard let slot = Captions.slots(word).first else { return word }
    let known = (captions.words[slot] ?? []).map(\.word).filter { $0 != words[slot] }
    guard !known.isEmpty else { return word }
    return word.replacing("{\(slot)}", with: known[film.pick("\(axis) \(slot)", from: known.count)])
  }
}
