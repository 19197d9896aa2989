// Which of the compiled loops run on this machine.
import CKernels
import Glibc
import KernelsBaseline

#if arch(x86_64)
  import KernelsV3
  import KernelsV4
  import KernelsV4BF16
#endif

/// A set of instructions that the numeric loops are compiled for.
///
/// At one level the results are the same to the bit, whatever the threads; between levels they differ by rounding.
public enum CPULevel: String, Hashable, Sendable, CaseIterable, Comparable {
  /// What every 64-bit machine has.
  case baseline
  /// x86-64-v3: AVX2 and fused multiply-add.
  case v3
  /// x86-64-v4: AVX-512.
  case v4
  /// AVX-512 with its products of bfloat16 and of bytes (BF16, VNNI).
  case v4bf16

  public static func < (left: CPULevel, right: CPULevel) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }

  /// Whether this machine has the instructions.
  public var isSupported: Bool {
    switch self {
    case .baseline: true
    case .v3: reel_cpu_has_v3() != 0
    case .v4: reel_cpu_has_v4() != 0
    case .v4bf16: reel_cpu_has_v4bf16() != 0
    }
  }

  /// The levels of this machine, the plainest first.
  public static var supported: [CPULevel] { allCases.filter(\.isSupported) }

  /// The level that work started from here runs at.
  @TaskLocal public static var current = preferred

  /// The level that the environment's `REEL_CPU` names, or else the best one.
  private static let preferred: CPULevel = {
    let best = supported.last!
    guard let text = getenv("REEL_CPU"), text.pointee != 0 else { return best }
    let name = String(cString: text)
    guard let level = CPULevel(rawValue: name), level.isSupported else {
      let names = supported.map(\.rawValue).joined(separator: ", ")
      let message = "REEL_CPU: '\(name)' is no level of this machine, which has \(names)\n"
      write(STDERR_FILENO, message, message.utf8.count)
      exit(2)
    }
    return level
  }()

  /// The loops of this level.
  var kernels: ReelKernels {
    #if arch(x86_64)
      switch self {
      case .baseline: CPULevel.baselineKernels
      case .v3: CPULevel.v3Kernels
      case .v4: CPULevel.v4Kernels
      case .v4bf16: CPULevel.v4bf16Kernels
      }
    #else
      CPULevel.baselineKernels
    #endif
  }

  /// The loops over pixels of this level.
  var mediaKernels: ReelMediaKernels {
    #if arch(x86_64)
      switch self {
      case .baseline: KernelsBaseline.mediaKernelTable()
      case .v3: KernelsV3.mediaKernelTable()
      case .v4: KernelsV4.mediaKernelTable()
      case .v4bf16: KernelsV4BF16.mediaKernelTable()
      }
    #else
      KernelsBaseline.mediaKernelTable()
    #endif
  }

  private static let baselineKernels = KernelsBaseline.kernelTable()
  #if arch(x86_64)
    private static let v3Kernels = KernelsV3.kernelTable()
    private static let v4Kernels = KernelsV4.kernelTable()
    private static let v4bf16Kernels = KernelsV4BF16.kernelTable()
  #endif
}

/// The loops that work started from here runs on.
var kernels: ReelKernels { CPULevel.current.kernels }

/// The loops over pixels that work started from here runs on.
package var mediaKernels: ReelMediaKernels { CPULevel.current.mediaKernels }
