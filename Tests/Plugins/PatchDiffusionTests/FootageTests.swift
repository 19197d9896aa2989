// What is done with footage that is given: longer, in another style, mended; and shots that end where they begin.

import PatchDiffusion
import ReelStage
import StageTesting
import Testing

@Suite struct FootageTests {
  let model = TinyModel()
  static let size = Size(width: 32, height: 32)

  /// Footage of `count` frames, each of a colour of its own.
  private func footage(_ count: Int, size: Size = size) throws -> String {
    let path = model.folder.path + "/footage-\(count)-\(size)"
    let writer = try FrameSequenceWriter(path: path, size: size, rate: FrameRate(8))
    for index in 0..<count {
      try writer.append(Frame(size: size, red: UInt8(20 * index), green: 90, blue: UInt8(200 - 10 * index)))
    }
    try writer.finish()
    return path
  }

  private func frames(of path: String) throws -> [Frame] {
    let reader = try FrameSequenceReader(path: path)
    return try (0..<reader.count).map { try reader.frame(at: $0) }
  }

  /// A mask that is white on the left half.
  private func leftHalf() throws -> String {
    var frame = Frame(size: Self.size)
    for pixel in 0..<Self.size.pixels where pixel % 32 < 16 {
      for colour in 0..<3 { frame.pixels[3 * pixel + colour] = 255 }
    }
    let path = model.folder.path + "/mask.png"
    try frame.writePNG(path)
    return path
  }

  private func run(
    _ more: [String: JSON] = [:], source: String? = nil, keyframes: String? = nil, model: TinyModel? = nil
  ) throws -> StageRun {
    let model = model ?? self.model
    let parameters = more.merging(["model": .string(model.path)]) { given, _ in given }
    var inputs = ["prompts": [model.shot(seconds: 1)]]
    inputs["source"] = source.map { [$0] }
    inputs["keyframes"] = keyframes.map { [$0] }
    return try StageRun(PatchDiffusion.self, .object(parameters), inputs: inputs)
  }

  @Test func `footage goes on after its end, and stays as it is`() throws {
    let source = try footage(6)
    let run = try run(["extend": "forward"], source: source)
    let given = try frames(of: source)
    let result = try run.frames()
    #expect(Array(result.prefix(6)) == given)
    // One second is one clip of 5 frames, of which the first is the given one's last.
    #expect(result.count == 10)
    #expect(try FrameSequenceReader(path: run.outputs[0].path).rate == FrameRate(8))
    #expect(try self.run(["extend": "forward"], source: source).frames() == result)
  }

  @Test func `footage is led up to, and stays as it is`() throws {
    let source = try footage(6)
    for model in [model, TinyModel(case: "vace-references")] {
      let result = try run(["extend": "backward", "seconds": 2], source: source, model: model).frames()
      #expect(Array(result.suffix(6)) == (try frames(of: source)))
      #expect(result.count == 8 + 6)
    }
  }

  @Test func `restyled footage has the frames, the rate and the size of the given one`() throws {
    let source = try footage(7, size: Size(width: 48, height: 32))
    let run = try run(["strength": 0.5], source: source)
    let result = try FrameSequenceReader(path: run.outputs[0].path)
    #expect(result.count == 7)
    #expect(result.rate == FrameRate(8))
    #expect(result.size == Size(width: 48, height: 32))
    #expect(try run.frames() != frames(of: source))
    #expect(try self.run(["strength": 1], source: source).frames() != run.frames())
  }

