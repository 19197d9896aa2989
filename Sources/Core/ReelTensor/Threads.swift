// The threads of the process: one pool, shared by all work, of which each job uses as many as it is given.
import CKernels

/// How many threads a piece of work may use.
public enum Threads {
  /// The number for the work that is called from here: as many as the machine has, unless a job sets it.
  @TaskLocal public static var count = available

  /// The processors that this process may run on.
  public static let available = max(1, reel_processor_count())

  /// Runs `body` with `count` threads for everything that it calls. Results never depend on the number.
  public static func with<Result, Failure: Error>(
    _ count: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(count > 0, "\(count) threads")
    let outcome = $count.withValue(count) { () -> Swift.Result<Result, Failure> in
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

/// Calls `body` with parts of `0..<count`, on several threads at once; returns when all are done.
///
/// Every index is in exactly one part. Each part has at least `grain` indices (the last one may have fewer), and
/// its size must not change what is computed. Called from within another `parallel`, it runs in its caller.
public func parallel(for count: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void) {
  dispatch(count, grain: grain, body)
}

/// The results of `transform` for 0, 1, … `count − 1`, computed on several threads, in order.
///
/// Where several fail, the error of the first of them in order is thrown.
public func parallelMap<Element: Sendable, Failure: Error>(
  _ count: Int, _ transform: @Sendable (Int) throws(Failure) -> Element
) throws(Failure) -> [Element] {
  var results = [Result<Element, Failure>?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let slots = buffer
    parallel(for: count) { range in
      for index in range {
        do throws(Failure) { slots[index] = .success(try transform(index)) } catch {
          slots[index] = .failure(error)
        }
      }
    }
  }
  var elements: [Element] = []
  elements.reserveCapacity(count)
  for result in results { elements.append(try result!.get()) }
  return elements
}

/// As `parallel(for:grain:_:)`, for bodies that write disjoint parts of memory through pointers.
package func dispatch(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  let threads = min(Threads.count, (count + grain - 1) / max(grain, 1))
  if count <= 0 { return }
  if threads <= 1 { return body(0..<count) }
  ThreadPool.shared.run(count, grain: max(grain, 1), threads: threads, body)
}
