// script/bench: how fast the numeric loops are at the shapes that the models need, each checked before it is timed.
import Glibc
import ReelJSON
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
  /// The seconds that OpenBLAS takes for the same work.
  var peer: ((_ threads: Int) -> Double)?
  /// Who else does the same work on so many threads, timed in turns with ours; without one the case is left out.
  var rival: ((_ threads: Int) -> Rival?)?
}

/// Another library that does the work of a case.
struct Rival {
  let name: String
  let work: () -> Void
}

/// What was measured of a case.
struct Timing {
  let item: Case
  let seconds: Double
  let peakShare: Double?
  /// How many times as long another library takes, and its name.
  let ratio: (peer: String, factor: Double)?

  var operationRate: Double? { item.operations > 0 ? item.operations / seconds : nil }
  var byteRate: Double? { item.bytes > 0 ? item.bytes / seconds : nil }

  /// Nil where the case is there for another library's sake, which cannot work on so many threads.
  init?(_ item: Case, threads: Int, peak: Double) {
    self.item = item
    if let rivalOnThreads = item.rival {
      guard let rival = rivalOnThreads(threads) else { return nil }
      let (ours, theirs) = Threads.with(threads) { medianSeconds(threads: threads, item.work, rival.work) }
      (seconds, ratio) = (ours, (rival.name, theirs / ours))
    } else {
      let ours = Threads.with(threads) { medianSeconds(threads: threads, item.work) }
      (seconds, ratio) = (ours, item.peer.map { ("OpenBLAS", $0(threads) / ours) })
    }
    peakShare = item.operations > 0 ? item.operations / seconds / peak : nil
  }
}

@main
struct Benchmark {
  static func main() {
    let threads = getenv("REEL_THREADS").flatMap { Int(String(cString: $0)) } ?? Threads.available
    let peak = measuredPeak(threads: threads)
    let arguments = CommandLine.arguments.dropFirst()
    let (isJSON, wanted) = (arguments.contains("--json"), arguments.filter { $0 != "--json" })
    if let unknown = wanted.first(where: { $0.hasPrefix("-") }) {
      fail("unknown option '\(unknown)'; there is --json", status: 2)
    }
    if !isJSON { printHead(threads: threads, peak: peak) }
    var timings: [Timing] = []
    for item in linearCases() + attentionCases() + convolutionCases() + upscalerCases() + rowCases()
      + mediaCases()
    where wanted.isEmpty || wanted.contains(where: { item.kernel.hasPrefix($0) }) {
      let (found, expected) = item.check()
      guard relativeError(found, expected) <= item.tolerance else {
        fail("\(item.kernel) \(item.shape): wrong by \(relativeError(found, expected)), not timed", status: 1)
      }
      guard let timing = Timing(item, threads: threads, peak: peak) else { continue }
      if isJSON { timings.append(timing) } else { print(line(timing)) }
    }
    if isJSON { print(json(timings, threads: threads, peak: peak).text) }
  }

  private static func printHead(threads: Int, peak: Double) {
    print(
      "level \(CPULevel.current.rawValue), \(threads) threads, measured peak \(fixed(peak / 1e9, 0)) GFLOP/s, "
        + "OpenBLAS \(OpenBLAS() == nil ? "not found (apt install libopenblas0-pthread)" : "found")")
    print(row("kernel", "shape", "ms", "GFLOP/s", "of peak", "GB/s", "× peer", "peer"))
  }

  private static func line(_ timing: Timing) -> String {
    row(
      timing.item.kernel, timing.item.shape, fixed(timing.seconds * 1e3, 3),
      timing.operationRate.map { fixed($0 / 1e9, 1) } ?? "",
      timing.peakShare.map { fixed($0 * 100, 0) + " %" } ?? "",
      timing.byteRate.map { fixed($0 / 1e9, 1) } ?? "", timing.ratio.map { fixed($0.factor, 2) } ?? "",
      timing.ratio?.peer ?? "")
  }

  private static func json(_ timings: [Timing], threads: Int, peak: Double) -> JSON {
    .object([
      "level": .string(CPULevel.current.rawValue), "threads": .number(Double(threads)),
      "peak_gflops": .number(peak / 1e9), "kernels": .array(timings.map(json)),
    ])
  }

  private static func json(_ timing: Timing) -> JSON {
    var record: [String: JSON] = [
      "kernel": .string(timing.item.kernel), "shape": .string(timing.item.shape),
      "seconds": .number(timing.seconds),
    ]
    record["gflops"] = timing.operationRate.map { .number($0 / 1e9) }
    record["peak_share"] = timing.peakShare.map { .number($0) }
    record["gigabytes_per_second"] = timing.byteRate.map { .number($0 / 1e9) }
    record["peer"] = timing.ratio.map { .string($0.peer) }
    record["ratio"] = timing.ratio.map { .number($0.factor) }
    return .object(record)
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    let text = "script/bench: \(message)\n"
    write(STDERR_FILENO, text, text.utf8.count)
    exit(status)
  }

  static func row(_ cells: String...) -> String {
    zip(cells, [24, 34, 10, 9, 8, 8, 8, -9]).enumerated().map { index, pair in
      let padding = String(repeating: " ", count: max(0, abs(pair.1) - pair.0.count))
      return index < 2 || pair.1 < 0 ? pair.0 + padding : padding + pair.0
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
