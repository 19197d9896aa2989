// Memory that the steps of a loop pass on: nothing is asked for after the first, and no result changes.
import ReelTensor
import Testing

struct ArenaTests {
  /// Work of the kind that a model's step is.
  private func step(_ x: Tensor, _ layer: Linear) -> Tensor {
    var y = layer(x.layerNorm(epsilon: 1e-6)).activated(.geluTanh)
    y += x
    return Tensor.attention(query: y, key: x, value: y, heads: 2, scale: 0.1)
  }

  @Test func `only the first step asks for memory`() {
    var cases = RandomCases(1)
    let (x, layer) = (cases.tensor([33, 64]), Linear(weight: cases.tensor([64, 64])))
    Arena.reusing { arena in
      var y = step(x, layer)
      // The second one runs while the first one's result is held.
      y = step(y, layer)
      let reached = arena.byteCount
      #expect(reached > 0)
      for _ in 0..<5 { y = step(y, layer) }
      #expect(arena.byteCount == reached)
    }
  }

  @Test func `results outlive the loop and are what they are without it`() {
    var cases = RandomCases(2)
    let (x, layer) = (cases.tensor([20, 32]), Linear(weight: cases.tensor([32, 32])))
    let kept = Arena.reusing { _ in
      var y = x
      for _ in 0..<4 { y = step(y, layer) }
      return y
    }
    var expected = x
    for _ in 0..<4 { expected = step(expected, layer) }
    #expect(kept.bits == expected.bits)
  }

  @Test func `a loop within a loop is part of it`() {
    Arena.reusing { outer in
      Arena.reusing { inner in #expect(inner === outer) }
    }
  }
}
