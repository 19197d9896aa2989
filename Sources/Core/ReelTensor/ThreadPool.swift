// The threads themselves: they sleep until there is a loop to share, and take its parts one after the other.
import Glibc
import Synchronization

/// A loop whose parts are taken by whoever is free.
private final class SharedLoop: @unchecked Sendable {
  // Unchecked: `body` is called for disjoint parts; the atomics order everything else.
  let count: Int
  let part: Int
  /// Gone once the loop is done: a helper may let go of the loop a moment after its caller has returned, and must
  /// not keep the caller's closure alive.
  private var body: ((Range<Int>) -> Void)?
  private let next = Atomic<Int>(0)
  let helpers = Atomic<Int>(0)

  init(count: Int, part: Int, body: @escaping (Range<Int>) -> Void) {
    self.count = count
    self.part = part
    self.body = body
  }

  /// Lets go of the closure; no helper is at work any more.
  func end() { body = nil }

  /// Takes parts until none is left.
  func work() {
    guard let body else { return }
    while true {
      let start = next.wrappingAdd(part, ordering: .relaxed).oldValue
      if start >= count { return }
      body(start..<min(start + part, count))
    }
  }
}

/// The pool of the process.
final class ThreadPool: @unchecked Sendable {
  // Unchecked: `loop`, `wanted` and `started` are touched under `lock` alone.
  static let shared = ThreadPool()
  private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
  private let wake: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
  private let isBusy = Atomic<Bool>(false)
  private var loop: SharedLoop?
  /// How many more threads may join the loop.
  private var wanted = 0
  private var started = 0

  private init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  /// Runs the loop on `threads` threads, this one among them. While another loop runs, it runs on this one alone.
  func run(_ count: Int, grain: Int, threads: Int, _ body: @escaping (Range<Int>) -> Void) {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
      return body(0..<count)
    }
    // Four parts a thread even out unequal speeds.
    let part = max(grain, (count + threads * 4 - 1) / (threads * 4))
    let shared = SharedLoop(count: count, part: part, body: body)
    pthread_mutex_lock(lock)
    while started < threads - 1, start() {}
    loop = shared
    wanted = min(threads - 1, started)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)

    shared.work()

    pthread_mutex_lock(lock)
    loop = nil
    wanted = 0
    pthread_mutex_unlock(lock)
    while shared.helpers.load(ordering: .acquiring) > 0 { sched_yield() }
    shared.end()
    isBusy.store(false, ordering: .releasing)
  }

  /// Starts one more thread; false where the system has none to give.
  private func start() -> Bool {
    var thread = pthread_t()
    let pool = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadPool>.fromOpaque(argument!).takeRetainedValue().serve()
      }, pool.toOpaque())
    guard status == 0 else {
      pool.release()
      return false
    }
    pthread_detach(thread)
    started += 1
    return true
  }

  private func serve() -> Never {
    pthread_mutex_lock(lock)
    while true {
      while wanted == 0 { pthread_cond_wait(wake, lock) }
      wanted -= 1
      let loop = self.loop!
      loop.helpers.wrappingAdd(1, ordering: .relaxed)
      pthread_mutex_unlock(lock)
      loop.work()
      loop.helpers.wrappingSubtract(1, ordering: .releasing)
      pthread_mutex_lock(lock)
    }
  }
}
