// The threads themselves: they wait for a loop to share, and take its parts one after the other.
import CKernels
import Glibc
import Synchronization

/// The pool of the process. One loop at a time is shared; others meanwhile run on their own thread alone.
final class ThreadPool: @unchecked Sendable {
  // Unchecked: `loop` is written while no place in it is open, and read by those who took a place; `started` and
  // `sleeping` are touched under `lock` alone.
  static let shared = ThreadPool()

  /// The loop that is shared: it lies on the stack of its caller, who waits until all helpers are done.
  private var loop: UnsafePointer<SharedLoop>?
  private let isBusy = Atomic<Bool>(false)
  /// Places for helpers in the loop that nobody has taken.
  private let openPlaces = Atomic<Int>(0)
  /// Helpers that took a place and are done.
  private let doneHelpers = Atomic<Int>(0)
  /// The first index that nobody has taken.
  private let nextIndex = Atomic<Int>(0)

  private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
  private let wake: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
  private var started = 0
  private var sleeping = 0

  /// How often a thread looks for the next loop before it goes to sleep: some 20 µs, the gap between two
  /// operations of a model.
  private static let patience = 1000

  private struct SharedLoop {
    let count: Int
    let part: Int
    /// Where its caller runs.
    let processor: Int
    let body: (Range<Int>) -> Void
  }

  private init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  /// Runs the loop on `threads` threads, this one among them.
  func run(_ count: Int, grain: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
      return body(0..<count)
    }
    // Four parts a thread even out unequal speeds.
    let part = max(grain, (count + threads * 4 - 1) / (threads * 4))
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(
        to: SharedLoop(count: count, part: part, processor: reel_current_processor(), body: body)
      ) { shared in
        loop = shared
        nextIndex.store(0, ordering: .relaxed)
        doneHelpers.store(0, ordering: .relaxed)
        let helpers = call(for: threads - 1)
        takeParts(of: shared)
        let unused = openPlaces.exchange(0, ordering: .acquiringAndReleasing)
        while doneHelpers.load(ordering: .acquiring) < helpers - unused { sched_yield() }
        loop = nil
      }
    }
    isBusy.store(false, ordering: .releasing)
  }

  /// Takes parts of the loop until none is left.
  @inline(never)
  private func takeParts(of loop: UnsafePointer<SharedLoop>) {
    let (count, part) = (loop.pointee.count, loop.pointee.part)
    while true {
      let start = nextIndex.wrappingAdd(part, ordering: .relaxed).oldValue
      if start >= count { return }
      loop.pointee.body(start..<min(start + part, count))
    }
  }

  /// Opens places for helpers, starting threads where there are too few; the number of places.
  private func call(for helpers: Int) -> Int {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while started < helpers, start() {}
    let places = min(helpers, started)
    openPlaces.store(places, ordering: .releasing)
    if sleeping > 0 { pthread_cond_broadcast(wake) }
    return places
  }

  /// Starts one more thread; false where the system has none to give.
  private func start() -> Bool {
    var thread = pthread_t()
    let pool = Unmanaged.passUnretained(self).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadPool>.fromOpaque(argument!).takeUnretainedValue().serve()
      }, pool)
    guard status == 0 else { return false }
    pthread_detach(thread)
    started += 1
    return true
  }

  private func serve() -> Never {
    while true {
      waitForPlace()
      let loop = loop!
      // Linux may wake a thread where its caller runs, and leave both there for many milliseconds.
      if reel_current_processor() == loop.pointee.processor { reel_leave_processor(loop.pointee.processor) }
      takeParts(of: loop)
      doneHelpers.wrappingAdd(1, ordering: .releasing)
    }
  }

  /// Returns with a place in the loop taken.
  private func waitForPlace() {
    while true {
      for _ in 0..<ThreadPool.patience {
        if takePlace() { return }
        reel_cpu_relax()
      }
      pthread_mutex_lock(lock)
      sleeping += 1
      while openPlaces.load(ordering: .relaxed) == 0 { pthread_cond_wait(wake, lock) }
      sleeping -= 1
      pthread_mutex_unlock(lock)
    }
  }

  private func takePlace() -> Bool {
    var places = openPlaces.load(ordering: .relaxed)
    while places > 0 {
      let (taken, original) = openPlaces.compareExchange(
        expected: places, desired: places - 1, ordering: .acquiring)
      if taken { return true }
      places = original
    }
    return false
  }
}
