// Directories of models: shards, stored types, declarations; and files that are missing, damaged or unknown.

import Glibc
import ReelJSON
import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct ModelDirectoryTests {
  private static let source = Fixtures.parity + "/t2v-euler/model"
  private static let weights = "transformer/diffusion_pytorch_model.safetensors"

  private func still(_ directory: String) throws -> [Frame] {
    let request = SamplingRequest(
      prompt: "a red can", size: Size(width: 32, height: 48), steps: 2, guidance: 3, seed: 1)
    return try DiffusionModel(directory: directory).sample(request, threads: 2) { _, _ in }
  }

  /// Opens the model and uses it; the error without the directory.
  private func refusal(_ copy: ModelCopy) throws -> String {
    let error = try #require(throws: ModelError.self) { try still(copy.directory) }
    return error.description.replacing(copy.directory + "/", with: "")
  }

  @Test("a missing or unreadable file is named") func files() throws {
    let copy = try ModelCopy(of: Self.source)
    try copy.scratch.write("vae/config.json", "{\"base_dim\": 8,}")
    #expect(try refusal(copy) == "vae/config.json: line 1, column 16: string or '}' expected near '}'")
    copy.remove("vae/config.json")
    #expect(try refusal(copy) == "vae/config.json: no such file or directory")
    copy.remove("transformer/config.json")
    mkdir(copy.path("transformer/config.json"), 0o755)
    #expect(try refusal(copy) == "transformer/config.json: not a regular file")
    copy.remove("model_index.json")
    #expect(try refusal(copy) == "model_index.json: no such file or directory")
  }

  @Test("an unknown class is told with the nearest known one") func classes() throws {
    let copy = try ModelCopy(of: Self.source)
    try copy.edit("vae/config.json") { $0["_class_name"] = "AutoencoderKL" }
    #expect(
      try refusal(copy)
        == "vae/config.json: unknown '_class_name' 'AutoencoderKL'; the nearest known is 'AutoencoderKLWan'")
    try copy.edit("transformer/config.json") { $0["_class_name"] = "WanAnimateTransformer3DModel" }
    #expect(
      try refusal(copy)
        == "transformer/config.json: unknown '_class_name' 'WanAnimateTransformer3DModel'; "
        + "the nearest known is 'WanTransformer3DModel'")
    try copy.edit("model_index.json") { $0["_class_name"] = "WanPipelin" }
    #expect(
      try refusal(copy)
        == "model_index.json: unknown '_class_name' 'WanPipelin'; the nearest known is 'WanPipeline'")
    try copy.edit("model_index.json") {
      $0["_class_name"] = "WanPipeline"
      $0["text_encoder"] = ["transformers", "T5EncoderModel"]
    }
    #expect(
      try refusal(copy)
        == "model_index.json: unknown 'text_encoder' 'T5EncoderModel'; the nearest known is 'UMT5EncoderModel'"
    )
  }

  @Test("a wrong value in a configuration is told with its place") func values() throws {
    func refusal(_ file: String, _ member: String, _ value: JSON) throws -> String {
      let copy = try ModelCopy(of: Self.source)
      try copy.edit(file) { $0[member] = value }
      return try self.refusal(copy)
    }
    #expect(
      try refusal("transformer/config.json", "num_layers", 100_000)
        == "transformer/config.json: 'num_layers' must be a whole number from 1 to 1024, found '100000'")
    #expect(
      try refusal("transformer/config.json", "attention_head_dim", "16")
        == "transformer/config.json: 'attention_head_dim' must be a whole number from 2 to 4096, found '16'")
    #expect(
      try refusal("transformer/config.json", "added_kv_proj_dim", 48)
        == "transformer/config.json: 'added_kv_proj_dim' must be nothing, found '48'")
    #expect(
      try refusal("transformer/config.json", "image_dim", 1280)
        == "transformer/config.json: 'added_kv_proj_dim' must be a whole number from 48 to 48, found nothing")
    #expect(
      try refusal("transformer/config.json", "in_channels", 20)
        == "transformer/config.json: 'in_channels' must be 16 (noise) or 36 (noise, mask, known frames), found '20'"
    )
    #expect(
      try refusal("vae/config.json", "latents_mean", [1, 2])
        == "vae/config.json: 'latents_mean' must be a list of 16, found 2")
    #expect(
      try refusal("vae/config.json", "temperal_downsample", [true])
        == "vae/config.json: 'temperal_downsample' must be one value fewer than 'dim_mult' has, found 1")
    #expect(
      try refusal("text_encoder/config.json", "feed_forward_proj", "relu")
        == "text_encoder/config.json: 'feed_forward_proj' must be 'gated-gelu', found 'relu'")
  }

  @Test("a tensor that is missing, or of another shape or type, is named") func tensors() throws {
    func refusal(_ change: (inout [String: Tensor]) -> Void) throws -> String {
      let copy = try ModelCopy(of: Self.source)
      try copy.editTensors(Self.weights, change)
      return try self.refusal(copy)
    }
    let name = "blocks.1.attn2.to_k.weight"
    #expect(try refusal { $0[name] = nil } == "\(Self.weights): tensor '\(name)' is missing")
    #expect(
      try refusal { $0[name] = .zeros([48, 32]) }
        == "\(Self.weights): tensor '\(name)' must have the shape [48, 48], found [48, 32]")
    #expect(
      try refusal { $0[name] = $0[name]!.converted(to: .int32) }
        == "\(Self.weights): tensor '\(name)' must hold float32, float16 or bfloat16, found int32")
  }

  @Test("a file that is cut off is told with a tensor that it lacks") func truncated() throws {
    let copy = try ModelCopy(of: Self.source)
    let bytes = try Fixtures.bytes(copy.path(Self.weights))
    for length in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
      try copy.scratch.write(Self.weights, Array(bytes[..<length]))
      let message = try refusal(copy)
      #expect(message.hasPrefix(Self.weights + ": "), "\(length): \(message)")
      if length > bytes.count / 3 { #expect(message.contains("tensor '"), "\(length): \(message)") }
    }
  }

  @Test("weights that are no numbers give an error, not a picture") func notNumbers() throws {
    let copy = try ModelCopy(of: Self.source)
    try copy.editTensors(Self.weights) { $0["proj_out.bias"]!.withMutableFloats { $0[0] = .nan } }
    let message = try refusal(copy)
    #expect(message.hasSuffix("the model gave pixels that are not numbers; its weights are damaged"))
  }

  @Test("shards with an index are the same model as one file") func shards() throws {
    let copy = try ModelCopy(of: Self.source)
    let tensors = try ModelCopy.tensors(copy.path(Self.weights))
    var map: [String: JSON] = [:]
    for (number, part) in [0, 1].enumerated() {
      let file = "diffusion_pytorch_model-0000\(part + 1)-of-00002.safetensors"
      let names = tensors.keys.sorted().enumerated().filter { $0.offset % 2 == number }.map(\.element)
      try ModelCopy.write(
        tensors.filter { names.contains($0.key) }, to: copy.path("transformer/" + file))
      for name in names { map[name] = .string(file) }
    }
    copy.remove(Self.weights)
    let index = Self.weights + ".index.json"
    try copy.scratch.write(index, JSON.object(["weight_map": .object(map)]).text)
    #expect(try still(copy.directory) == still(Self.source))

    let name = "proj_out.bias"
    try copy.edit(index) { $0["weight_map"] = .object(map.merging([name: "../vae/config.json"]) { $1 }) }
    #expect(
      try refusal(copy)
        == "\(index): 'weight_map.\(name)' must be the name of a file beside the index, found '../vae/config.json'"
    )
    try copy.edit(index) { $0["weight_map"] = .object(map.merging(["more": map[name]!]) { $1 }) }
    #expect(try refusal(copy).hasSuffix(".safetensors: tensor 'more' is missing"))
    try copy.edit(index) { $0["weight_map"] = .object(map.merging([name: "none.safetensors"]) { $1 }) }
    #expect(try refusal(copy) == "transformer/none.safetensors: cannot be read: no such file or directory")
    try copy.edit(index) { $0["weight_map"] = .object(map.filter { $0.key != name }) }
    #expect(try refusal(copy) == "\(index): tensor '\(name)' is missing")
  }

  @Test(
    "16-bit weights are computed with as the numbers that they are",
    arguments: [ElementType.float16, .bfloat16])
  func storedTypes(type: ElementType) throws {
    let (stored, rounded) = (try ModelCopy(of: Self.source), try ModelCopy(of: Self.source))
    for file in [
      Self.weights, "vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors",
    ] {
      try stored.editTensors(file) { $0 = $0.mapValues { $0.converted(to: type) } }
      try rounded.editTensors(file) { $0 = $0.mapValues { $0.converted(to: type).converted(to: .float32) } }
    }
    for (a, b) in zip(try still(stored.directory), try still(rounded.directory)) {
      #expect(zip(a.pixels, b.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }
  }

  @Test("reel.json declares sizes and captions; Wan's values hold without it") func declaration() throws {
    let scratch = try Scratch()
    _ = try scratch.write(
      "reel.json",
      """
      {"width": 64, "height": 48, "frames": 9, "frames_per_second": 4, "steps": 20, "guidance": 2.0,
       "captions": {"clauses": ["a {colour} {product}", "in {backdrop}"],
        "words": {"colour": {"red": []}, "product": {"can": ["tin", "soda"]}, "backdrop": {"a {colour} studio": []}}}}
      """)
    let declared = try ModelDeclaration(directory: scratch.folder)
    #expect(declared.size == Size(width: 64, height: 48))
    #expect(declared.frames == 9 && declared.frameRate == FrameRate(4))
    #expect(declared.steps == 20 && declared.guidance == 2)
    let captions = try #require(declared.captions)
    #expect(captions.clauses == ["a {colour} {product}", "in {backdrop}"])
    #expect(captions.words["product"]?["can"] == ["tin", "soda"])
    #expect(ModelDeclaration.Captions.slots(captions.clauses[0]) == ["colour", "product"])

    #expect(declared.sizes == [declared.size])
    #expect(declared.size(nearest: AspectRatio("9:16")!) == declared.size)

    let absent = try ModelDeclaration(directory: Self.source)
    #expect(absent == ModelDeclaration())
    #expect(absent.size == Size(width: 832, height: 480) && absent.frames == 81)
    #expect(absent.frameRate == FrameRate(16) && absent.steps == 50 && absent.guidance == 5)
  }

  @Test("of the sizes of a model the nearest in shape is taken") func sizes() throws {
    let scratch = try Scratch()
    _ = try scratch.write(
      "reel.json", #"{"width": 192, "height": 112, "sizes": ["192x112", "112x192", "144x144"]}"#)
    let declared = try ModelDeclaration(directory: scratch.folder)
    #expect(declared.sizes.map(\.description) == ["192x112", "112x192", "144x144"])
    let expected = [
      "1920x1080": "192x112", "1080x1920": "112x192", "1080x1080": "144x144", "4:5": "144x144",
      "2:3": "112x192", "21:9": "192x112", "1:100": "112x192",
    ]
    for (film, size) in expected {
      #expect(declared.size(nearest: AspectRatio(film)!).description == size, "\(film)")
    }
  }

  @Test("a declaration that cannot be is refused") func wrongDeclaration() throws {
    let scratch = try Scratch()
    func refusal(_ members: JSON) throws -> String {
      let path = try scratch.write("reel.json", members.text)
      let error = try #require(throws: ModelError.self) { try ModelDeclaration(directory: scratch.folder) }
      return error.description.replacing(path + ": ", with: "")
    }
    #expect(
      try refusal(["frames": 0]) == "'frames' must be a whole number from 1 to 4097, found '0'")
    #expect(
      try refusal(["sizes": ["832x480", "tall"]])
        == "'sizes[1]' must be a size, as in \"832x480\", found 'tall'")
    #expect(
      try refusal(["guidance": "much"]) == "'guidance' must be a number from 0.0 to 100.0, found 'much'")
    #expect(
      try refusal(["captions": ["clauses": ["in {place}"], "words": [:]]])
        == "'captions.words' must be words for the slot 'place' of 'in {place}', found none")
  }
}
