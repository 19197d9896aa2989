// script/bench: how fast the numeric loops are at the shapes that the models need, each checked before it is timed.
import Glibc
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
  /// The same work by a peer.
  var peer: ((_ threads: Int) -> Double)?
}

@main
struct Benchmark {
  static func main() {
    let threads = getenv("REEL_THREADS").flatMap { Int(String(cString: $0)) } ?? Threads.available
    let peak = measuredPeak(threads: threads)
    print(
      "level \(CPULevel.current.rawValue), \(threads) threads, measured peak \(fixed(peak / 1e9, 0)) GFLOP/s, "
        + "OpenBLAS \(OpenBLAS() == nil ? "not found (apt install libopenblas0-pthread)" : "found")")
    print(row("kernel", "shape", "ms", "GFLOP/s", "of peak", "GB/s", "× OpenBLAS"))
    let wanted = CommandLine.arguments.dropFirst()
    for item in linearCases() + attentionCases() + convolutionCases() + upscalerCases() + rowCases()
    where wanted.isEmpty || wanted.contains(where: { item.kernel.hasPrefix($0) }) {
      let (found, expected) = item.check()
      guard relativeError(found, expected) <= item.tolerance else {
        print("\(item.kernel) \(item.shape): wrong by \(relativeError(found, expected)), not timed")
        exit(1)
      }
      let time = Threads.with(threads) { medianSeconds(threads: threads, item.work) }
      let rate = item.operations / time
      print(
        row(
          item.kernel, item.shape, fixed(time * 1e3, 3), item.operations > 0 ? fixed(rate / 1e9, 1) : "",
          item.operations > 0 ? fixed(rate / peak * 100, 0) + " %" : "",
          item.bytes > 0 ? fixed(item.bytes / time / 1e9, 1) : "",
          item.peer.map { fixed($0(threads) / time, 2) } ?? ""))
    }
  }

  static func row(_ cells: String...) -> String {
    zip(cells, [22, 34, 10, 9, 8, 8, 11]).enumerated().map { index, pair in
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
