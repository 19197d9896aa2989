// script/bench: how fast the numeric loops are at the shapes that the models need, each checked before it is timed.
import Foundation
import ReelTensor

/// One line of the table.
struct Case {
  let kernel: String
  let shape: String
  /// Floating-point operations, or 0 for what only moves memory.
  var operations = 0.0
  /// Bytes read and written.
  var bytes = 0.0
  /// The greatest error that is still right, relative to the greatest number.
  var tolerance: Float = 1e-5
  /// Small inputs of the same kind: what is computed, and what it should be.
  let check: () -> (found: Tensor, expected: Tensor)
  let work: () -> Void
  /// Others that do the same work.
  var peers: (_ threads: Int) -> [Peer] = { _ in [] }
}

/// What was measured of a case.
struct Result: Encodable {
  let kernel: String
  let shape: String
  let milliseconds: Double
  let gigaflops: Double?
  let shareOfPeak: Double?
  let gigabytesPerSecond: Double?
  /// By the peer's name, how often this is done while the peer does it once.
  let ratios: [String: Double]
}

struct Report: Encodable {
  let level: String
  let threads: Int
  let peakGigaflops: Double
  var results: [Result] = []
}

/// `Benchmark THREADS [--json] [NAME…]`, as script/bench calls it.
@main
struct Benchmark {
  static func main() throws {
    let threads = Int(CommandLine.arguments[1])!
    var wanted = Array(CommandLine.arguments.dropFirst(2))
    let isJSON = wanted.contains("--json")
    wanted.removeAll { $0 == "--json" }
    let cases =
      linearCases() + attentionCases() + convolutionCases() + upscalerCases() + rowCases() + mediaCases()
    if let unknown = wanted.first(where: { name in !cases.contains { $0.kernel.hasPrefix(name) } }) {
      var names: [String] = []
      for item in cases where !names.contains(item.kernel) { names.append(item.kernel) }
      let message =
        "script/bench: no kernel's name begins with '\(unknown)'; there are \(names.joined(separator: "; "))\n"
      FileHandle.standardError.write(Data(message.utf8))
      exit(1)
    }
    let peak = measuredPeak(threads: threads)
    var report = Report(level: CPULevel.current.rawValue, threads: threads, peakGigaflops: peak / 1e9)
    if !isJSON {
      print(
        "level \(report.level), \(threads) threads, measured peak \(fixed(peak / 1e9, 0)) GFLOP/s (fp32), "
          + "OpenBLAS \(OpenBLAS() == nil ? "not found (apt install libopenblas0-pthread)" : "found"), "
          + "PyTorch \(PyTorch.shared?.version ?? "not asked (--peers)")")
      print(row("kernel", "shape", "ms", "GFLOP/s", "of peak", "GB/s", "  times as fast as"))
    }
    for item in cases where wanted.isEmpty || wanted.contains(where: { item.kernel.hasPrefix($0) }) {
      let (found, expected) = item.check()
      guard relativeError(found, expected) <= item.tolerance else {
        print("\(item.kernel) \(item.shape): wrong by \(relativeError(found, expected)), not timed")
        exit(1)
      }
      let result = measured(item, threads: threads, peak: peak)
      report.results.append(result)
      if !isJSON { print(line(result)) }
    }
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
  }

  static func measured(_ item: Case, threads: Int, peak: Double) -> Result {
    let (time, ratios) = Threads.with(threads) {
      // As a model has it from its second step on.
      Arena.reusing { _ in compare(item.work, with: item.peers(threads)) }
    }
    return Result(
      kernel: item.kernel, shape: item.shape, milliseconds: time * 1e3,
      gigaflops: item.operations > 0 ? item.operations / time / 1e9 : nil,
      shareOfPeak: item.operations > 0 ? item.operations / time / peak : nil,
      gigabytesPerSecond: item.bytes > 0 ? item.bytes / time / 1e9 : nil, ratios: ratios)
  }

  static func line(_ result: Result) -> String {
    let ratios = result.ratios.sorted { $0.key < $1.key }.map { "  \(fixed($0.value, 2)) \($0.key)" }
    return row(
      result.kernel, result.shape, fixed(result.milliseconds, 3), result.gigaflops.map { fixed($0, 1) } ?? "",
      result.shareOfPeak.map { fixed($0 * 100, 0) + " %" } ?? "",
      result.gigabytesPerSecond.map { fixed($0, 1) } ?? "") + " " + ratios.joined()
  }

  static func row(_ cells: String...) -> String {
    zip(cells, [24, 34, 10, 9, 8, 8, 18]).enumerated().map { index, pair in
      let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
      return index < 2 ? pair.0 + padding : padding + pair.0
    }.joined(separator: " ")
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let rounded = Int((value * scale).rounded())
    if digits == 0 { return "\(rounded)" }
    let fraction = String(rounded % Int(scale))
    return "\(rounded / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  static func relativeError(_ found: Tensor, _ expected: Tensor) -> Float {
    let scale = max(expected.elements.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
    return zip(found.elements, expected.elements).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
  }
}
