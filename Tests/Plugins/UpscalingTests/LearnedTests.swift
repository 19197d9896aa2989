// Enlarging by a network: how often, of what, and that what stands still keeps still.

import ReelModels
import ReelStage
import ReelTensor
import StageTesting
import Testing
import Upscaling

@Suite struct LearnedTests {
  private let folder = TemporaryFolder()

  /// Weights under a name in the test's folder; their path.
  private func write(_ tensors: [String: Tensor], _ name: String = "x2.safetensors") throws -> String {
    var writer = SafetensorsWriter()
    for (name, tensor) in tensors { writer[name] = tensor }
    try writer.write(to: "\(folder.path)/\(name)")
    return "\(folder.path)/\(name)"
  }

  /// A network that enlarges to nearest pixels and makes everything brighter by ten code values: the brightness tells
  /// how often it ran.
  private func brightening(scale: Int = 2) throws -> String {
    let outputs = 3 * scale * scale
    return try write([
      "body.0.weight": .zeros([1, 3, 3, 3]), "body.0.bias": .zeros([1]), "body.1.weight": .zeros([1]),
      "body.2.weight": .zeros([outputs, 1, 3, 3]), "body.2.bias": Tensor([outputs], repeating: 10.0 / 255),
    ])
  }

  /// A network with random weights, which invents a lot.
  private func random() throws -> String {
    func noise(_ stream: UInt64, _ shape: Shape, _ size: Float) -> Tensor {
      Philox(seed: 9, stream: stream).normals(shape) * size
    }
    return try write([
      "body.0.weight": noise(0, [8, 3, 3, 3], 0.3), "body.0.bias": noise(1, [8], 0.1),
      "body.1.weight": noise(2, [8], 0.3), "body.2.weight": noise(3, [12, 8, 3, 3], 0.1),
      "body.2.bias": noise(4, [12], 0.05),
    ])
  }

  private static func grey(_ size: Size, _ value: UInt8 = 100) -> Frame {
    Frame(size: size, red: value, green: value, blue: value)
  }

  @Test(arguments: [
    // As many passes as bring 16 pixels nearest to the size, and no more than two.
    ("16x16", [:], 0), ("22x22", [:], 0), ("23x23", [:], 1), ("32x32", [:], 1), ("45x45", [:], 1),
    ("46x46", [:], 2), ("64x64", [:], 2), ("128x128", [:], 2),
    ("128x128", ["passes": "3"], 3), ("128x128", ["passes": "1"], 1), ("20x20", ["passes": "4"], 0),
    // What counts is how large a pixel is shown.
    ("64x16", [:], 2), ("64x16", ["fit": "letterbox"], 0), ("64x16", ["fit": "blur"], 0),
    ("16x16", ["zoom": "4"], 2), ("8x8", [:], 0),
    ("64x64", ["engine": "lanczos"], 0), ("64x64", ["engine": "learned"], 2),
  ])
  func aNetworkRunsAsOftenAsItHelps(size: String, more: [String: JSON], passes: Int) throws {
    var given: [String: JSON] = ["size": .string(size), "model": .string(try brightening())]
    given.merge(more) { $1 }
    let frame = try upscale([Self.grey(Size(width: 16, height: 16))], rate: FrameRate(25), .object(given))
      .frames[0]
    #expect(frame.size == Size(size))
    let middle = frame.pixels[(frame.height / 2 * frame.width + frame.width / 2) * 3]
    #expect(Int(middle) == 100 + 10 * passes)
  }

  @Test func aNetworkOfFourTimesRunsLessOften() throws {
    let model = try brightening(scale: 4)
    for (size, passes) in [("31x31", 0), ("32x32", 1), ("127x127", 1), ("128x128", 2)] {
      let frame = try upscale(
        [Self.grey(Size(width: 16, height: 16))], rate: FrameRate(25),
        ["size": .string(size), "model": .string(model)]
      ).frames[0]
      #expect(Int(frame.pixels[0]) == 100 + 10 * passes, "\(size)")
    }
  }

  @Test func theFramesAreThoseOfTheNetwork() throws {
    let model = try random()
    let footage = (0..<3).map { landscape(Size(width: 20, height: 12), x: 9 * Double($0), y: 4) }
    let result = try upscale(
      footage, rate: FrameRate(25), ["size": "40x24", "model": .string(model), "steadiness": "0%"])
    let network = try SuperResolution(path: model)
    for (frame, enlarged) in zip(footage, result.frames) {
      #expect(enlarged == Frame(codeValues: try network.enlarged(frame.codeValues)))
    }
  }

  @Test func framesInBetweenAreMadeOfEnlargedOnes() throws {
    // Blended frames of a brightened ramp, at the moments that a plain ramp would have.
    let ramp = (0..<5).map { Self.grey(Size(width: 8, height: 8), UInt8(50 + 20 * $0)) }
    let given: JSON = ["size": "16x16", "fps": "20", "interpolation": "blend", "engine": "lanczos"]
    let plain = try upscale(ramp, rate: FrameRate(8), given).frames
    let learned = try upscale(
      ramp, rate: FrameRate(8),
      .object(
        (given.object ?? [:]).merging(["engine": "learned", "model": .string(try brightening())]) { $1 })
    )
    .frames
    #expect(plain.count == 13 && learned.count == 13)
    for (plain, learned) in zip(plain, learned) {
      #expect(Int(learned.pixels[0]) == Int(plain.pixels[0]) + 10)
    }
  }

