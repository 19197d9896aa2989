// From a prompt's text to its vectors: cleaning, tokens, the text encoder, and the prompts that were seen before.

import ReelTensor
import Synchronization

/// Encodes prompts, keeps their vectors for all processes, and remembers the latest: the shots of a film share their
/// negative prompt.
final class PromptEncoder: Sendable {
  /// The number of tokens that a prompt is cut off or padded at.
  let length: Int
  let tokenizer: Lazy<Tokenizer>
  let textEncoder: Lazy<TextEncoder>
  /// The token that pads prompts.
  let padToken: Int32

  private let directory: String
  private let cache: ModelCache?
  private let remembered = Mutex<[(prompt: Prompt, vectors: Tensor)]>([])
  private static let memory = 16

  /// The length that the published models were trained with.
  private static let greatestLength = 512

  /// What vectors are remembered by.
  private struct Prompt: Hashable {
    /// Cleaned.
    let text: String
    let length: Int
  }

  /// Reads the configurations in a model's directory; tokenizer and weights are read on first use.
  ///
  /// - Parameter cache: where the vectors of prompts are kept; `nil` for memory.
  init(directory: String, cache: ModelCache?) throws(ModelError) {
    (self.directory, self.cache) = (directory, cache)
    tokenizer = Lazy { () throws(ModelError) in try Tokenizer(file: directory + "/tokenizer/tokenizer.json") }
    textEncoder = Lazy { () throws(ModelError) in try TextEncoder(directory: directory + "/text_encoder") }
    let file = directory + "/tokenizer/tokenizer_config.json"
    if FileContents.exists(file) {
      // Files without a limit give 10³⁰.
      let limit = try Configuration(file: file, limit: 1 << 26).number(
        "model_max_length", in: 1...1e300, default: Double(Self.greatestLength))
      length = Int(min(limit, Double(Self.greatestLength)))
    } else {
      length = Self.greatestLength
    }
    padToken = Int32(
      try Configuration(file: directory + "/text_encoder/config.json")
        .integer("pad_token_id", in: 0...Int(Int32.max), default: 0))
  }

  /// The tokens of a prompt: at most `length`, not padded.
  func tokens(_ prompt: String, length: Int) throws(ModelError) -> [Int32] {
    try tokens(Prompt(text: PromptText.clean(prompt), length: length))
  }

  private func tokens(_ prompt: Prompt) throws(ModelError) -> [Int32] {
    try tokenizer.value.encode(prompt.text, limit: prompt.length)
  }

  /// The vectors of several prompts, padded to `length` tokens.
  func encode(_ prompts: [String], length: Int) throws(ModelError) -> [PromptEmbedding] {
    let prompts = prompts.map { Prompt(text: PromptText.clean($0), length: length) }
    var known = remembered.withLock { $0 }
    var missing: [Prompt] = []
    for prompt in prompts where !known.contains(where: { $0.prompt == prompt }) && !missing.contains(prompt) {
      missing.append(prompt)
    }
    if !missing.isEmpty {
      known = Array(zip(missing, try keptVectors(of: missing))) + known
      remembered.withLock { [known] in $0 = Array(known.prefix(Self.memory)) }
    }
    return prompts.map { prompt in
      let vectors = known.first { $0.prompt == prompt }!.vectors
      return PromptEmbedding(vectors: vectors, padding: max(0, length - vectors.shape[0]))
    }
  }

  /// The vectors of different prompts, from where they are kept.
  private func keptVectors(of prompts: [Prompt]) throws(ModelError) -> [Tensor] {
    guard let cache, let made = cache.contents(of: ["text_encoder", "tokenizer"], in: directory) else {
      return try vectors(of: prompts)
    }
    let keys = prompts.map { prompt in
      "vectors \(Self.format)\n\(CPULevel.current.rawValue)\n\(made)\n\(prompt.length) \(prompt.text)"
    }
    let width = try TextEncoderConfiguration(file: directory + "/text_encoder/config.json").width
    return try cache.files.rows(for: keys, width: width) { missing throws(ModelError) in
      try vectors(of: missing.map { prompts[$0] })
    }
  }

  /// Raised when the same prompt would have other vectors than before.
  private static let format = 1

  private func vectors(of prompts: [Prompt]) throws(ModelError) -> [Tensor] {
    var tokens: [[Int32]] = []
    for prompt in prompts { tokens.append(try self.tokens(prompt)) }
    return try textEncoder.value.encode(tokens)
  }
}
