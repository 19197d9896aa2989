// Linear layers and matrix products against the reference, over sizes that are no multiples of anything.
import ReelTensor
import Testing

struct LinearTests {
  @Test func `a product is that of numpy`() {
    // numpy: np.arange(6).reshape(2, 3) @ np.arange(12).reshape(3, 4)
    let left = Tensor([2, 3], (0..<6).map(Float.init))
    let right = Tensor([3, 4], (0..<12).map(Float.init))
    #expect(Tensor.matmul(left, right).elements == [20, 23, 26, 29, 56, 68, 80, 92])
  }

  @Test(arguments: 0..<24)
  func `linear layers agree with the reference`(seed: Int) {
    var cases = RandomCases(UInt64(seed))
    let rows = cases.size(1...150)
    let inputs = [cases.size(1...40), cases.size(200...600), 256, 257, 512][seed % 5]
    let outputs = cases.size(1...130)
    let x = cases.tensor([rows, inputs])
    let weight = cases.tensor([outputs, inputs])
    let bias = seed % 3 == 0 ? nil : cases.tensor([outputs])
    let activation = Activation.allCases[seed % 4]
    let reference = Reference.activated(Reference.linear(x, weight: weight, bias: bias), activation)
    expectAgreement(with: reference, "\(rows)×\(inputs)×\(outputs) \(activation)") {
      Linear(weight: weight, bias: bias, activation: activation)(x)
    }
  }

  @Test(arguments: [ElementType.bfloat16, .float16])
  func `16-bit weights are multiplied as the numbers that they are`(type: ElementType) {
    var cases = RandomCases(5)
    for (rows, inputs, outputs) in [(1, 300, 33), (37, 65, 100), (3, 16, 5)] {
      let x = cases.tensor([2, rows, inputs])
      // Subnormal numbers of 16 bits among them.
      let weight = (cases.tensor([outputs, inputs]) * 1e-5).converted(to: type)
      let reference = Reference.linear(x, weight: weight.converted(to: .float32), bias: nil)
      expectAgreement(with: reference, "\(rows)×\(inputs)×\(outputs) \(type)") { Linear(weight: weight)(x) }
    }
  }

  @Test func `no rows and no inputs are no trouble`() {
    let layer = Linear(weight: Tensor.zeros([3, 2]), bias: Tensor([3], [1, 2, 3]))
    #expect(layer(Tensor.zeros([0, 2])).shape == [0, 3])
    let none = Linear(weight: Tensor.zeros([3, 0]), bias: Tensor([3], [1, 2, 3]))
    #expect(none(Tensor.zeros([2, 0])).elements == [1, 2, 3, 1, 2, 3])
  }

  @Test func `a row does not depend on the rows beside it`() {
    var cases = RandomCases(8)
    let x = cases.tensor([131, 300])
    let layer = Linear(weight: cases.tensor([70, 300]))
    let all = layer(x)
    for row in [0, 13, 14, 97, 130] {
      #expect(layer(x.sliced(row..<(row + 1))).bits == all.sliced(row..<(row + 1)).bits)
    }
  }
}
