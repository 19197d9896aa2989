// The small decoder against what TAEHV makes of the same latents, and files that hold another network.

import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct TinyDecoderTests {
  private static let folder = Fixtures.root + "/Tests/Fixtures/tiny-decoder"

  @Test(
    "latents are decoded as the reference decodes them",
    arguments: [
      ("wan-2.1.safetensors", "wan-2.1"), ("wan-2.1.pth", "wan-2.1"), ("wan-2.2.safetensors", "wan-2.2"),
    ])
  func recorded(file: String, name: String) throws {
    let expected = try SafetensorsFile(path: "\(Self.folder)/\(name)-expected.safetensors")
    let decoder = try TinyDecoder(path: "\(Self.folder)/\(file)")
    var chunks: [Tensor] = []
    try decoder.decode(try expected.tensor(named: "latents")) { chunks.append($0) }
    #expect(chunks.map { $0.shape[0] } == [1, 4, 4])
    let video = try expected.tensor(named: "video")
    let result = Tensor.concatenated(chunks)
    #expect(result.shape == video.shape)
    let error = zip(result.elements, video.elements).map { abs($0 * 0.5 + 0.5 - $1) }.max() ?? .infinity
    #expect(error < 1e-5)
  }

  @Test("a preview has the frames of the film, from the same latents") func preview() throws {
    let model = try DiffusionModel(directory: Fixtures.parity + "/t2v-unipc/model")
    var request = SamplingRequest(
      prompt: "a can", size: Size(width: 32, height: 32), frames: 9, steps: 2, guidance: 1, seed: 1)
    let film = try model.sample(request, threads: 2) { _, _ in }
    request.decoder = try TinyDecoder(path: Self.folder + "/wan-2.1.safetensors")
    let preview = try model.sample(request, threads: 2) { _, _ in }
    #expect(preview.map(\.size) == film.map(\.size))
    #expect(preview != film)
    #expect(try model.sample(request, threads: 1) { _, _ in } == preview)
    let path = Self.folder + "/wan-2.2.safetensors"
    request.decoder = try TinyDecoder(path: path)
    let error = try #require(throws: ModelError.self) { try model.sample(request, threads: 1) { _, _ in } }
    #expect(
      error.description
        == "decoder: '\(path)' decodes 24 channels to 16×16 pixels of 4 frames, and the model's latents have 16, "
        + "for 8×8 of 4")
  }

  @Test("a file with another network is refused by the name of a tensor") func refused() throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/other.safetensors"
    func refusal(_ change: (inout [String: Tensor]) -> Void) throws -> String {
      var tensors = try ModelCopy.tensors(Self.folder + "/wan-2.1.safetensors")
      change(&tensors)
      try ModelCopy.write(tensors, to: path)
      let error = try #require(throws: ModelError.self) { try TinyDecoder(path: path) }
      return error.description.replacing(path + ": ", with: "")
    }
    #expect(try refusal { $0 = ["x": .zeros([1])] } == "tensor 'decoder.1.weight' is missing")
    #expect(
      try refusal { $0["decoder.1.weight"] = .zeros([12, 16, 1, 1]) }
        == "'decoder.1.weight' must be a 3×3 convolution of latents, found the shape [12, 16, 1, 1]")
    #expect(
      try refusal { $0["decoder.4.conv.2.weight"] = .zeros([12, 10, 3, 3]) }
        == "tensor 'decoder.4.conv.2.weight' must have the shape [12, 12, 3, 3], found [12, 10, 3, 3]")
    #expect(
      try refusal { $0["decoder.13.conv.weight"] = .zeros([10, 10, 1, 1]) }
        == "'decoder.13.conv.weight' must be 20 outputs, found '10'")
    #expect(
      try refusal { $0["decoder.22.weight"] = .zeros([5, 6, 3, 3]) }
        == "'decoder.22.weight' must be 3·p² outputs for a patch p of 1 to 8, found '5'")
  }
}
