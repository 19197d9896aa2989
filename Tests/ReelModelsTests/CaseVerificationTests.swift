// Every recorded run of the reference, part by part; and cases and models that are not as they should be.

import ReelModels
import ReelTensor
import Testing

@Suite struct CaseVerificationTests {
  private func verify(_ model: String, _ file: String, threads: Int = 2) throws -> CaseVerification {
    try CaseVerification(of: DiffusionModel(directory: model), case: file, threads: threads)
  }

  @Test("every part of a recorded run is within its tolerance", arguments: Fixtures.cases)
  func recorded(folder: String) throws {
    let path = folder + "/case.safetensors"
    let verification = try verify(Fixtures.model(ofCase: folder), path)
    for part in verification.parts { #expect(part.isPassed, "\(part.name) \(part.error)") }
    #expect(verification.isPassed)
    // Whatever the reference recorded is compared, or is the input of what is compared.
    #expect(verification.unused == [])
    let file = try SafetensorsFile(path: path)
    let results = file.names.filter { name in
      !name.hasPrefix("input.")
        && [
          ".ids", "_embeds", ".out", ".latents", ".mode", "timesteps", "sigmas", "condition", "video",
          "control_hidden_states", "hidden_states_image",
        ].contains { name.hasSuffix($0) }
        // Of several calls the first one's control and pictures are compared: they are the same at every step.
        && !(name.hasPrefix("call") && !name.hasPrefix("call0.") && !name.hasSuffix(".out"))
    }
    #expect(Set(results).isSubset(of: verification.parts.map(\.name)))
  }

  @Test(
    "a transformer that rounds what it multiplies points where the reference does",
    arguments: ["t2v-unipc", "i2v-first-last", "vace-keyframes", "ti2v-first-frame", "clip-first"],
    [Precision.bfloat16, .int8])
  func rounded(name: String, precision: Precision) throws {
    let model = try DiffusionModel(directory: Fixtures.parity + "/\(name)/model", precision: precision)
    let verification = try CaseVerification(of: model, case: Fixtures.caseFile(name), threads: 2)
    let calls = verification.parts.filter { $0.tolerance == .rounded }
    #expect(calls.count >= 1)
    for part in verification.parts { #expect(part.isPassed, "\(part.name) \(part.error)") }
    #expect(verification.unused == [])
    #expect(calls.allSatisfy { $0.error > 1e-9 })
  }

  @Test("the groups that a case does not record are said to be skipped") func skipped() throws {
    let verification = try verify(Fixtures.parity + "/t2v-euler/model", Fixtures.caseFile("t2v-euler"))
    #expect(verification.skipped == [.encode, .conditioning])
    let keyframe = try verify(Fixtures.embedded, Fixtures.caseFile("embedded-keyframe"))
    #expect(keyframe.skipped == [.tokens, .encode])
  }

  /// The case `name` with some tensors or metadata changed.
  private func changed(
    _ name: String, in scratch: Scratch, metadata: [String: String?] = [:],
    _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> String {
    let source = Fixtures.caseFile(name)
    var tensors = try ModelCopy.tensors(source)
    change(&tensors)
    var text = try SafetensorsFile(path: source).metadata
    for (key, value) in metadata { text[key] = value }
    let path = scratch.folder + "/case.safetensors"
    try ModelCopy.write(tensors, metadata: text, to: path)
    return path
  }

  private static let euler = Fixtures.parity + "/t2v-euler/model"

  @Test(
    "a part that differs by more than its tolerance fails, and no other one",
    arguments: [
      ("call2.transformer.out", Float(3e-4)), ("prompt_embeds", 3e-4), ("sigmas", 3e-5),
      ("step3.latents", 3e-3), ("vae.decode.out", 3e-4), ("video", 3e-3), ("text1.ids", 1),
    ])
  func differing(name: String, amount: Float) throws {
    let scratch = try Scratch()
    let file = try changed("t2v-euler", in: scratch) { tensors in
      var tensor = tensors[name]!.converted(to: .float32)
      let scale = name == "text1.ids" ? 1 : tensor.elements.reduce(0) { max($0, abs($1)) }
      tensor.withMutableFloats { $0[$0.count / 2] += amount * scale }
      tensors[name] = tensor
    }
    let verification = try verify(Self.euler, file)
    #expect(!verification.isPassed)
    #expect(verification.parts.filter { !$0.isPassed }.map(\.name) == [name])
  }

  @Test("a number that is none fails") func notANumber() throws {
    let scratch = try Scratch()
    let file = try changed("t2v-euler", in: scratch) { $0["sigmas"]!.withMutableFloats { $0[1] = .nan } }
    let failed = try verify(Self.euler, file).parts.filter { !$0.isPassed }
    #expect(failed.map(\.name) == ["sigmas"])
    #expect(failed.map(\.error) == [.infinity])
  }

  @Test("one key for all the padding of a prompt gives what the padding written out gives") func padding()
    throws
  {
    let scratch = try Scratch()
    let call = "call0.transformer"
    let file = try changed("t2v-euler", in: scratch) { tensors in
      // The last row is no longer zero, and as good as zero: nothing counts as padding.
      tensors[call + ".in.encoder_hidden_states"]!.withMutableFloats { $0[$0.count - 1] = 1e-30 }
    }
    let part = try #require(verify(Self.euler, file).parts.first { $0.name == call + ".out" })
    #expect(part.error < 1e-5)
  }

  @Test("only what a case records is compared") func partial() throws {
    let scratch = try Scratch()
    let file = try changed("t2v-euler", in: scratch) { tensors in
      tensors = tensors.filter { $0.key.hasPrefix("vae.decode") }
    }
    let verification = try verify(Self.euler, file)
    #expect(verification.parts.map(\.name) == ["vae.decode.out"])
    #expect(verification.skipped.count == CaseVerification.Group.allCases.count - 1)
  }

  @Test("errors do not depend on the number of threads") func threads() throws {
    let name = "i2v-first-last"
    let (model, file) = (Fixtures.parity + "/\(name)/model", Fixtures.caseFile(name))
    #expect(try verify(model, file, threads: 1) == verify(model, file, threads: 3))
  }

  @Test("a case that cannot be replayed is an error that names file and tensor") func hostile() throws {
    let scratch = try Scratch()
    func refusal(_ file: String, _ model: String = Self.euler) throws -> String {
      let error = try #require(throws: ModelError.self) { try verify(model, file) }
      return error.description.replacing(file + ": ", with: "")
    }
    #expect(try refusal("/nonexistent") == "cannot be read: no such file or directory")
    #expect(
      try refusal(changed("t2v-euler", in: scratch, metadata: ["prompt": nil]))
        == "'prompt' must be text in the metadata, found nothing")
    #expect(
      try refusal(changed("t2v-euler", in: scratch, metadata: ["num_inference_steps": "1000000000"]))
        == "'num_inference_steps' must be a whole number from 1 to 1000, found '1000000000'")
    #expect(
      try refusal(changed("t2v-euler", in: scratch, metadata: ["guidance_scale": "nan"]))
        == "'guidance_scale' must be a number, found 'nan'")
    #expect(
      try refusal(changed("t2v-euler", in: scratch) { $0 = [:] })
        == "records no part of a run; there is nothing to verify")
    #expect(
      try refusal(changed("t2v-euler", in: scratch) { $0["timesteps"] = .zeros([6]) })
        == "tensor 'timesteps' must have the shape [5], found [6]")
    #expect(
      try refusal(changed("t2v-euler", in: scratch) { $0["call0.transformer.in.timestep"] = nil })
        == "tensor 'call0.transformer.in.timestep' is missing")
    #expect(
      try refusal(
        changed("t2v-euler", in: scratch) {
          $0["call0.transformer.in.hidden_states"] = .zeros([1, 16, 1, 5, 4])
        })
        == "tensor 'call0.transformer.in.hidden_states' of the shape [1, 16, 1, 5, 4] does not fit the model, "
        + "which takes 0 + 1·n frames of multiples of 2 by 2")
    #expect(
      try refusal(changed("t2v-euler", in: scratch, metadata: ["num_frames": "5"]))
        == "noise of [1, 6, 4, 16] does not fit 5 frames of 32x48")
    #expect(
      try refusal(Fixtures.caseFile("i2v-first-last"), Fixtures.parity + "/t2v-unipc/model")
        == "tensor 'call0.transformer.in.hidden_states' must have the shape [1, 16, -1, -1, -1], "
        + "found [1, 36, 3, 4, 6]")
  }
}
