// Sampling: the same bytes from the same request, what a request may ask, and models that are damaged.

import ReelJSON
import ReelMedia
import ReelModels
import ReelTensor
import StageTesting
import Testing

@Suite struct DiffusionModelTests {
  private static let textModel = Fixtures.parity + "/t2v-unipc/model"
  private static let frameModel = Fixtures.parity + "/i2v-first-last/model"
  private static let controlModel = Fixtures.parity + "/vace-references/model"
  private static let heldModel = Fixtures.parity + "/ti2v-text/model"

  private func sample(
    _ request: SamplingRequest, _ directory: String = textModel, threads: Int = 2
  ) throws -> [Frame] {
    try DiffusionModel(directory: directory).sample(request, threads: threads) { _, _ in }
  }

  private static let clip = SamplingRequest(
    prompt: "a red can", negativePrompt: "blurry", size: Size(width: 48, height: 32), frames: 9, steps: 3,
    guidance: 4, seed: 7)

  @Test("equal requests give equal bytes, for any number of threads") func deterministic() throws {
    let frames = try sample(Self.clip)
    #expect(frames.count == 9)
    #expect(frames.allSatisfy { $0.size == Self.clip.size })
    #expect(try sample(Self.clip) == frames)
    #expect(try sample(Self.clip, threads: 1) == frames)
    #expect(try sample(Self.clip, threads: 3) == frames)
  }

  @Test("a model that is used again gives the same bytes as a new one") func reused() throws {
    let model = try DiffusionModel(directory: Self.textModel)
    var other = Self.clip
    other.prompt = "a green bottle"
    let first = try model.sample(Self.clip, threads: 2) { _, _ in }
    #expect(try model.sample(other, threads: 2) { _, _ in } != first)
    #expect(try model.sample(Self.clip, threads: 2) { _, _ in } == first)
  }

  @Test("seed, stream, prompt, guidance, steps and shift all matter") func matters() throws {
    var requests = [Self.clip]
    func vary(_ change: (inout SamplingRequest) -> Void) {
      var request = Self.clip
      change(&request)
      requests.append(request)
    }
    vary { $0.seed = 8 }
    vary { $0.noiseStream = 1 }
    vary { $0.prompt = "a blue bottle" }
    vary { $0.negativePrompt = "" }
    vary { $0.guidance = 1 }
    vary { $0.steps = 4 }
    vary { $0.shift = 7 }
    let results = try requests.map { try sample($0) }
    #expect(Set(results).count == results.count)
  }

  @Test("without guidance the negative prompt does not matter") func unguided() throws {
    var request = Self.clip
    request.guidance = 1
    var other = request
    other.negativePrompt = "something else"
    #expect(try sample(request) == sample(other))
  }

  @Test("progress counts every step and every latent frame, from nothing to all") func progress() throws {
    var seen: [Int] = []
    _ = try DiffusionModel(directory: Self.textModel).sample(Self.clip, threads: 2) { done, total in
      #expect(total == 6)
      seen.append(done)
    }
    #expect(seen == [0, 1, 2, 3, 4, 5, 6])
  }

  @Test("the embedded model holds the frames that it is given") func knownFrames() throws {
    let model = try DiffusionModel(directory: Fixtures.embedded)
    // As shots are made: a still, where a clip grown from it ends, and the footage between the two.
    func made(frames: Int, seed: UInt64, known: [Int: Frame] = [:]) throws -> [Frame] {
      let request = SamplingRequest(
        prompt: "a red can, in snowy mountains, soft light, push in", size: Size(width: 192, height: 112),
        frames: frames, steps: 6, guidance: 2, seed: seed,
        known: known.map { .init(index: $0.key, frame: $0.value) })
      return try model.sample(request, threads: 2) { _, _ in }
    }
    let first = try made(frames: 1, seed: 3)[0]
    let last = try made(frames: 17, seed: 4, known: [0: first])[16]
    let footage = try made(frames: 17, seed: 5, known: [0: first, 16: last])
    #expect(psnr(footage[0], first) > 26)
    #expect(psnr(footage[16], last) > 26)
    #expect(psnr(first, last) < 24)
  }

