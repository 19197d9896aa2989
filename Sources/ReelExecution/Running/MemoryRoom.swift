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
    guard estimate.memory > Double(size.bytes) else { return nil }
    return .doesNotFit(needed: estimate.memorySize, room: self, remedies: estimate.remedies)
  }
}

extension ActionEstimate {
  /// ``memory`` as people write it.
  public var memorySize: ByteCount { ByteCount(Int(min(memory, 1e18))) }
}
