// What the autoencoder's convolutions keep of the frames that have gone by.

import ReelTensor

/// The past of every convolution in time, in the order in which a chunk of frames passes them.
struct FrameHistory {
  private var slots: [Tensor?] = []
  private var cursor = 0
  /// Whether the chunk that passes is the first one of the film.
  private(set) var isFirstChunk = true
  private var hasBegun = false

  /// To be called before a chunk passes the first convolution.
  mutating func beginChunk() {
    isFirstChunk = !hasBegun
    hasBegun = true
    cursor = 0
  }

  /// One convolution's step: it sees its own past, and the frames of the chunk.
  mutating func convolve(_ x: Tensor, _ convolution: Convolution) -> Tensor {
    nextSlot { convolution(x, history: &$0) }
  }

  /// Lets a chunk pass a convolution by, which only sees its frames as its past.
  mutating func pass(_ x: Tensor, by convolution: Convolution) {
    nextSlot { $0 = convolution.nextHistory(after: x, history: $0) }
  }

  /// Leaves a convolution without a past.
  mutating func skip() { nextSlot { _ in } }

  private mutating func nextSlot<Result>(_ body: (inout Tensor?) -> Result) -> Result {
    if cursor == slots.count { slots.append(nil) }
    defer { cursor += 1 }
    return body(&slots[cursor])
  }
}
