// LoRAs against what diffusers and peft make of the same files, and files that are none.

import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct AdaptationTests {
  private static let folder = Fixtures.root + "/Tests/Fixtures/lora"
  private static let model = Fixtures.parity + "/clip-first/model"

  @Test(
    "a merged LoRA gives the recorded call, however its layers are spelt",
    arguments: ["peft", "kohya", "original"]
  )
  func recorded(name: String) throws {
    let path = "\(Self.folder)/\(name)-case.safetensors"
    let strength = try #require(Double(try SafetensorsFile(path: path).metadata["lora_strength"] ?? ""))
    func error(_ adaptations: [Adaptation]) throws -> Double {
      let model = try DiffusionModel(directory: Self.model, adaptations: adaptations)
      let verification = try CaseVerification(of: model, case: path, threads: 2)
      return try #require(verification.parts.first { $0.name == "call0.transformer.out" }).error
    }
    let file = "\(Self.folder)/\(name).safetensors"
    #expect(try error([.init(file: file, strength: strength)]) < 1e-5)
    // In two parts it is the same.
    let half = Adaptation(file: file, strength: strength / 2)
    #expect(try error([half, half]) < 1e-5)
    #expect(try error([]) > 0.1)
  }

  @Test("alpha of the request stands in place of the file's") func alpha() throws {
    let path = "\(Self.folder)/peft-case.safetensors"
    let file = "\(Self.folder)/peft.safetensors"
    // The file says 6, and the case was recorded at 0.8 of that.
    let model = try DiffusionModel(
      directory: Self.model, adaptations: [.init(file: file, strength: 1.6, alpha: 3)])
    #expect(try CaseVerification(of: model, case: path, threads: 2).isPassed)
  }

  @Test("of two experts only those are adapted that are asked for") func experts() throws {
    let directory = Fixtures.parity + "/i2v-two-experts/model"
    let scratch = try Scratch()
    var writer = SafetensorsWriter()
    writer["transformer.blocks.0.attn1.to_q.lora_A.weight"] = Tensor([1, 48], repeating: 1)
    writer["transformer.blocks.0.attn1.to_q.lora_B.weight"] = Tensor([48, 1], repeating: 1)
    let file = scratch.folder + "/lora.safetensors"
    try writer.write(to: file)
    func failed(_ experts: Adaptation.Experts) throws -> [String] {
      let model = try DiffusionModel(directory: directory, adaptations: [.init(file: file, experts: experts)])
      return try CaseVerification(of: model, case: Fixtures.caseFile("i2v-two-experts"), threads: 2).parts
        .filter { !$0.isPassed && $0.name.hasSuffix(".out") }.map(\.name)
    }
    let (high, low) = (try failed(.highNoise), try failed(.lowNoise))
    #expect(!high.isEmpty)
    #expect(Set(high).isDisjoint(with: low))
    #expect(try Set(failed(.both)) == Set(high).union(low))
  }

  @Test("a file that is no LoRA for the model is refused with the tensor's name") func refused() throws {
    let scratch = try Scratch()
    func refusal(_ tensors: [String: Tensor]) throws -> String {
      let file = scratch.folder + "/lora.safetensors"
      try ModelCopy.write(tensors, to: file)
      let model = try DiffusionModel(directory: Self.model, adaptations: [.init(file: file)])
      let request = SamplingRequest(
        prompt: "a can", size: Size(width: 32, height: 32), steps: 1, guidance: 1, seed: 1)
      let error = try #require(throws: ModelError.self) { try model.sample(request, threads: 1) { _, _ in } }
      return error.description.replacing(file + ": ", with: "")
    }
    let layer = "blocks.0.attn1.to_q"
    #expect(
      try refusal(["transformer.blocks.9.attn1.to_q.lora_A.weight": .zeros([1, 24])])
        == "tensor 'transformer.blocks.9.attn1.to_q.lora_A.weight' fits no layer of the transformer; "
        + "is the LoRA for another model?")
    #expect(try refusal([layer + ".weight": .zeros([1])]) == "tensor '\(layer).weight' is no part of a LoRA")
    #expect(
      try refusal([layer + ".lora_A.weight": .zeros([1, 24])])
        == "layer '\(layer)' has only one of the two matrices of a LoRA; the other is missing")
    #expect(
      try refusal([layer + ".lora_A.weight": .zeros([2, 20]), layer + ".lora_B.weight": .zeros([24, 2])])
        == "tensor '\(layer).lora_A' must have the shape [2, 24], found [2, 20]")
    #expect(
      try refusal([layer + ".lora_A.weight": .zeros([2, 24]), layer + ".lora_B.weight": .zeros([24, 3])])
        == "tensor '\(layer).lora_B' must have the shape [24, 2], found [24, 3]")
    #expect(
      try refusal([layer + ".alpha": .zeros([2])]) == "tensor '\(layer).alpha' must be one number, found [2]")
    #expect(
      try refusal([layer + ".diff_b": .zeros([3])])
        == "tensor '\(layer).bias' must have the shape [24], found [3]")
    #expect(
      try refusal(["lora_unet_blocks_0_self_attn_q.dora_scale": .zeros([24])])
        == "tensor 'lora_unet_blocks_0_self_attn_q.dora_scale' belongs to DoRA; only LoRA is implemented")
    let missing = Adaptation(file: scratch.folder + "/none")
    #expect(throws: ModelError.self) {
      try CaseVerification(
        of: DiffusionModel(directory: Self.model, adaptations: [missing]),
        case: "\(Self.folder)/peft-case.safetensors", threads: 1)
    }
  }
}
