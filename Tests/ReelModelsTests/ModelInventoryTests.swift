// What a directory holds, and what the published shapes cost, against the table in the specification of the models.

import ReelMedia
import ReelModels
import Testing

@Suite struct ModelInventoryTests {
  @Test("parts are counted with their sizes and types, and the licence is found") func parts() throws {
    let copy = try ModelCopy(of: Fixtures.parity + "/i2v-two-experts/model")
    let inventory = try ModelInventory(directory: copy.directory)
    #expect(inventory.parts.map(\.name) == ["text_encoder", "transformer", "transformer_2", "vae"])
    #expect(inventory.parts.allSatisfy { $0.types == ["float32"] && $0.bytes == 4 * $0.parameters })
    #expect(inventory.licence == nil)
    try copy.scratch.write("README.md", "---\nlicense: apache-2.0\n---\n# A model\n")
    #expect(try ModelInventory(directory: copy.directory).licence == "apache-2.0, by README.md")
    try copy.scratch.write("LICENSE.txt", "…")
    #expect(try ModelInventory(directory: copy.directory).licence == "LICENSE.txt")
    try copy.editTensors("vae/diffusion_pytorch_model.safetensors") { tensors in
      for name in tensors.keys where name.hasSuffix("weight") {
        tensors[name] = tensors[name]!.converted(to: .bfloat16)
      }
    }
    #expect(try ModelInventory(directory: copy.directory).parts.last?.types == ["bfloat16", "float32"])
  }

  @Test(
    "random models have as many numbers as the published ones, in billions",
    arguments: [
      (RandomModel.text, 1.42), (.vace, 2.15), (.textAndImage, 5.0),
    ])
  func parameters(model: RandomModel, billions: Double) {
    #expect(abs(Double(model.transformerParameters) / 1e9 - billions) < 0.01 * billions)
    #expect(abs(Double(RandomModel.textEncoderParameters) / 1e9 - 5.7) < 0.057)
  }

  /// Operations in units of 10¹² for 480×832 pixels and 81 frames, by the specification.
  @Test(
    "operations are those of the table",
    arguments: [
      (RandomModel.text, 81, 480, 832, 283.0), (.vace, 81, 480, 832, 427), (.text, 1, 480, 832, 4.5),
      (.text, 17, 256, 256, 3.6), (.vace, 1, 256, 256, 1.03),
    ])
  func operations(model: RandomModel, frames: Int, height: Int, width: Int, wanted: Double) {
    let own = model.operations(size: Size(width: width, height: height), frames: frames)
    #expect(abs(own.call / 1e12 - wanted) < 0.03 * wanted)
  }

  @Test(
    "operations of the autoencoder are those of the table",
    arguments: [(81, 480, 832, 275.0, 164.0), (1, 480, 832, 4.4, 2.7), (17, 256, 256, 9.6, 5.7)])
  func autoencoder(frames: Int, height: Int, width: Int, decode: Double, encode: Double) {
    let own = RandomModel.text.operations(size: Size(width: width, height: height), frames: frames)
    #expect(abs(own.decode / 1e12 - decode) < 0.05 * decode)
    #expect(abs(own.encode / 1e12 - encode) < 0.05 * encode)
  }
}
