// What the pipeline says of one shot, before it is expanded.

import ReelStage

/// One shot as it was asked for.
struct ShotRequest: Sendable {
  /// The shot's name, which the dice and the downstream stages know it by.
  let name: String
  /// What it shows, in the person's words, before choices are made; empty if the brief alone says it.
  let text: String
  let seconds: Double
  let seed: UInt64?
  let negativePrompt: String?
  /// What the person fixed, by axis: camera, light, backdrop.
  let fixed: [String: String]
  /// The shot's record, or the stage's parameters, for errors.
  let parameters: Parameters

  static let axes = ["camera", "light", "backdrop"]

  static let fields: [Parameter] =
    [
      .optional("id", .text, help: "the shot's name; its number if not given"),
      .optional("prompt", .text, help: "what the shot shows, beside the brief"),
      .optional("seconds", .number(0.04...600, unit: "seconds"), help: "how long it is"),
      .optional("seed", .integer(0...Int.max), help: "the seed of its noise"),
      .optional("negative_prompt", .text, help: "what must not be seen in it"),
    ] + axes.map { .optional($0, .text, help: "its \($0), instead of a chosen one") }

  /// The shots that the parameters ask for, in order.
  static func all(_ parameters: Parameters) throws(StageError) -> [ShotRequest] {
    let records = parameters.ifGiven("shot_list", parameters.records)
    if records != nil, parameters.has("shots") {
      throw parameters.problem("shots", "'shot_list' already says how many; leave one of them out")
    }
    if parameters.has("seconds"), parameters.has("total_seconds") {
      throw parameters.problem(
        "total_seconds", "'seconds' already says how long a shot is; leave one of them out")
    }
    let hasBrief = parameters.ifGiven("brief", parameters.text)?.contains { !$0.isWhitespace } ?? false
    let count = records?.count ?? parameters.ifGiven("shots", parameters.integer) ?? 1
    let total = parameters.ifGiven("total_seconds", parameters.number).map { $0 / Double(count) }
    let seconds = total ?? parameters.ifGiven("seconds", parameters.number) ?? 2
    guard let records else {
      guard hasBrief else {
        throw parameters.problem("brief", "there is nothing to show; give a brief, or shots in 'shot_list'")
      }
      return (1...count).map {
        ShotRequest(
          name: String($0), text: "", seconds: seconds, seed: nil, negativePrompt: nil, fixed: [:],
          parameters: parameters)
      }
    }
    var shots: [ShotRequest] = []
    for (index, record) in records.enumerated() {
      let shot = try ShotRequest(record, number: index + 1, seconds: seconds)
      guard !shots.contains(where: { $0.name == shot.name }) else {
        throw record.problem("id", "'\(shot.name)' is the id of an earlier shot; give another one")
      }
      guard !shot.text.isEmpty || hasBrief else {
        throw record.problem("prompt", "there is nothing to show; give a prompt, or a brief for all shots")
      }
      shots.append(shot)
    }
    return shots
  }

  private init(
    name: String, text: String, seconds: Double, seed: UInt64?, negativePrompt: String?,
    fixed: [String: String],
    parameters: Parameters
  ) {
    (self.name, self.text, self.seconds, self.seed) = (name, text, seconds, seed)
    (self.negativePrompt, self.fixed, self.parameters) = (negativePrompt, fixed, parameters)
  }

  private init(_ record: Parameters, number: Int, seconds: Double) throws(StageError) {
    let name = record.ifGiven("id", record.text) ?? String(number)
    let letters = name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
    }
    guard letters, (1...64).contains(name.utf8.count) else {
      throw record.problem("id", "wanted up to 64 letters a–z, digits, - and _, found '\(name)'")
    }
    var fixed: [String: String] = [:]
    for axis in Self.axes { fixed[axis] = record.ifGiven(axis, record.text) }
    self.init(
      name: name, text: record.ifGiven("prompt", record.text) ?? "",
      seconds: record.ifGiven("seconds", record.number) ?? seconds,
      seed: record.ifGiven("seed", record.integer).map(UInt64.init),
      negativePrompt: record.ifGiven("negative_prompt", record.text), fixed: fixed, parameters: record)
  }
}