  @Test func `where the mask is black, footage stays as it is`() throws {
    let source = try footage(5)
    let given = try frames(of: source)
    for model in [model, TinyModel(case: "vace-references"), TinyModel(case: "t2v-unipc")] {
      let result = try run(["mask": [.string(leftHalf())]], source: source, model: model).frames()
      #expect(result.count == 5)
      for (frame, before) in zip(result, given) {
        let changed = (0..<Self.size.pixels).filter { pixel in
          frame.pixels[3 * pixel..<3 * pixel + 3] != before.pixels[3 * pixel..<3 * pixel + 3]
        }
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { $0 % 32 < 16 })
      }
    }
  }

  @Test func `a loop has no frame twice, and lasts as long as the shot`() throws {
    let run = try run(["loop": true, "seconds": 2])
    let footage = try FrameSequenceReader(path: run.outputs[0].path)
    #expect(footage.count == 8)
    #expect(Double(footage.count) / footage.rate.framesPerSecond == 2)
    let prompted = TinyModel(case: "t2v-unipc")
    #expect(
      refusal(
        PatchDiffusion.self, ["model": .string(prompted.path), "loop": true],
        inputs: ["prompts": [prompted.shot()]])
        == "parameter 'loop': this model takes no keyframes, which 'loop' needs")
  }

  @Test func `clips that share more frames are fewer seconds each`() throws {
    #expect(try run(["overlap": 2, "seconds": 2]).frames().count == 3 * 2 + 2)
    #expect(try run(["seconds": 2]).frames().count == 2 * 4 + 1)
  }

  @Test func `keyframes stand where they are said to`() throws {
    let path = model.folder.path + "/keyframes"
    let writer = try FrameSequenceWriter(path: path, size: Self.size, rate: FrameRate(1))
    for shade: UInt8 in [0, 255] { try writer.append(Frame(size: Self.size, red: shade)) }
    try writer.finish()
    let even = try run(keyframes: path).frames()
    #expect(try run(["keyframe_times": [0, 1]], keyframes: path).frames() == even)
    #expect(try run(["keyframe_times": [0, 0.5]], keyframes: path).frames() != even)
    #expect(throws: StageError.parameter("keyframe_times", "3 times for 2 keyframes")) {
      try run(["keyframe_times": [0, 0.5, 1]], keyframes: path)
    }
    #expect(throws: StageError.parameter("keyframe_times", "'1.5' is after the shot's end at 1 seconds")) {
      try run(["keyframe_times": [0, 1.5]], keyframes: path)
    }
  }

  @Test func `parameters that do not go together are refused`() throws {
    let source = try footage(5)
    func message(_ parameters: [String: JSON], source: String? = nil) -> String {
      do {
        return "\(try run(parameters, source: source).outputs.count) outputs"
      } catch { return "\(error)" }
    }
    #expect(
      message(["extend": "forward"])
        == "parameter 'extend': nothing stands at the input 'source'; connect the footage there")
    #expect(
      message(["extend": "forward", "strength": 0.5], source: source)
        == "parameter 'strength': 'extend' makes new footage, and leaves the given one as it is")
    #expect(
      message(["loop": true], source: source)
        == "input 'source': 'loop' and keyframes are for new footage; leave out one of them")
    #expect(message(["keyframe_times": [1, 0]]) == "parameter 'keyframe_times': the times must rise")
    #expect(
      message(["first_block_cache": 0.1, "teacache": 0.1])
        == "parameter 'teacache': 'first_block_cache' is given as well; use one of the two")
    #expect(
      message(["sigmas": [1, 0.5], "steps": 2])
        == "parameter 'steps': 'sigmas' are given, which say it already")
    #expect(message(["sigmas": [0.5, 1]]) == "sigmas: '0.5, 1.0' must fall, from at most 1 to above 0")
  }

  @Test func `caches of 0 change no byte, and more do`() throws {
    let exact = try run(["steps": 6]).frames()
    #expect(try run(["steps": 6, "first_block_cache": 0, "teacache": 0]).frames() == exact)
    #expect(try run(["steps": 6, "first_block_cache": 1]).frames() != exact)
    #expect(try run(["steps": 6, "teacache": 1]).frames() != exact)
  }

  @Test func `a LoRA, a sampler, given levels and a preview decoder all matter`() throws {
    let fixtures = TinyModel.fixtures
    let clip = TinyModel(case: "clip-first")
    let lora: JSON = [["file": .string(fixtures + "/lora/kohya.safetensors"), "strength": 1]]
    var results = [try run(model: clip).frames()]
    results.append(try run(["loras": lora], model: clip).frames())
    results.append(try run(["sampler": "euler"], model: clip).frames())
    results.append(try run(["sampler": "renoise", "sigmas": [1, 0.757, 0.522]], model: clip).frames())
    results.append(
      try run(["decoder": .string(fixtures + "/tiny-decoder/wan-2.1.safetensors")], model: clip).frames())
    #expect(Set(results).count == results.count)
  }
}
