// Bands of rows of frames: what is below what, and what a band is when it is taken out again.
import ReelTensor
import Testing

struct BandsTests {
  private let upper = Tensor([2, 1, 2, 1], [1, 2, 11, 12])
  private let lower = Tensor([2, 2, 2, 1], [3, 4, 5, 6, 13, 14, 15, 16])

  @Test func `rows come below others of their own frame`() {
    let frames = lower.below(upper)
    #expect(frames.shape == [2, 3, 2, 1])
    #expect(frames.elements == [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16])
    #expect(lower.below(nil).elements == lower.elements)
    #expect(lower.below(.zeros([2, 0, 2, 1])).elements == lower.elements)
  }

  @Test func `a band may begin above and end below a seam`() {
    #expect(Tensor.rows(0..<2, of: upper, lower).elements == [1, 2, 3, 4, 11, 12, 13, 14])
    #expect(Tensor.rows(2..<3, of: upper, lower).elements == [5, 6, 15, 16])
    #expect(lower.rows(1..<2).elements == [5, 6, 15, 16])
    #expect(lower.rows(1..<1).shape == [2, 0, 2, 1])
  }

  @Test(arguments: [1, 3, 16, 40]) func `only the rows below others are normalized`(channels: Int) {
    var cases = RandomCases(UInt64(channels))
    let (x, above) = (cases.tensor([3, 4, 5, channels]), cases.tensor([3, 2, 5, channels]))
    let gamma = cases.tensor([channels])
    let expected = x.channelNorm(gamma: gamma, activation: .silu).below(above)
    #expect(x.channelNorm(gamma: gamma, activation: .silu, below: above).bits == expected.bits)
  }
}
