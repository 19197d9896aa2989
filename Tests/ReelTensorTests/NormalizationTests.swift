// Norms, softmax, activations and rotation against the reference and against numbers from outside.
import ReelTensor
import Testing

struct NormalizationTests {
  @Test(arguments: [1, 3, 15, 16, 17, 31, 64, 96, 255, 1000])
  func `norms agree with the reference`(width: Int) {
    var cases = RandomCases(UInt64(width))
    let x = cases.tensor([2, 9, width]) * 3 + 1
    let weight = cases.tensor([width])
    let bias = cases.tensor([width])
    expectAgreement(with: Reference.layerNorm(x, weight: weight, bias: bias, epsilon: 1e-6), within: 4e-6) {
      x.layerNorm(weight: weight, bias: bias, epsilon: 1e-6)
    }
    expectAgreement(with: Reference.layerNorm(x, weight: nil, bias: nil, epsilon: 1e-5), within: 4e-6) {
      x.layerNorm(epsilon: 1e-5)
    }
    for modulation in [weight, cases.tensor([1, width]), cases.tensor(x.shape)] {
      expectAgreement(
        with: Reference.modulatedLayerNorm(x, scale: modulation, shift: modulation, epsilon: 1e-6),
        within: 4e-6
      ) { x.layerNorm(scale: modulation, shift: modulation, epsilon: 1e-6) }
    }
    expectAgreement(with: Reference.rmsNorm(x, weight: weight, epsilon: 1e-6)) {
      x.rmsNorm(weight: weight, epsilon: 1e-6)
    }
    expectAgreement(with: Reference.rmsNorm(x, weight: nil, epsilon: 1e-6)) { x.rmsNorm(epsilon: 1e-6) }
    for activation in Activation.allCases {
      expectAgreement(with: Reference.channelNorm(x, gamma: weight, activation: activation)) {
        x.channelNorm(gamma: weight, activation: activation)
      }
    }
    expectAgreement(with: Reference.softmax(x)) { x.softmax }
  }

  @Test func `the channel norm of zeros is zero`() {
    let gamma = Tensor([3], [1, 2, 3])
    #expect(Tensor.zeros([2, 3]).channelNorm(gamma: gamma).elements == [0, 0, 0, 0, 0, 0])
  }

  @Test func `softmax is scipy's, hides −∞ and does not overflow`() {
    // scipy.special.softmax([1, 2, 3])
    let expected = Tensor([3], [0.09003057, 0.24472847, 0.66524096])
    #expect(relativeError(Tensor([3], [1, 2, 3]).softmax, expected) < 2e-7)
    #expect(Tensor([3], [1, -.infinity, 1]).softmax.elements == [0.5, 0, 0.5])
    #expect(Tensor([2], [1e30, -1e30]).softmax.elements == [1, 0])
  }

  /// torch.nn.functional: gelu(x), gelu(x, approximate="tanh"), silu(x) in float64.
  @Test(
    arguments: [
      (Activation.gelu, [-0.0040496940948, -0.15865525393146, 0, 0.34573123063700, 1.9544997361036]),
      (.geluTanh, [-0.0036373920817730, -0.15880800939172, 0, 0.34571400982514, 1.9545976940877]),
      (.silu, [-0.14227761953270, -0.26894142136999, 0, 0.31122966560093, 1.7615941559557]),
    ] as [(Activation, [Float])])
  func `activations are those of PyTorch`(activation: Activation, expected: [Float]) {
    let x = Tensor([5], [-3, -1, 0, 0.5, 2])
    #expect(relativeError(x.activated(activation), Tensor([5], expected)) < 3e-7)
  }

  @Test(arguments: Activation.allCases)
  func `activations agree with the reference from one end to the other`(activation: Activation) {
    let x = Tensor([4001]) { output in
      for index in output.indices { output[index] = Float(index - 2000) / 20 }
    }
    let reference = Reference.activated(x, activation)
    expectAgreement(with: reference) { x.activated(activation) }
    // Also near zero, where an error relative to the greatest number says nothing.
    for (found, expected) in zip(x.activated(activation).elements, reference.elements) where abs(expected) < 5
    {
      #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
    }
  }

  @Test func `rotation turns adjacent pairs`() {
    let embedding = RotaryEmbedding(positions: 2, pairs: 2, angles: [0, 0, .pi / 2, .pi])
    let x = Tensor([2, 4], [1, 2, 3, 4, 1, 2, 3, 4])
    let expected = Tensor([2, 4], [1, 2, 3, 4, -2, 1, -3, -4])
    #expect(relativeError(x.rotated(by: embedding), expected) < 1e-6)
  }

  @Test(arguments: [(1, 1, 1), (7, 3, 5), (64, 4, 32), (33, 2, 16)])
  func `rotation agrees with the reference`(positions: Int, heads: Int, pairs: Int) {
    var cases = RandomCases(4)
    let angles = (0..<(positions * pairs)).map { Double($0) * 0.37 }
    let embedding = RotaryEmbedding(positions: positions, pairs: pairs, angles: angles)
    let x = cases.tensor([2, positions, heads * pairs * 2])
    expectAgreement(with: Reference.rotated(x, by: embedding)) { x.rotated(by: embedding) }
  }
}
