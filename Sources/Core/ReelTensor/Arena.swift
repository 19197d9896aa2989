// Memory for work that repeats itself: what the tensors of one step leave, those of the next one get.
import Glibc
import Synchronization

/// The memory of a loop whose steps are alike: a model's steps, a film's frames.
///
/// Freed tensors leave room that later ones get, wherever it lies lowest; room beside room is one. The system is asked
/// for pages only where the first step reaches further, which spares the faults of fresh memory: for great tensors they
/// cost more than the arithmetic. A loop holds what its greatest step needed at its worst moment, and some gaps.
public final class Arena: Sendable {
  private let memory = Mutex(Memory())

  /// The arena of the work that is called from here.
  @TaskLocal static var current: Arena?

  private init() {}

  deinit { memory.withLock { $0.unmap() } }

  /// How far the loop's tensors have reached so far: the bytes that they and the gaps between them took at most.
  public var byteCount: Int { memory.withLock { $0.reached } }

  /// Runs a loop whose tensors get each other's memory. Within such a loop, another one is part of it.
  public static func reusing<Result, Failure: Error>(
    _ loop: (Arena) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if let current { return try loop(current) }
    let arena = Arena()
    defer { arena.memory.withLock { $0.end() } }
    let outcome = $current.withValue(arena) { () -> Swift.Result<Result, Failure> in
      do throws(Failure) { return .success(try loop(arena)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// A block of so many bytes, aligned to 64.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: memory.withLock { $0.take(byteCount) })!
  }

  /// Takes a block back that ``take(_:)`` gave.
  func giveBack(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int) {
    memory.withLock { $0.giveBack(Int(bitPattern: bytes), byteCount) }
  }
}

/// Regions of addresses, and what of them is free.
private struct Memory {
  private struct Region {
    let addresses: Range<Int>
    /// The end of the highest block so far.
    var reached: Int
  }

  private var regions: [Region] = []
  /// In order; none begins where another one ends.
  private var free: [Range<Int>] = []
  private var isOver = false

  /// Addresses cost nothing until they are used.
  private static let regionSize = 1 << 32
  private static let pageSize = 4096

  var reached: Int { regions.reduce(0) { $0 + $1.reached - $1.addresses.lowerBound } }

  /// 64 bytes more than asked, so that a vector load at the last element stays inside the block; whole cache lines.
  private func size(_ byteCount: Int) -> Int { (byteCount + 64 + 63) / 64 * 64 }

  mutating func take(_ byteCount: Int) -> Int {
    let size = size(byteCount)
    var index = free.firstIndex { $0.count >= size }
    if index == nil {
      add(Self.map(Swift.max(size, Self.regionSize)) ?? Self.map(size), for: byteCount)
      index = free.firstIndex { $0.count >= size }
    }
    let range = free[index!]
    let end = range.lowerBound + size
    if end == range.upperBound { free.remove(at: index!) } else { free[index!] = end..<range.upperBound }
    let region = regions.firstIndex { $0.addresses.contains(range.lowerBound) }!
    regions[region].reached = max(regions[region].reached, end)
    return range.lowerBound
  }

  mutating func giveBack(_ address: Int, _ byteCount: Int) {
    let range = address..<address + size(byteCount)
    if isOver { Self.release(range) }
    insert(range)
  }

  /// No step comes that would need the room.
  mutating func end() {
    isOver = true
    for range in free { Self.release(range) }
  }

  func unmap() {
    for region in regions {
      munmap(UnsafeMutableRawPointer(bitPattern: region.addresses.lowerBound), region.addresses.count)
    }
  }

  private mutating func insert(_ range: Range<Int>) {
    var (low, high) = (0, free.count)
    while low < high {
      let middle = (low + high) / 2
      if free[middle].lowerBound < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    var joined = range
    if low < free.count, free[low].lowerBound == joined.upperBound {
      joined = joined.lowerBound..<free.remove(at: low).upperBound
    }
    if low > 0, free[low - 1].upperBound == joined.lowerBound {
      free[low - 1] = free[low - 1].lowerBound..<joined.upperBound
    } else {
      free.insert(joined, at: low)
    }
  }

  private mutating func add(_ addresses: Range<Int>?, for byteCount: Int) {
    guard let addresses else { fatalError("out of memory: a tensor of \(byteCount) bytes") }
    regions.append(Region(addresses: addresses, reached: addresses.lowerBound))
    insert(addresses)
  }

  private static func map(_ size: Int) -> Range<Int>? {
    let size = (size + pageSize - 1) / pageSize * pageSize
    let start = mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let start, start != MAP_FAILED else { return nil }
    // One fault for 2 MiB instead of one for 4 KiB.
    madvise(start, size, MADV_HUGEPAGE)
    return Int(bitPattern: start)..<Int(bitPattern: start) + size
  }

  /// Lets the system have the pages that lie wholly in a range.
  private static func release(_ range: Range<Int>) {
    let start = (range.lowerBound + pageSize - 1) / pageSize * pageSize
    let end = range.upperBound / pageSize * pageSize
    if start < end { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_DONTNEED) }
  }
}
