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
