// Memory for work that repeats itself: what the tensors of one step leave, those of the next one get.
import Glibc
import Synchronization

/// The memory of a loop whose steps are alike: a model's steps, a film's frames.
///
/// The first step asks the system for each tensor and so finds out what a step needs; from then on nothing is asked
/// for. That spares the page faults of fresh memory, which for great tensors cost more than the arithmetic. A loop
/// holds as much memory as its greatest step at its worst moment did.
public final class Arena: Sendable {
  /// Blocks that no tensor uses, by their size; `nil` when the loop is over.
  private let unused = Mutex<[Int: [Block]]?>([:])
  private let requests = Atomic<Int>(0)

  /// The arena of the work that is called from here.
  @TaskLocal static var current: Arena?

  private struct Block: @unchecked Sendable {
    // Unchecked: a block in the table is used by nobody.
    let bytes: UnsafeMutableRawPointer
  }

  private init() {}

  /// How many blocks the system was asked for.
  public var blocksRequested: Int { requests.load(ordering: .relaxed) }

  /// Runs a loop whose tensors get each other's memory. Within such a loop, another one is part of it.
  public static func reusing<Result, Failure: Error>(
    _ loop: (Arena) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if let current { return try loop(current) }
    let arena = Arena()
    defer { arena.close() }
    let outcome = $current.withValue(arena) { () -> Swift.Result<Result, Failure> in
      do throws(Failure) { return .success(try loop(arena)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// A block of so many bytes, aligned to 64.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if let block = unused.withLock({ $0?[byteCount]?.popLast() }) { return block.bytes }
    requests.wrappingAdd(1, ordering: .relaxed)
    return Storage.allocate(byteCount)
  }

  /// Takes a block back that ``take(_:)`` gave.
  func giveBack(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int) {
    let block = Block(bytes: bytes)
    let isKept = unused.withLock { blocks in
      blocks?[byteCount, default: []].append(block)
      return blocks != nil
    }
    if !isKept { free(bytes) }
  }

  private func close() {
    let left = unused.withLock { blocks in
      defer { blocks = nil }
      return blocks
    }
    for block in (left ?? [:]).values.joined() { free(block.bytes) }
  }
}
