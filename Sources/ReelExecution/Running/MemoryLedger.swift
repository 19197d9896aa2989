// What the actions at work have been promised of the machine's memory: what does not fit beside them waits.

import Glibc
import ReelModels
import ReelStage
import Synchronization

/// The estimates of a run's actions that are at work. Each alone was found to fit; two large ones at a time may not.
package final class MemoryLedger: Sendable {
  /// What an action at work will take.
  package struct Claim {
    package let memory: Double
    package let mapped: Double
    /// The model that it maps: several actions map the same pages.
    package let model: ModelCache?

    package init(_ estimate: ActionEstimate, model: ModelCache?) {
      (memory, mapped, self.model) = (estimate.memory, estimate.mapped, model)
    }
  }

  private struct Entry {
    let claim: Claim
    let worker: WorkerProcess
  }

  package init() {}

  private let entries = Mutex<[Int: Entry]>([:])
  private let isClosed = Atomic<Bool>(false)

  /// How often an action that waits looks again, in microseconds: memory comes free in other programs, too.
  private static let interval: useconds_t = 50_000

  /// Waits until there is room for an action beside those at work, and promises it.
  ///
  /// - Parameters:
  ///   - number: the action's, to be given to ``free(_:)``.
  ///   - isWaiting: called once, if it has to wait.
  package func promise(_ claim: Claim, to worker: WorkerProcess, number: Int, isWaiting: () -> Void) {
    var hasTold = false
    while true {
      let isPromised = entries.withLock { entries in
        let others = entries.values.map { ($0.claim, Double($0.worker.usedMemory.bytes)) }
        let free = Double(OperatingSystem.machineMemory.available.bytes + worker.usedMemory.bytes)
        guard Self.fits(claim, beside: others, free: free) || isClosed.load(ordering: .relaxed) else {
          return false
        }
        entries[number] = Entry(claim: claim, worker: worker)
        return true
      }
      if isPromised { return }
      if !hasTold { isWaiting() }
      hasTold = true
      usleep(Self.interval)
    }
  }

  /// Takes back what an action was promised.
  package func free(_ number: Int) { entries.withLock { $0[number] = nil } }

  /// Lets all go on that wait: the run is at its end.
  package func close() { isClosed.store(true, ordering: .relaxed) }

  /// Whether a claim fits beside those of actions at work.
  ///
  /// With none of them it does: whatever is missing, waiting would not bring it.
  ///
  /// - Parameters:
  ///   - others: with how much each has taken so far.
  ///   - free: what the machine has left now. Pages of mapped files count as left.
  package static func fits(_ claim: Claim, beside others: [(claim: Claim, used: Double)], free: Double)
    -> Bool
  {
    if others.isEmpty { return true }
    let growth = others.reduce(0) { $0 + max(0, $1.claim.memory - $1.used) }
    var mapped: [ModelCache: Double] = [:]
    var unshared = 0.0
    for claim in others.map(\.claim) + [claim] {
      if let model = claim.model {
        mapped[model] = max(mapped[model] ?? 0, claim.mapped)
      } else {
        unshared += claim.mapped
      }
    }
    return claim.memory + growth + mapped.values.reduce(unshared, +) <= free
  }
}
