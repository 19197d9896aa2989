// The vectors of one prompt as the transformer takes them: real ones, and how many zero rows pad them.

import ReelTensor

/// A prompt's vectors. The reference pads them with rows of zeros; those are only counted here.
struct PromptEmbedding: Sendable {
  /// `[length, width]`.
  let vectors: Tensor
  /// How many rows of zeros follow.
  let padding: Int

  init(vectors: Tensor, padding: Int) {
    self.vectors = vectors
    self.padding = padding
  }

  /// From padded rows `[length + padding, width]`, as the reference has them: the zeros at the end are padding.
  init(padded rows: Tensor) {
    let width = rows.shape[1]
    let used = rows.withFloats { elements in
      (elements.lastIndex { $0 != 0 } ?? 0) / width + 1
    }
    vectors = rows.sliced(0..<used)
    padding = rows.shape[0] - used
  }

  /// The rows with their padding, `[length + padding, width]`.
  var padded: Tensor {
    padding == 0 ? vectors : Tensor.concatenated([vectors, .zeros([padding, vectors.shape[1]])])
  }
}
