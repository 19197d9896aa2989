// The thread pool: every index once, for any number of threads, also from within itself and from many callers.
import ReelTensor
import Synchronization
import Testing

struct ThreadsTests {
  @Test(arguments: [1, 2, 3, 7, 16])
  func `every index is in one part`(threads: Int) {
    for (count, grain) in [(0, 1), (1, 1), (5, 3), (100, 1), (100, 7), (1000, 1000)] {
      let visits = Mutex([Int](repeating: 0, count: count))
      Threads.with(threads) {
        parallel(for: count, grain: grain) { range in
          visits.withLock { for index in range { $0[index] += 1 } }
        }
      }
      #expect(visits.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  @Test func `a loop within a loop is done`() {
    let sum = Atomic<Int>(0)
    Threads.with(4) {
      parallel(for: 10) { outer in
        for _ in outer {
          parallel(for: 10) { inner in sum.wrappingAdd(inner.count, ordering: .relaxed) }
        }
      }
    }
    #expect(sum.load(ordering: .relaxed) == 100)
  }

  @Test func `many callers at once are all served`() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let sum = Atomic<Int>(0)
          for _ in 0..<200 {
            Threads.with(3) { parallel(for: 17) { sum.wrappingAdd($0.count, ordering: .relaxed) } }
          }
          return sum.load(ordering: .relaxed)
        }
      }
      for await sum in group { #expect(sum == 3400) }
    }
  }

  @Test func `results come in order, and so does the first failure`() throws {
    struct Failure: Error, Equatable { let index: Int }
    #expect(parallelMap(5) { $0 * $0 } == [0, 1, 4, 9, 16])
    #expect(throws: Failure(index: 3)) {
      try Threads.with(4) { () throws(Failure) in
        try parallelMap(100) { (index) throws(Failure) in
          if index % 4 == 3 { throw Failure(index: index) }
          return index
        }
      }
    }
  }

  @Test func `the number of threads is that of the job`() {
    #expect(Threads.with(5) { Threads.count } == 5)
  }
}
