// The tokenizer against the reference's token numbers, and against files that are not what they should be.

import ReelJSON
import ReelModels
import Testing

@Suite struct TokenizerTests {
  /// The tokenizers that the recorded cases name.
  private static let files = [
    "tok0": Fixtures.parity + "/t2v-unipc/model/tokenizer/tokenizer.json",
    "tok1": Fixtures.parity + "/t2v-euler/model/tokenizer/tokenizer.json",
  ]

  @Test func givesTheReferencesTokens() throws {
    let cases = try #require(Fixtures.json(Fixtures.parity + "/tokenizer-cases.json").array)
    #expect(cases.count == 24)
    let tokenizers = try Self.files.mapValues { try Tokenizer(file: $0) }
    for entry in cases {
      let tokenizer = try #require(tokenizers[entry["tokenizer"]?.string ?? ""])
      let text = try #require(entry["text"]?.string)
      let wanted = try #require(entry["ids"]?.array).map { $0.integer ?? -1 }
      #expect(try tokenizer.encode(text).map(Int.init) == wanted, "\(text)")
    }
  }
}
