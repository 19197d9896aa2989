// Time, and what it is compared with: the arithmetic peak of the machine and OpenBLAS.
import CPeak
import Glibc
import ReelTensor

/// Seconds of `body`: the median of several runs, after one that warms up.
///
/// On one thread they are seconds of the processor, which other programs do not lengthen.
func medianSeconds(threads: Int, _ body: () -> Void) -> Double {
  let clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC
  body()
  var samples: [Double] = []
  let begin = now(clock)
  while samples.count < 5 || (now(clock) - begin < 0.3 && samples.count < 200) {
    let start = now(clock)
    body()
    samples.append(now(clock) - start)
  }
  return samples.sorted()[samples.count / 2]
}

/// The same of two bodies, which run in turns: what else the machine does meets both alike.
///
/// On one thread they are seconds of the processor, as above.
func medianSeconds(threads: Int, _ first: () -> Void, _ second: () -> Void) -> (Double, Double) {
  let clock = threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC
  func seconds(_ body: () -> Void) -> Double {
    let start = now(clock)
    body()
    return now(clock) - start
  }
  first()
  second()
  var samples: (first: [Double], second: [Double]) = ([], [])
  let begin = now(CLOCK_MONOTONIC)
  while samples.first.count < 9 || (now(CLOCK_MONOTONIC) - begin < 1 && samples.first.count < 200) {
    samples.first.append(seconds(first))
    samples.second.append(seconds(second))
  }
  let middle = samples.first.count / 2
  return (samples.first.sorted()[middle], samples.second.sorted()[middle])
}

private func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The operations a second that `threads` threads reach together when nothing holds them up.
func measuredPeak(threads: Int) -> Double {
  let level = CPULevel.current
  let rounds: Int64 = 4_000_000
  let operations = Double(threads) * Double(run(level, rounds))
  let time = Threads.with(threads) {
    medianSeconds(threads: threads) { parallel(for: threads) { for _ in $0 { _ = run(level, rounds) } } }
  }
  return operations / time
}

private func run(_ level: CPULevel, _ rounds: Int64) -> Int64 {
  var sink: [Float] = [0.5, 0.25, 0]
  return switch level {
  case .baseline: reel_peak_baseline(rounds, &sink)
  case .v3: reel_peak_v3(rounds, &sink)
  case .v4: reel_peak_v4(rounds, &sink)
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

  /// Seconds of x·weightᵀ, `[M, K]`·`[N, K]`ᵀ.
  func seconds(_ x: Tensor, _ weight: Tensor, threads: Int) -> Double {
    let (m, k, n) = (Int32(x.shape[0]), Int32(x.shape[1]), Int32(weight.shape[0]))
    setThreads(Int32(threads))
    var output = Tensor.zeros([x.shape[0], weight.shape[0]])
    return x.withFloats { a in
      weight.withFloats { b in
        output.withMutableFloats { c in
          medianSeconds(threads: threads) {
            // Row-major, the second operand transposed.
            product(101, 111, 112, m, n, k, 1, a.baseAddress!, k, b.baseAddress!, k, 0, c.baseAddress!, n)
          }
        }
      }
    }
  }
}
