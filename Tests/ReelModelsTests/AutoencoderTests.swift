// The autoencoder in bands of rows: whatever they are, and in whichever order frames and rows pass, nothing changes.

import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct AutoencoderTests {
  /// Bands of two latent rows: chunk after chunk, and band after band.
  private static let small = [
    AutoencoderMemory(band: 1, frameHistory: .max), AutoencoderMemory(band: 1, frameHistory: 0),
  ]

  @Test(
    "bands decode and encode what whole frames do, to the bit",
    arguments: ["t2v-unipc", "i2v-first-last", "vace-references", "ti2v-first-frame"], small)
  func recorded(name: String, bounds: AutoencoderMemory) throws {
    let model = try DiffusionModel(directory: Fixtures.parity + "/\(name)/model")
    let whole = try CaseVerification(of: model, case: Fixtures.caseFile(name), threads: 2)
    let banded = try AutoencoderMemory.$bounds.withValue(bounds) {
      try CaseVerification(of: model, case: Fixtures.caseFile(name), threads: 2)
    }
    #expect(banded == whole)
    #expect(banded.isPassed)
  }

  @Test(
    "films of many bands and chunks are those of whole frames",
    arguments: ["t2v-unipc", "vace-references", "ti2v-text"], small)
  func films(name: String, bounds: AutoencoderMemory) throws {
    let model = try DiffusionModel(directory: Fixtures.parity + "/\(name)/model")
    let size = Size(width: 64, height: 64 * 5)
    let known = (0..<size.pixels * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let request = SamplingRequest(
      prompt: "a red can", size: size, frames: 17, steps: 1, guidance: 1, seed: 5,
      known: name == "t2v-unipc" ? [] : [.init(index: 0, frame: Frame(size: size, pixels: known))])
    let whole = try model.sample(request, threads: 2) { _, _ in }
    let banded = try AutoencoderMemory.$bounds.withValue(bounds) {
      try model.sample(request, threads: 2) { _, _ in }
    }
    #expect(banded == whole)
  }
}
