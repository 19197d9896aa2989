// How a film passes the autoencoder: a chunk of frames and a band of rows at a time, so that little is in memory.

import ReelTensor

/// The levels of a network, each of which takes some rows at a time, and the order in which frames and rows pass them.
///
/// A convolution needs two frames of what came before, and three rows of what lay above. Either can be kept for the
/// whole film: where all chunks of frames pass a band of rows before the next band, the frames before are kept for one
/// band and the rows above for all chunks; where all bands of a chunk pass before the next chunk, it is the other way
/// round.
struct FilmPassage {
  struct Level {
    /// How many rows it takes at a time; even.
    let rows: Int
    /// `[T, ≤ rows, W, C]` → as many rows as can be told.
    let pass: (Tensor, inout FrameHistory) -> Tensor
  }

  let levels: [Level]
  let isBandAfterBand: Bool

  /// - Parameters:
  ///   - input: gives the frames of a chunk, with all rows.
  ///   - output: takes what becomes of a chunk, with all rows; chunks come in order.
  func callAsFunction<Failure: Error>(
    chunks: Int, input: (Int) -> Tensor, output: (Int, Tensor) throws(Failure) -> Void
  ) throws(Failure) {
    var histories = levels.map { _ in FrameHistory() }
    var passing: [Int: [WaitingRows]] = [:]
    /// Passes a band of a chunk through every level; false after the last band.
    func step(_ chunk: Int) throws(Failure) -> Bool {
      var waiting = passing[chunk] ?? [WaitingRows(all: input(chunk))] + levels.map { _ in WaitingRows() }
      passing[chunk] = nil
      for (index, level) in levels.enumerated() {
        guard let x = waiting[index].take(level.rows) else { continue }
        let isLast = waiting[index].isOver
        histories[index].begin(chunk: chunk, isLastChunk: chunk == chunks - 1, isLastBand: isLast)
        waiting[index + 1].add(level.pass(x, &histories[index]), isLast: isLast)
      }
      guard waiting[levels.count].isComplete else {
        passing[chunk] = waiting
        return true
      }
      try output(chunk, waiting[levels.count].takeAll())
      return false
    }
    if isBandAfterBand {
      var isGoingOn = true
      while isGoingOn {
        for chunk in 0..<chunks { isGoingOn = try step(chunk) }
      }
    } else {
      for chunk in 0..<chunks {
        while try step(chunk) {}
      }
    }
  }
}

/// Rows of some frames that wait for the next level.
private struct WaitingRows {
  private var parts: [Tensor] = []
  /// Whether no more rows come.
  private(set) var isComplete = false

  init() {}

  init(all rows: Tensor) { (parts, isComplete) = ([rows], true) }

  private var count: Int { parts.reduce(0) { $0 + $1.shape[1] } }
  /// Whether all rows came and were taken.
  var isOver: Bool { isComplete && parts.isEmpty }

  mutating func add(_ rows: Tensor, isLast: Bool) {
    if rows.shape[1] > 0 { parts.append(rows) }
    isComplete = isLast
  }

  /// So many rows, or what is left of them; nothing where more are to come first.
  mutating func take(_ wanted: Int) -> Tensor? {
    let count = count
    guard count > 0, count >= wanted || isComplete else { return nil }
    // Half a band more rather than a small one at the end.
    if isComplete, count <= wanted + wanted / 2 { return takeAll() }
    let all = takeAll()
    parts = [all.sliced(wanted..<count, along: 1)]
    return all.sliced(0..<wanted, along: 1)
  }

  mutating func takeAll() -> Tensor {
    defer { parts = [] }
    return parts.count == 1 ? parts[0] : Tensor.concatenated(parts, along: 1)
  }
}
