// How much memory there is for an action: its limit, or what the machine has.

import ReelPlanning
import ReelStage

/// The memory that an action may take for itself.
public enum MemoryRoom: Hashable, Sendable {
  /// What its node or the command line allows.
  case limit(ByteCount)
  /// What the machine has free, and what the workers of the run have, which give it back.
  case machine(ByteCount)

  /// - Parameter workers: of the run.
  init(limit: ByteCount?, workers: [WorkerProcess] = []) {
    if let limit {
      self = .limit(limit)
    } else {
      let free = OperatingSystem.machineMemory.available.bytes
      self = .machine(ByteCount(workers.reduce(free) { $0 + $1.usedMemory.bytes }))
    }
  }

  private var size: ByteCount {
    switch self {
    case .limit(let size), .machine(let size): size
    }
  }

  /// Why an action cannot run; `nil` where there is room for it.
  func refusal(of estimate: ActionEstimate) -> WorkerError? {
    // What it maps counts only where there must be room for it.
    var needed = estimate.memory
    if case .machine = self { needed += estimate.mapped }
    guard needed > Double(size.bytes) else { return nil }
    return .doesNotFit(needed: ByteCount(rounding: needed), room: self, remedies: estimate.remedies)
  }
}

extension ActionEstimate {
  /// ``memory`` and ``mapped`` as people write them.
  public var memorySize: ByteCount { ByteCount(rounding: memory) }
  public var mappedSize: ByteCount { ByteCount(rounding: mapped) }
}

extension ByteCount {
  fileprivate init(rounding bytes: Double) { self.init(Int(min(bytes, 1e18))) }
}
