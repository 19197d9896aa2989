// Memory for intermediate numbers of one thread, kept for the next loop: no loop allocates.
import Glibc

/// Calls `body` with `count` numbers of memory that belong to this thread meanwhile; not to be nested.
func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  body(ThreadScratch.floats(count))
}

private enum ThreadScratch {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { free($0) }
    precondition(status == 0, "no key for the memory of threads")
    return key
  }()

  /// The thread's block, which starts with its size; it grows as needed.
  static func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    if let block = pthread_getspecific(key), block.load(as: Int.self) >= count {
      return (block + 64).assumingMemoryBound(to: Float.self)
    }
    free(pthread_getspecific(key))
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, 64, 64 + count * 4) == 0, let block else {
      fatalError("out of memory: \(count) numbers of scratch")
    }
    block.storeBytes(of: count, as: Int.self)
    pthread_setspecific(key, block)
    return (block + 64).assumingMemoryBound(to: Float.self)
  }
}