  /// Mean change from frame to frame, in code values.
  private static func flicker(_ frames: [Frame]) -> Double {
    let changes = zip(frames, frames.dropFirst()).flatMap { first, second in
      zip(first.pixels, second.pixels).map { abs(Double($0) - Double($1)) }
    }
    return changes.reduce(0, +) / Double(changes.count)
  }

  @Test func whatStandsStillKeepsStill() throws {
    let model = try random()
    let still = landscape(Size(width: 24, height: 16), x: 3, y: 8)
    let footage = (0..<8).map { index in
      // Grain of at most one code value.
      let grain = Philox(seed: 4, stream: UInt64(index)).normals([still.pixels.count]).elements
      return Frame(
        size: still.size,
        pixels: zip(still.pixels, grain).map {
          UInt8(max(0, min(255, Int($0) + ($1 > 0.8 ? 1 : $1 < -0.8 ? -1 : 0))))
        })
    }
    func flicker(_ steadiness: JSON) throws -> Double {
      Self.flicker(
        try upscale(
          footage, rate: FrameRate(25), ["size": "48x32", "model": .string(model), "steadiness": steadiness]
        ).frames)
    }
    let (loose, steady, firm) = (try flicker("0%"), try flicker("50%"), try flicker("90%"))
    #expect(steady < 0.62 * loose, "\(steady) of \(loose)")
    #expect(firm < 0.3 * loose, "\(firm) of \(loose)")
  }

  @Test func whatMovesIsNotHeldBack() throws {
    let model = try random()
    let footage = (0..<4).map { Self.grey(Size(width: 12, height: 12), UInt8(60 + 7 * $0)) }
    let results = try ["0%", "100%"].map { steadiness in
      try upscale(
        footage, rate: FrameRate(25),
        ["size": "24x24", "model": .string(model), "steadiness": .string(steadiness)]
      ).frames
    }
    #expect(results[0] == results[1])
  }

  /// Nothing flickers where one part ends and the next begins.
  @Test func aFilmInPartsIsSteadiedAcrossThem() throws {
    let given: JSON = ["size": "48x32", "model": .string(try random())]
    let film = (0..<6).map { landscape(Size(width: 24, height: 16), x: 0.02 * Double($0), y: 8) }
    let whole = try upscale(film, rate: FrameRate(25), given)
    let parts = try upscale(parts: [Array(film[..<3]), Array(film[3...])], rate: FrameRate(25), given)
    #expect(parts.bytes == whole.bytes)
    let second = try upscale(Array(film[3...]), rate: FrameRate(25), given)
    #expect(second.frames[0] != whole.frames[3])
  }

  /// A change too slow to be seen from frame to frame is followed all the same.
  @Test func aSlowChangeDoesNotRunAway() throws {
    let footage = (0..<60).map { Self.grey(Size(width: 8, height: 8), UInt8(60 + $0)) }
    let frames = try upscale(
      footage, rate: FrameRate(25),
      ["size": "16x16", "model": .string(try brightening()), "steadiness": "90%"]
    ).frames
    for (plain, shown) in zip(footage, frames) {
      #expect(abs(Int(plain.pixels[0]) + 10 - Int(shown.pixels[0])) <= 6)
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let model = try random()
    let footage = (0..<5).map { landscape(Size(width: 30, height: 18), x: 0.4 * Double($0), y: 0.3) }
    let results = try [1, 2, 7].map { threads in
      try upscale(
        footage, rate: FrameRate(8), ["size": "90x160", "fps": "25", "model": .string(model)],
        threads: threads
      ).bytes
    }
    #expect(results[0] == results[1] && results[1] == results[2])
  }

  @Test func aModelThatCannotBeUsedIsRefused() throws {
    func message(_ given: [String: JSON]) -> String {
      do {
        _ = try upscale(
          [Self.grey(Size(width: 8, height: 8))], rate: FrameRate(25),
          .object(given.merging(["size": "16x16"]) { $1 }))
        return "no error"
      } catch { return "\(error)" }
    }
    // Without a model, resampling does all.
    #expect(message([:]) == "no error")
    #expect(
      message(["engine": "learned"])
        == "parameter 'engine': 'learned' needs a model, and none called 'upscaling' is found; give 'model', or use 'lanczos'"
    )
    #expect(
      message(["model": .string(folder.path)])
        == "parameter 'model': \(folder.path): wanted one .safetensors or .pth file, found none")
    #expect(message(["model": .string(folder.path), "engine": "lanczos"]) == "no error")
    let path = folder.write("not weights", to: "x2.pth")
    #expect(
      message(["model": .string(path)])
        == "parameter 'model': \(path): is no zip archive, as torch.save writes, or is cut off")
  }
}
