// The stage makes footage: as long as the shot, through the keyframes, the same every time.

import PatchDiffusion
import ReelStage
import StageTesting
import Testing

@Suite struct PatchDiffusionTests {
  let model = TinyModel()

  private func run(
    _ more: [String: JSON] = [:], shot: String? = nil, keyframes: String? = nil, threads: Int = 1
  ) throws -> StageRun {
    let parameters = more.merging(["model": .string(model.path)]) { given, _ in given }
    var inputs = ["prompts": [shot ?? model.shot()]]
    inputs["keyframes"] = keyframes.map { [$0] }
    return try StageRun(PatchDiffusion.self, .object(parameters), inputs: inputs, threads: threads)
  }

  private func keyframes(_ frames: [Frame]) throws -> String {
    let path = model.folder.path + "/keyframes"
    let writer = try FrameSequenceWriter(path: path, size: frames[0].size, rate: FrameRate(1))
    for frame in frames { try writer.append(frame) }
    try writer.finish()
    return path
  }

  @Test(arguments: [(0.3, 5), (1, 5), (2, 9), (2.5, 13)])
  func `the footage lasts exactly as long as the shot`(seconds: Double, frames: Int) throws {
    let run = try run(shot: model.shot(seconds: seconds))
    let footage = try FrameSequenceReader(path: run.outputs[0].path)
    #expect(footage.count == frames)
    #expect(Double(footage.count) / footage.rate.framesPerSecond == seconds)
  }

  @Test func `seconds of the stage come before the shot's`() throws {
    #expect(try run(["seconds": 1.0]).frames() == run(shot: model.shot(seconds: 1)).frames())
  }

  @Test func `the same shot gives the same footage, for any number of threads`() throws {
    let once = try run().frames()
    #expect(try run(threads: 3).frames() == once)
  }

  @Test func `keyframes change the footage, and set its size`() throws {
    let size = Size(width: 48, height: 32)
    let red = try keyframes([Frame(size: size, red: 255), Frame(size: size, red: 255)])
    let first = try run(keyframes: red).frames()
    let blue = try keyframes([Frame(size: size, blue: 255), Frame(size: size, blue: 255)])
    #expect(first.allSatisfy { $0.size == size })
    #expect(try run(keyframes: blue).frames() != first)
  }

  @Test func `progress ends at the whole`() throws {
    let progress = try run().progress
    #expect(progress.last.map { $0.done == $0.total } == true)
    #expect(progress.map(\.done) == progress.map(\.done).sorted())
  }

  @Test func `keyframes of a size that the model cannot make are refused`() throws {
    let odd = try keyframes([Frame(size: Size(width: 30, height: 30))])
    let inputs = ["prompts": [model.shot()], "keyframes": [odd]]
    #expect(
      refusal(PatchDiffusion.self, ["model": .string(model.path)], inputs: inputs)
        == "size: '30x30' must be multiples of 16 across and 16 down")
  }

  @Test func `a model that is not there is refused by name`() {
    let inputs = ["prompts": [model.shot()]]
    #expect(
      refusal(PatchDiffusion.self, ["model": "nowhere/model"], inputs: inputs)
        == "nowhere/model/model_index.json: no such file or directory")
  }
}
