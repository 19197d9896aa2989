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
    let scheduler = try configuration(model).scheduler(steps: steps)
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
