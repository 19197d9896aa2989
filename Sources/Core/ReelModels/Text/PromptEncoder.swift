// From a prompt's text to its vectors: cleaning, tokens, the text encoder, and the prompts seen lately.

import ReelTensor
import Synchronization

/// Encodes prompts, and remembers the latest of them: the shots of a film share their negative prompt.
final class PromptEncoder: Sendable {
  /// The number of tokens that a prompt is cut off or padded at.
  let length: Int
  let tokenizer: Lazy<Tokenizer>
  let textEncoder: Lazy<TextEncoder>
  /// The token that pads prompts.
  let padToken: Int32

  private let remembered = Mutex<[(tokens: [Int32], vectors: Tensor)]>([])
  private static let memory = 16

  /// The length that the published models were trained with.
  private static let greatestLength = 512

  /// Reads the configurations in a model's directory; tokenizer and weights are read on first use.
  init(directory: String) throws(ModelError) {
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
    try tokenizer.value.encode(PromptText.clean(prompt), limit: length)
  }

  /// The vectors of several prompts, padded to `length` tokens.
  func encode(_ prompts: [String], length: Int) throws(ModelError) -> [PromptEmbedding] {
    var tokens: [[Int32]] = []
    for prompt in prompts { tokens.append(try self.tokens(prompt, length: length)) }
    var known = remembered.withLock { $0 }
    var missing: [[Int32]] = []
    for prompt in tokens where !known.contains(where: { $0.tokens == prompt }) && !missing.contains(prompt) {
      missing.append(prompt)
    }
    if !missing.isEmpty {
      known = Array(zip(missing, try textEncoder.value.encode(missing))) + known
      remembered.withLock { [known] in $0 = Array(known.prefix(Self.memory)) }
    }
    return tokens.map { prompt in
      let vectors = known.first { $0.tokens == prompt }!.vectors
      return PromptEmbedding(vectors: vectors, padding: max(0, length - prompt.count))
    }
  }
}
