// The schedulers against the recorded noise levels, and against solutions that are known.

import ReelJSON
import ReelModels
import ReelTensor
import Testing

@Suite struct SchedulerTests {
  private func configuration(_ model: String) throws -> SchedulerConfiguration {
    try SchedulerConfiguration(file: model + "/scheduler/scheduler_config.json")
  }

  @Test("noise levels and timesteps are the recorded ones", arguments: Fixtures.cases)
  func recorded(folder: String) throws {
    let model = Fixtures.model(ofCase: folder)
    let file = try SafetensorsFile(path: folder + "/case.safetensors")
    let steps = try #require(Int(file.metadata["num_inference_steps"] ?? ""))
    // A case that begins with a film takes only the last of the steps.
    let share = file.metadata["strength"].flatMap { Double($0) } ?? 1
    let scheduler = try configuration(model).scheduler(
      Stepping(steps: steps, share: share), noise: Philox(seed: 0))
    #expect(scheduler.sigmas == (try file.tensor(named: "sigmas").elements))
    #expect(scheduler.timesteps == (try file.tensor(named: "timesteps").elements))
  }

  @Test(
    "a straight line from noise to a picture is followed to its end",
    arguments: ["t2v-unipc", "t2v-euler"], [1, 2, 3, 7, 50])
  func straightLine(name: String, steps: Int) throws {
    // Where ε − x₀ is the same at all times, every solver's last sample is x₀.
    let picture: [Float] = [0.5, -1, 2]
    let noise: [Float] = [1, 0.25, -3]
    let velocity = Tensor([3], zip(noise, picture).map { $0 - $1 })
    var scheduler = try configuration(Fixtures.parity + "/\(name)/model").scheduler(steps: steps)
    #expect(scheduler.sigmas.count == steps + 1)
    #expect(scheduler.sigmas.last == 0)
    let start = scheduler.sigmas[0]
    var sample = Tensor([3], zip(noise, picture).map { (1 - start) * $1 + start * $0 })
    for _ in 0..<steps { sample = scheduler.step(velocity: velocity, sample: sample) }
    for (result, wanted) in zip(sample.elements, picture) { #expect(abs(result - wanted) < 1e-5) }
  }

  @Test("UniPC is closer to a curved solution than Euler's method, and of second order") func curved() throws
  {
    // dx/dσ = v(x, σ) = x − σ, so x = (x₁ − 2)·e^(σ − 1) + σ + 1: at σ = 0 from x₁ = 3: 1/e + 1.
    let exact = Float(1.367_879_4)
    func error(_ model: String, steps: Int) throws -> Float {
      var scheduler = try configuration(Fixtures.parity + "/\(model)/model").scheduler(steps: steps, shift: 1)
      var sample = Tensor([1], [3])
      for index in 0..<steps {
        sample = scheduler.step(velocity: sample + -scheduler.sigmas[index], sample: sample)
      }
      return abs(sample.scalar - exact)
    }
    #expect(try error("t2v-unipc", steps: 20) < 0.1 * error("t2v-euler", steps: 20))
    #expect(try error("t2v-unipc", steps: 40) < 0.4 * error("t2v-unipc", steps: 20))
  }

  /// diffusers' `FlowMatchLCMScheduler`, shift 5, 4 steps; and shift 1 at the levels that FastWan was distilled at.
  @Test("distilled schedules have the reference's noise levels") func distilled() throws {
    let scratch = try Scratch()
    let members: JSON = ["_class_name": "FlowMatchLCMScheduler", "shift": 5]
    let own = try SchedulerConfiguration(file: try scratch.write("scheduler_config.json", members.text))
    #expect(own.solver == .renoise)
    let levels = own.scheduler(steps: 4)
    #expect(levels.sigmas == [1, 0.909707129, 0.717317462, 0.0244140662, 0])
    #expect(levels.timesteps == [1000, 909.707153, 717.317444, 24.4140663])
    let given = own.scheduler(Stepping(steps: 50, sigmas: [1, 0.757, 0.522]), noise: Philox(seed: 0))
    #expect(given.sigmas == [1, 0.757, 0.522, 0])
    #expect(given.timesteps == [1000, 757, 522])
  }

  @Test("a renoising step takes the answer for the picture, and noises it again") func renoise() throws {
    let configuration = try configuration(Fixtures.parity + "/t2v-unipc/model")
    let stepping = Stepping(solver: .renoise, steps: 3, sigmas: [1, 0.757, 0.522])
    let shape: Shape = [1, 1, 1, 3]
    func run(_ seed: UInt64) -> [Tensor] {
      var scheduler = configuration.scheduler(stepping, noise: Philox(seed: seed))
      let velocity = Tensor(shape, [1, 0.25, -0.5])
      var samples = [Tensor(shape, [0.5, -1, 2])]
      for _ in 0..<3 { samples.append(scheduler.step(velocity: velocity, sample: samples.last!)) }
      return samples
    }
    // x₀ = x − σ·v; ε = (x′ − (1 − σ′)·x₀)/σ′ is noise that no other step or seed has.
    func noise(_ samples: [Tensor], _ step: Int) -> [Float] {
      let (sigma, next) = ([1, 0.757, 0.522][step], [0.757, 0.522][step])
      let picture = zip(samples[step].elements, [1, 0.25, -0.5]).map { $0 - Float(sigma) * $1 }
      return zip(samples[step + 1].elements, picture).map { ($0 - Float(1 - next) * $1) / Float(next) }
    }
    let samples = run(1)
    #expect(samples.map(\.elements) == run(1).map(\.elements))
    let noises = [noise(samples, 0), noise(samples, 1), noise(run(2), 0)]
    for (index, values) in noises.enumerated() {
      #expect(values.allSatisfy { abs($0) < 5 })
      for other in noises[..<index] { #expect(zip(values, other).allSatisfy { abs($0 - $1) > 1e-3 }) }
    }
    // The last step gives the picture.
    let last = zip(samples[2].elements, [1, 0.25, -0.5]).map { $0 - Float(0.522) * $1 }
    #expect(zip(samples[3].elements, last).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// diffusers' `UniPCMultistepScheduler`, shift 1, for answers v = x/2 − u.
  @Test("UniPC at given noise levels gives the reference's samples") func givenLevels() throws {
    let scratch = try Scratch()
    let members: JSON = [
      "_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true,
      "prediction_type": "flow_prediction", "flow_shift": 1,
    ]
    let configuration = try SchedulerConfiguration(
      file: try scratch.write("scheduler_config.json", members.text))
    var scheduler = configuration.scheduler(
      Stepping(steps: 1, sigmas: [0.9, 0.757, 0.522]), noise: Philox(seed: 0))
    #expect(scheduler.timesteps == [900, 757, 522])
    var sample = Tensor([3], [0.5, -1, 2])
    for wanted: [Float] in [
      [0.607249975, -0.892750084, 1.78550017], [0.762448609, -0.737551391, 1.47510278],
      [1.08544958, -0.414550453, 0.829100907],
    ] {
      sample = scheduler.step(velocity: sample * 0.5 - Tensor([3], [1, 0.25, -0.5]), sample: sample)
      for (result, wanted) in zip(sample.elements, wanted) { #expect(abs(result - wanted) < 1e-5) }
    }
  }

  @Test("a solver that is not implemented is refused by name") func refused() throws {
    let scratch = try Scratch()
    func refusal(_ members: JSON) throws -> String {
      let path = try scratch.write("scheduler_config.json", members.text)
      let error = try #require(throws: ModelError.self) { try SchedulerConfiguration(file: path) }
      return error.description.replacing(path + ": ", with: "")
    }
    #expect(
      try refusal(["_class_name": "UniPCMultistepSchedular"])
        == "unknown '_class_name' 'UniPCMultistepSchedular'; the nearest known is 'UniPCMultistepScheduler'")
    #expect(
      try refusal(["_class_name": "UniPCMultistepScheduler", "prediction_type": "epsilon"])
        == "'prediction_type' must be 'flow_prediction', found 'epsilon'")
    #expect(
      try refusal(["_class_name": "UniPCMultistepScheduler", "solver_order": 3])
        == "'solver_order' must be a whole number from 1 to 2, found '3'")
    #expect(
      try refusal(["_class_name": "FlowMatchEulerDiscreteScheduler", "use_karras_sigmas": true])
        == "'use_karras_sigmas' must be false, found 'true'")
    #expect(
      try refusal(["_class_name": "FlowMatchEulerDiscreteScheduler", "shift": -1])
        == "'shift' must be a number from 0.01 to 1000.0, found '-1'")
    #expect(try refusal([]) == "'the file' must be an object, found a list")
  }
}
