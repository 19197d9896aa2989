// One shot of a film, as prompt expansion writes it and the generating stages read it.

/// A shot: how long it is, what it shows, and the seed of its noise. A readable JSON file.
public struct Shot: Hashable, Sendable {
  /// Seconds on screen.
  public let seconds: Double
  /// The seed of every random number in the shot.
  public let seed: UInt64
  /// The full prompt.
  public let prompt: String
  /// What must not be seen.
  public let negativePrompt: String
  /// The choices that made the prompt, by axis, for people: `camera`, `light`, `backdrop`.
  public let choices: [String: String]

  public init(
    seconds: Double, seed: UInt64, prompt: String, negativePrompt: String, choices: [String: String]
  ) {
    self.seconds = seconds
    self.seed = seed
    self.prompt = prompt
    self.negativePrompt = negativePrompt
    self.choices = choices
  }

  public var json: JSON {
    [
      "seconds": .number(seconds), "seed": .string(String(seed)), "prompt": .string(prompt),
      "negative_prompt": .string(negativePrompt), "choices": .object(choices.mapValues { .string($0) }),
    ]
  }

  /// Reads the file's JSON; `nil` where a member is absent or of another type.
  public init?(json: JSON) {
    guard let seconds = json["seconds"]?.number, let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
      let prompt = json["prompt"]?.string, let negativePrompt = json["negative_prompt"]?.string,
      let choices = json["choices"]?.object
    else { return nil }
    self.init(
      seconds: seconds, seed: seed, prompt: prompt, negativePrompt: negativePrompt,
      choices: choices.compactMapValues(\.string))
  }
}
