// A queue of indices that gives the smallest first.

/// Indices waiting their turn, the smallest first.
struct SortedQueue {
  private var heap: [Int] = []

  init(_ ascending: [Int]) { heap = ascending }

  mutating func insert(_ index: Int) {
    heap.append(index)
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = heap.first else { return nil }
    heap[0] = heap[heap.count - 1]
    heap.removeLast()
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
      guard let least = children.min(by: { heap[$0] < heap[$1] }), heap[least] < heap[parent] else { break }
      heap.swapAt(least, parent)
      parent = least
    }
    return first
  }
}
