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

  @Test("the recorded texts give the reference's tokens") func recorded() throws {
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

  // Made with the `tokenizers` library 0.23.3 from random texts: byte fallback, added tokens, every normalizer.
  @Test("every kind of tokenizer gives what the tokenizers library gives") func kinds() throws {
    let kinds = try #require(Fixtures.json(Fixtures.root + "/Tests/Fixtures/tokenizers/kinds.json").array)
    #expect(kinds.count == 19)
    let scratch = try Scratch()
    for kind in kinds {
      let file = try #require(kind["tokenizer"])
      let tokenizer = try Tokenizer(file: scratch.write("tokenizer.json", file.text))
      for entry in try #require(kind["cases"]?.array) {
        let text = try #require(entry["text"]?.string)
        let wanted = try #require(entry["ids"]?.array).map { $0.integer ?? -1 }
        #expect(try tokenizer.encode(text).map(Int.init) == wanted, "\(kind["name"]!.text): \(text)")
      }
    }
  }

  // Made with Python's html.unescape, twice, and re.sub(r"\s+", " ").strip().
  @Test("prompts are cleaned as the reference's pipelines do") func prompts() throws {
    let cases = try #require(Fixtures.json(Fixtures.root + "/Tests/Fixtures/tokenizers/prompts.json").array)
    #expect(cases.count > 60)
    for entry in cases {
      let pair = try #require(entry.array).map { $0.string ?? "" }
      #expect(Array(PromptText.clean(pair[0]).unicodeScalars) == Array(pair[1].unicodeScalars), "\(pair[0])")
    }
  }

  @Test("a limit cuts off the text's tokens, not the template's") func limit() throws {
    let tokenizer = try Tokenizer(file: Fixtures.root + "/Tests/Fixtures/tokenizers/words.json")
    let all = try tokenizer.encode("a red can in snowy mountains")
    #expect(all == [5, 35, 13, 19, 37, 22, 1])
    #expect(try tokenizer.encode("a red can in snowy mountains", limit: 4) == [5, 35, 13, 1])
    #expect(try tokenizer.encode("a red can", limit: 1) == [1])
  }

  @Test("a text of more than 64 KiB is refused, as it stands or as it becomes") func longText() throws {
    let tokenizer = try Tokenizer(file: Fixtures.root + "/Tests/Fixtures/tokenizers/words.json")
    let refusal = ModelError.request(part: "prompt", reason: "longer than 65536 bytes; shorten it")
    #expect(throws: refusal) { try tokenizer.encode(String(repeating: "a", count: 65537)) }
    // One character whose compatibility form has 18.
    #expect(throws: refusal) { try tokenizer.encode(String(repeating: "\u{fdfa}", count: 20000)) }
    #expect(try tokenizer.encode(String(repeating: "a", count: 65536)) == [5, 3, 1])
  }

  private static let plain: JSON = [
    "model": ["type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1]]]
  ]

  /// The plain tokenizer with some members replaced, as a file; the error of reading it, without the path.
  private func refusal(_ members: [String: JSON]) throws -> String {
    let scratch = try Scratch()
    let root = try #require(Self.plain.object).merging(members) { $1 }
    let path = try scratch.write("tokenizer.json", JSON.object(root).text)
    let error = try #require(throws: ModelError.self) { try Tokenizer(file: path) }
    return error.description.replacing(path + ": ", with: "")
  }

  @Test("a part that is not implemented, or not what it should be, is named") func hostile() throws {
    #expect(
      try refusal(["model": ["type": "BPE"]]) == "unknown 'model.type' 'BPE'; known are 'Unigram'")
    #expect(try refusal(["model": 1]) == "'model' must be an object, found a number")
    #expect(
      try refusal(["model": ["vocab": []]]) == "'model.vocab' must be at least one piece, found an empty list"
    )
    #expect(
      try refusal(["model": ["vocab": [["a", -1], ["b"]]]])
        == "'model.vocab[1]' must be a piece and its score, found a list")
    #expect(
      try refusal(["model": ["vocab": [["a", -1]], "unk_id": 7]])
        == "'model.unk_id' must be a whole number from 0 to 0, found '7'")
    #expect(
      try refusal(["model": ["vocab": [[.string(String(repeating: "x", count: 2000)), -1]]]])
        == "'model.vocab[0]' must be a piece of at most 1024 bytes, found 2000")
    #expect(
      try refusal(["normalizer": ["type": "Sequence", "normalizers": [["type": "Lowercasee"]]]])
        == "unknown 'normalizer.normalizers[0].type' 'Lowercasee'; the nearest known is 'Lowercase'")
    #expect(
      try refusal(["normalizer": ["type": "Precompiled", "precompiled_charsmap": "%%%%"]])
        == "'normalizer.precompiled_charsmap' must be a character map in base64, found other bytes")
    #expect(
      try refusal(["normalizer": ["type": "Replace", "pattern": ["Regex": "(a+)+$"], "content": ""]])
        == "'normalizer.pattern.Regex' must be one repeated character, such as ' {2,}', found '(a+)+$'")
    #expect(
      try refusal(["pre_tokenizer": ["type": "Metaspace", "replacement": "__"]])
        == "'pre_tokenizer.replacement' must be one character, found '__'")
    #expect(
      try refusal(["post_processor": ["type": "TemplateProcessing", "special_tokens": [:], "single": []]])
        == "'post_processor.single' must be the sequence once, found 0 times")
    #expect(
      try refusal(["added_tokens": [["content": "<a>"]]])
        == "'added_tokens[0].id' must be a whole number from 0 to 2147483647, found nothing")
  }

  @Test("a character map of random bytes never leads out of itself") func hostileCharacterMap() throws {
    let scratch = try Scratch()
    var state: UInt64 = 1
    func random() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    for _ in 0..<200 {
      // A trie of 16 units, then forms, every third one of whose bytes may be anything.
      let bytes: [UInt8] = [64, 0, 0, 0] + (0..<80).map { _ in random() }
      let map = base64(bytes)
      let root = try #require(Self.plain.object)
        .merging(["normalizer": ["type": "Precompiled", "precompiled_charsmap": .string(map)]]) { $1 }
      let tokenizer = try Tokenizer(file: scratch.write("tokenizer.json", JSON.object(root).text))
      #expect(try !tokenizer.encode("a héllo 雪山 \u{1}\u{2}").isEmpty)
    }
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return stride(from: 0, to: bytes.count, by: 3).map { start in
      let group = (0..<3).reduce(0) { $0 << 8 | Int(start + $1 < bytes.count ? bytes[start + $1] : 0) }
      return String([18, 12, 6, 0].map { digits[group >> $0 & 63] })
    }.joined()
  }
}
