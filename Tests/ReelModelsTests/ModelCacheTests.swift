// What a model keeps of itself: the same frames as without, and no prompt is encoded twice.

import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct ModelCacheTests {
  private static let request = SamplingRequest(
    prompt: "a red can", negativePrompt: "blurry", size: Size(width: 48, height: 32), frames: 5, steps: 2,
    guidance: 4, seed: 7)

  private func frames(_ directory: String, _ cache: ModelCache?, prompt: String = "a red can") throws
    -> [Frame]
  {
    var request = Self.request
    request.prompt = prompt
    return try DiffusionModel(directory: directory, cache: cache).sample(request, threads: 2) { _, _ in }
  }

  @Test("prompts are encoded once for all models of the same files") func prompts() throws {
    let copy = try ModelCopy(of: Fixtures.parity + "/t2v-unipc/model")
    let kept = try Scratch()
    let cache = ModelCache(
      files: DerivedFiles(folder: kept.folder + "/derived"),
      digests: [copy.path("text_encoder/model.safetensors"): "1", copy.path("tokenizer/tokenizer.json"): "2"])
    let exact = try frames(copy.directory, nil)
    #expect(try frames(copy.directory, cache) == exact)
    // What is known needs no weights any more.
    copy.remove("text_encoder/model.safetensors")
    #expect(try frames(copy.directory, cache) == exact)
    #expect(throws: ModelError.self) { try frames(copy.directory, cache, prompt: "a blue can") }
    let changed = ModelCache(files: cache.files, digests: cache.digests.mapValues { $0 + "'" })
    #expect(throws: ModelError.self) { try frames(copy.directory, changed) }
  }
}