  @Test("a request that the model cannot fulfil is refused before any work") func refused() throws {
    func refusal(_ directory: String = Self.textModel, _ change: (inout SamplingRequest) -> Void) throws
      -> String
    {
      var request = Self.clip
      change(&request)
      let model = try DiffusionModel(directory: directory)
      let error = try #require(throws: ModelError.self) {
        try model.sample(request, threads: 1) { _, _ in Issue.record("work was done") }
      }
      return error.description
    }
    let frame = Frame(size: Self.clip.size)
    #expect(
      try refusal { $0.size = Size(width: 40, height: 32) }
        == "size: '40x32' must be multiples of 16 across and 16 down")
    #expect(
      try refusal { $0.frames = 8 }
        == "frames: '8' must be 1 more than a multiple of 4, at most 4097")
    #expect(try refusal { $0.steps = 0 } == "steps: '0' must be from 1 to 1000")
    #expect(try refusal { $0.guidance = .nan } == "guidance: 'nan' must be a number")
    #expect(try refusal { $0.shift = 0 } == "shift: '0.0' must be above 0")
    #expect(
      try refusal { $0.known = [.init(index: 0, frame: frame)] }
        == "known frames: this model takes a prompt alone; use an image-to-video model")
    #expect(
      try refusal(Self.frameModel) { $0.known = [.init(index: 9, frame: frame)] }
        == "known frames: frame '9' must be given once, from 0 to 8")
    #expect(
      try refusal(Self.frameModel) {
        $0.known = [.init(index: 1, frame: Frame(size: Size(width: 1, height: 1)))]
      }
        == "known frames: frame '1' must have the size 48x32, found 1x1")
    #expect(
      try refusal(Self.frameModel) {
        $0.known = [.init(index: 1, frame: frame), .init(index: 1, frame: frame)]
      } == "known frames: frame '1' must be given once, from 0 to 8")
    #expect(
      try refusal(Self.frameModel) { $0.references = [frame] }
        == "references: this model takes no reference images; use a VACE model")
    #expect(
      try refusal(Self.frameModel) {
        $0.known = [.init(index: 1, frame: frame, open: [UInt8](repeating: 0, count: 48 * 32))]
      } == "known frames: frame '1' is given in part, which only a VACE model takes")
    #expect(
      try refusal(Self.controlModel) { $0.known = [.init(index: 1, frame: frame, open: [255])] }
        == "known frames: the mask of frame '1' must have 1536 pixels, found 1")
    #expect(
      try refusal(Self.heldModel) {
        $0.size = Size(width: 64, height: 32)
        let frame = Frame(size: $0.size)
        $0.known = [.init(index: 0, frame: frame), .init(index: 8, frame: frame)]
      } == "known frames: this model takes frames from the first on, and '8' is given without those before it"
    )
  }

  @Test("a VACE model follows known frames, parts of them, references, and their strength") func control()
    throws
  {
    let size = Self.clip.size
    let frame = Frame(size: size, pixels: (0..<size.pixels * 3).map { UInt8($0 % 251) })
    var known = Self.clip
    known.known = [.init(index: 4, frame: frame)]
    var part = known
    part.known = [
      .init(index: 4, frame: frame, open: (0..<size.pixels).map { $0 % 48 < 24 ? 255 : 0 })
    ]
    var referred = known
    referred.references = [Frame(size: Size(width: 20, height: 30)), frame]
    var weak = known
    weak.controlStrength = 0.5
    let results = try [Self.clip, known, part, referred, weak].map { try sample($0, Self.controlModel) }
    #expect(results.allSatisfy { $0.count == 9 })
    #expect(Set(results).count == results.count)
  }

  @Test("Wan 2.2's text-and-image model gives back the frame that it is given") func held() throws {
    let model = try DiffusionModel(directory: Self.heldModel)
    #expect(model.sizeMultiple == Size(width: 32, height: 32))
    var request = Self.clip
    request.size = Size(width: 64, height: 32)
    let free = try model.sample(request, threads: 2) { _, _ in }
    request.known = [.init(index: 0, frame: Frame(size: request.size))]
    let once = try model.sample(request, threads: 2) { _, _ in }
    #expect(once != free)
    // The first latent frame is the given one's, whatever the noise.
    request.seed += 1
    #expect(try model.sample(request, threads: 2) { _, _ in }[0] == once[0])
  }
}
