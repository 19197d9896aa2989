// `reel models measure`: how long a model's parts take on this machine, and how much memory.

import Glibc
import ReelExecution
import ReelJSON
import ReelMedia
import ReelModels
import ReelPlanning
import ReelTensor

/// Runs each part of a model once to read its weights, then a few times to see how long it takes.
enum ModelsMeasureCommand: Command {
  static let name = "models measure"
  static let summary =
    "time a model's text encoder, one denoising step, its decoder and encoder on this machine"
  static let operands = Operands.one("MODEL_DIR")
  static let options = [
    Option("size", value: "WxH", help: "the frames' size; without it the one that the model declares"),
    Option("frames", value: "N", help: "how many; without it as many as the model declares"),
    Option("tokens", value: "N", help: "the prompt's length; without it 64"),
    Option(
      "part", value: "NAME", help: "text-encoder, denoising-step, decoder or encoder; without it all of them"),
    Option("runs", value: "N", help: "how often each is timed; without it 3"),
    .threads, .precision, .json,
  ]
  static let examples = [
    "reel models measure Sources/Models/embedded",
    "reel models measure models/Wan2.1-T2V-1.3B-Diffusers --size 832x480 --frames 17 --precision bf16",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let threads = try arguments.threads()
    let runs = try arguments.integer("runs", in: 1...1000) ?? 3
    let precision = try arguments.precision()
    let part = try arguments.word("part", among: Part.self)
    let tokens = try arguments.integer("tokens", in: 1...512) ?? 64
    let measured: [Measurement]
    do {
      let model = try DiffusionModel(directory: arguments.operands[0], precision: precision)
      let size = try size(arguments) ?? model.declaration.size
      let frames = try arguments.integer("frames", in: 1...100_000) ?? model.declaration.frames
      measured = try Threads.with(threads) {
        try model.partWork(size: size, frames: frames, promptTokens: tokens)
          .filter { part == nil || $0.name == part?.name }
          .map { try Measurement(of: $0, runs: runs) }
      }
    } catch let error as ModelError {
      throw UnusableModel(description: "\(error)")
    }
    if arguments.has("json") {
      Reel.write(JSON.array(measured.map(\.json)).indentedText, to: STDOUT_FILENO)
    } else {
      Reel.print("\(threads) threads, \(precision.rawValue), \(CPULevel.current.rawValue)")
      for measurement in measured { Reel.print(measurement.text) }
    }
    return .done
  }

  private enum Part: String, CaseIterable {
    case textEncoder = "text-encoder"
    case denoisingStep = "denoising-step"
    case decoder
    case encoder

    var name: String { rawValue.replacing("-", with: " ") }
  }

  private static func size(_ arguments: Arguments) throws -> Size? {
    guard let text = arguments.value("size") else { return nil }
    guard let size = Size(text) else {
      throw UsageError.wrongValue(option: "--size", wanted: "WIDTHxHEIGHT, as in 832x480", found: text)
    }
    return size
  }
}

/// What one part took.
private struct Measurement {
  let part: PartWork
  /// Seconds with the reading of the weights.
  let first: Double
  /// The median of the seconds after that.
  let seconds: Double
  /// Bytes: the most that the process held in memory meanwhile, pages of mapped weights included.
  let peak: ByteCount?
  /// Of those, what is of no file.
  let privatePeak: ByteCount?

  init(of part: PartWork, runs: Int) throws(ModelError) {
    self.part = part
    restartPeakMemory()
    let samples: [Double]
    // As in sampling, the first time belongs to the loop.
    (first, samples) = try Arena.reusing { _ throws(ModelError) in
      let first = try Self.seconds(part)
      var samples: [Double] = []
      for _ in 0..<runs { samples.append(try Self.seconds(part)) }
      return (first, samples)
    }
    seconds = samples.sorted()[runs / 2]
    peak = peakMemory
    privatePeak = peak.map { ByteCount(max(0, $0.bytes - mappedMemory.bytes)) }
  }

  private static func seconds(_ part: PartWork) throws(ModelError) -> Double {
    let start = steadyClock()
    try part()
    return steadyClock() - start
  }

  var text: String {
    let rate = Int((part.operations / seconds / 1e9).rounded())
    return
      "\(part.name) (\(part.amount)): \(decimal(seconds)) s, \(rate) GFLOP/s; the first time \(decimal(first)) s"
      + (peak.map { "; at most \($0)" } ?? "") + ", estimated \(ByteCount(Int(part.memory)))"
  }

  var json: JSON {
    [
      "part": .string(part.name), "amount": .string(part.amount), "seconds": .number(seconds),
      "first_seconds": .number(first), "operations": .number(part.operations),
      "peak_bytes": peak.map { .number(Double($0.bytes)) } ?? .null,
      "private_bytes": privatePeak.map { .number(Double($0.bytes)) } ?? .null,
      "estimated_bytes": .number(part.memory),
    ]
  }

  private func decimal(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
