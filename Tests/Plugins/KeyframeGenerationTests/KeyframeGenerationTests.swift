// The stage makes the stills of a shot: as many as asked, of one scene, the same every time.

import KeyframeGeneration
import ReelStage
import StageTesting
import Testing

@Suite struct KeyframeGenerationTests {
  let model = TinyModel()

  private func stills(_ more: [String: JSON] = [:], shot: String? = nil, threads: Int = 1) throws -> [Frame] {
    let parameters = more.merging(["model": .string(model.path)]) { given, _ in given }
    return try StageRun(
      KeyframeGeneration.self, .object(parameters), inputs: ["prompts": [shot ?? model.shot()]],
      threads: threads
    ).frames()
  }

  @Test func `first and last still by default, at the model's size`() throws {
    let stills = try stills()
    #expect(stills.count == 2)
    #expect(stills.allSatisfy { $0.size == Size(width: 32, height: 32) })
    #expect(stills[0] != stills[1])
  }

  @Test func `the same shot gives the same stills, for any number of threads`() throws {
    let once = try stills()
    #expect(try stills() == once)
    #expect(try stills(threads: 3) == once)
  }

  @Test func `another seed, take, prompt or number of steps gives other stills`() throws {
    let first = try stills(["stills": 1])
    #expect(try stills(["stills": 1], shot: model.shot(seed: 8)) != first)
    #expect(try stills(["stills": 1, "take": 1]) != first)
    #expect(try stills(["stills": 1], shot: model.shot(prompt: "a blue ball")) != first)
    #expect(try stills(["stills": 1, "steps": 3]) != first)
  }

  @Test func `the first still does not depend on how many follow`() throws {
    #expect(try stills(["stills": 1])[0] == stills(["stills": 3])[0])
  }

  @Test func `shared noise: none of its own gives the same still, more gives another`() throws {
    let equal = try stills(["consistency": "shared-noise", "variation": "0%"])
    #expect(equal[0] == equal[1])
    let varied = try stills(["consistency": "shared-noise", "variation": "50%"])
    #expect(varied[0] == equal[0])
    #expect(varied[1] != varied[0])
  }

  @Test func `a model that takes a prompt alone needs shared noise, and the error says so`() throws {
    let prompted = TinyModel(case: "t2v-unipc")
    let inputs = ["prompts": [prompted.shot()]]
    #expect(
      refusal(KeyframeGeneration.self, ["model": .string(prompted.path)], inputs: inputs)
        == "parameter 'consistency': this model takes no keyframes, which 'previous-still' needs; use 'shared-noise'"
    )
    let parameters: JSON = ["model": .string(prompted.path), "consistency": "shared-noise"]
    #expect(try StageRun(KeyframeGeneration.self, parameters, inputs: inputs).frames().count == 2)
  }

  /// A picture of `size` in one colour, as a file.
  private func picture(_ size: Size, red: UInt8 = 200) throws -> String {
    let path = "\(model.folder.path)/picture-\(size)-\(red).png"
    try Frame(size: size, red: red, green: 40).writePNG(path)
    return path
  }

  @Test func `a given picture is the first still, filling the size`() throws {
    let frames = try stills(["first": .string(picture(Size(width: 80, height: 40)))])
    #expect(frames[0] == Frame(size: Size(width: 32, height: 32), red: 200, green: 40))
    #expect(frames[1] != frames[0])
  }

  @Test func `a given picture is made anew as far as strength says`() throws {
    let file = JSON.string(try picture(Size(width: 32, height: 32)))
    let kept = try stills(["stills": 1, "steps": 4, "first": file])
    let half = try stills(["stills": 1, "steps": 4, "first": file, "strength": 0.5])
    let whole = try stills(["stills": 1, "steps": 4, "first": file, "strength": 1])
    #expect(Set([kept, half, whole]).count == 3)
    // At 1 nothing is left of the picture but what the noise level before 1 lets through.
    let free = try stills(["stills": 1, "steps": 4])
    #expect(distance(whole[0], free[0]) < distance(half[0], free[0]))
  }

  private func distance(_ one: Frame, _ other: Frame) -> Int {
    zip(one.pixels, other.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  }

  @Test func `a given picture stays where the mask is black`() throws {
    let size = Size(width: 32, height: 32)
    var mask = Frame(size: size)
    for place in size.pixels * 3 / 2..<size.pixels * 3 { mask.pixels[place] = 255 }
    let path = model.folder.path + "/mask.png"
    try mask.writePNG(path)
    for model in [model, TinyModel(case: "vace-references")] {
      let still = try stills([
        "model": .string(model.path), "stills": 1, "first": .string(picture(size)), "mask": .string(path),
      ])[0]
      let given = Frame(size: size, red: 200, green: 40).pixels
      #expect(still.pixels[..<(size.pixels * 3 / 2)] == given[..<(size.pixels * 3 / 2)])
      #expect(still.pixels[(size.pixels * 3 / 2)...] != given[(size.pixels * 3 / 2)...])
    }
  }

  @Test func `several views of one scene grow from its first still`() throws {
    let views = try stills(["stills": 3, "consistency": "first-still"])
    let again = try stills(["stills": 2, "consistency": "first-still"])
    #expect(views[0] == again[0] && views[1] == again[1])
    let cameras: JSON = ["from above", "from the left"]
    let seen = try stills(["stills": 3, "consistency": "first-still", "cameras": cameras])
    #expect(seen[0] == views[0])
    #expect(Set(seen + views).count == 5)
  }

  @Test func `references of a VACE model matter, and other models refuse them`() throws {
    let control = TinyModel(case: "vace-references")
    let file = JSON.string(try picture(Size(width: 50, height: 20)))
    let base: [String: JSON] = ["model": .string(control.path), "stills": 1]
    let free = try stills(base)
    #expect(try stills(base.merging(["references": [file]]) { $1 }) != free)
    #expect(
      refusal(
        KeyframeGeneration.self, ["model": .string(model.path), "references": [file]],
        inputs: ["prompts": [model.shot()]])
        == "references: this model takes no reference images; use a VACE model")
  }

  @Test func `parameters that do not go together are refused`() {
    let inputs = ["prompts": [model.shot()]]
    func message(_ parameters: [String: JSON]) -> String {
      refusal(
        KeyframeGeneration.self, .object(parameters.merging(["model": .string(model.path)]) { $1 }),
        inputs: inputs)
    }
    #expect(
      message(["strength": 0.5])
        == "parameter 'strength': it is about a given picture; name one as 'first'")
    #expect(
      message(["stills": 3, "cameras": ["from above"]])
        == "parameter 'cameras': wanted one for each of the 2 stills after the first, found 1")
  }

  @Test func `what is no shot is refused`() {
    let model = TinyModel()
    let file = model.folder.write(#"{"prompt": "a can"}"#, to: "half.json")
    let inputs = ["prompts": [file]]
    #expect(
      refusal(KeyframeGeneration.self, ["model": .string(model.path)], inputs: inputs)
        == "input 'prompts': not a shot: wanted seconds, seed, prompt, negative_prompt and choices")
    model.folder.write("{", to: "half.json")
    #expect(
      refusal(KeyframeGeneration.self, ["model": .string(model.path)], inputs: inputs)
        == "input 'prompts': not a shot: line 1, column 1: string or '}' expected near end of file")
  }

  @Test func `a size that the model cannot make is refused`() {
    let inputs = ["prompts": [model.shot()]]
    #expect(
      refusal(KeyframeGeneration.self, ["model": .string(model.path), "size": "33x32"], inputs: inputs)
        == "size: '33x32' must be multiples of 16 across and 16 down")
  }
}
