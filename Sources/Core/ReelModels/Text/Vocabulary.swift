// The pieces of a tokenizer's vocabulary with their scores, found by prefix.

/// Pieces in the order of their bytes, so that the pieces with a common prefix stand together and a prefix is
/// narrowed byte by byte with binary searches: no table beside the pieces themselves.
struct Vocabulary: Sendable {
  /// The bytes of all pieces, one after another in the order of their numbers.
  private let bytes: [UInt8]
  /// Where each piece begins in `bytes`, and one more for the end.
  private let starts: [Int32]
  private let scores: [Double]
  /// The numbers of the pieces in ascending order of their bytes; of equal pieces only the last given.
  private let sorted: [Int32]
  /// The smallest of all scores.
  let lowestScore: Double

  /// More bytes than any sensible piece has; the cost of a search grows with the longest.
  static let longestPiece = 1024

  /// Pieces by their numbers: 0, 1, ….
  init(_ pieces: [(text: String, score: Double)]) {
    var bytes: [UInt8] = []
    var starts: [Int32] = [0]
    for piece in pieces {
      bytes += piece.text.utf8
      starts.append(Int32(bytes.count))
    }
    let order = bytes.withUnsafeBufferPointer { all in
      func piece(_ number: Int32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: all[Int(starts[Int(number)])..<Int(starts[Int(number) + 1])])
      }
      var order = Array(Int32(0)..<Int32(pieces.count))
      order.sort { a, b in
        if piece(a).lexicographicallyPrecedes(piece(b)) { return true }
        return a > b && piece(a).elementsEqual(piece(b))
      }
      var unique: [Int32] = []
      unique.reserveCapacity(order.count)
      for number in order where unique.last.map({ !piece($0).elementsEqual(piece(number)) }) ?? true {
        unique.append(number)
      }
      return unique
    }
    self.bytes = bytes
    self.starts = starts
    scores = pieces.map(\.score)
    sorted = order
    lowestScore = scores.min() ?? 0
  }

  var count: Int { scores.count }

  func score(of piece: Int) -> Double { scores[piece] }

  /// The number of the piece with exactly these bytes.
  func piece(_ text: ArraySlice<UInt8>) -> Int? {
    var found: Int?
    forEachPrefix(of: text, from: text.startIndex) { length, piece in
      if length == text.count { found = piece }
    }
    return found
  }

  /// Calls `body` with the length in bytes and the number of every piece that `text` goes on with at `start`,
  /// shortest first.
  func forEachPrefix<Text: RandomAccessCollection<UInt8>>(
    of text: Text, from start: Int, _ body: (Int, Int) -> Void
  ) where Text.Index == Int {
    var range = 0..<sorted.count
    for depth in 0..<(text.endIndex - start) {
      let byte = Int(text[start + depth])
      let lower = firstIndex(in: range, atDepth: depth, notBelow: byte)
      range = lower..<firstIndex(in: lower..<range.upperBound, atDepth: depth, notBelow: byte + 1)
      guard let first = range.first else { return }
      let number = Int(sorted[first])
      // The shortest piece of the range comes first; it ends here or later.
      if Int(starts[number + 1] - starts[number]) == depth + 1 { body(depth + 1, number) }
    }
  }

  /// The first place in `range`, whose pieces agree in their first `depth` bytes, with a next byte of at least
  /// `byte`.
  private func firstIndex(in range: Range<Int>, atDepth depth: Int, notBelow byte: Int) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      let number = Int(sorted[middle])
      let place = Int(starts[number]) + depth
      let next = place < Int(starts[number + 1]) ? Int(bytes[place]) : -1
      if next < byte { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
