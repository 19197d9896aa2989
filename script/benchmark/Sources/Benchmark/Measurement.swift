// Time, and what it is compared with: the arithmetic peak of the machine and OpenBLAS.
import CPeak
import Glibc
import ReelTensor

/// Another program that does the same work.
struct Peer {
  let name: String
  /// Does the work so many times, and tells the seconds of each.
  let seconds: (_ count: Int) -> [Double]

  init(name: String, seconds: @escaping (_ count: Int) -> [Double]) {
    (self.name, self.seconds) = (name, seconds)
  }

  /// A peer in this process, which does its work once in `work`.
  init(name: String, work: @escaping () -> Void) {
    self.init(name: name) { count in timed(count, work) }
  }
}

/// The seconds of `work`, so many times.
func timed(_ count: Int, _ work: () -> Void) -> [Double] {
  (0..<count).map { _ in
    let start = now()
    work()
    return now() - start
  }
}

/// The median of the seconds of `work`, and how often it is done while each peer does its own once.
///
/// All take turns, so that a noisy machine disturbs them alike. Each turn begins with a pause, in which the threads
/// of the one before come to rest, and with a run that does not count: it fills the caches.
func compare(_ work: @escaping () -> Void, with peers: [Peer]) -> (seconds: Double, ratios: [String: Double])
{
  let all = [{ timed($0, work) }] + peers.map(\.seconds)
  var samples = all.map { _ in [Double]() }
  let begin = now()
  while samples[0].count < 8 || (now() - begin < 0.5 * Double(all.count) && samples[0].count < 400) {
    for (index, measure) in all.enumerated() {
      usleep(2000)
      let warm = measure(1)[0]
      samples[index] += measure(max(2, min(20, Int(0.01 / warm))))
    }
  }
  let medians = samples.map { $0.sorted()[$0.count / 2] }
  let ratios = zip(peers.map(\.name), medians.dropFirst().map { $0 / medians[0] })
  return (medians[0], Dictionary(uniqueKeysWithValues: ratios))
}

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The operations a second that `threads` threads reach together when nothing holds them up.
func measuredPeak(threads: Int) -> Double {
  let level = CPULevel.current
  let rounds: Int64 = 4_000_000
  let operations = Double(threads) * Double(run(level, rounds))
  let time = Threads.with(threads) {
    compare({ parallel(for: threads) { for _ in $0 { _ = run(level, rounds) } } }, with: []).seconds
  }
  return operations / time
}

private func run(_ level: CPULevel, _ rounds: Int64) -> Int64 {
  var sink: [Float] = [0.5, 0.25, 0]
  return switch level {
  case .baseline: reel_peak_baseline(rounds, &sink)
  case .v3: reel_peak_v3(rounds, &sink)
  case .v4, .v4bf16: reel_peak_v4(rounds, &sink)
  }
}

/// OpenBLAS, where it is installed: loaded when the benchmark runs, so that nothing else needs it.
struct OpenBLAS {
  typealias MatrixProduct =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>,
      Int32,
      Float, UnsafeMutablePointer<Float>, Int32
    ) -> Void
  private let product: MatrixProduct
  private let setThreads: @convention(c) (Int32) -> Void

  init?() {
    guard let library = dlopen("libopenblas.so.0", RTLD_NOW), let product = dlsym(library, "cblas_sgemm"),
      let setThreads = dlsym(library, "openblas_set_num_threads")
    else { return nil }
    self.product = unsafeBitCast(product, to: MatrixProduct.self)
    self.setThreads = unsafeBitCast(setThreads, to: (@convention(c) (Int32) -> Void).self)
  }

  /// x·weightᵀ, `[M, K]`·`[N, K]`ᵀ.
  func peer(_ x: Tensor, _ weight: Tensor, threads: Int) -> Peer {
    let (m, k, n) = (Int32(x.shape[0]), Int32(x.shape[1]), Int32(weight.shape[0]))
    setThreads(Int32(threads))
    let output = UnsafeMutablePointer<Float>.allocate(capacity: Int(m * n))
    return Peer(
      name: "OpenBLAS",
      work: {
        x.withFloats { a in
          weight.withFloats { b in
            // Row-major, the second operand transposed.
            product(101, 111, 112, m, n, k, 1, a.baseAddress!, k, b.baseAddress!, k, 0, output, n)
          }
        }
      })
  }
}
