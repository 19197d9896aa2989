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

  @Test(arguments: 0..<12)
  func `products of bfloat16 are those of the rounded numbers`(seed: Int) {
    var cases = RandomCases(UInt64(100 + seed))
    let (rows, outputs) = (cases.size(1...40), cases.size(1...130))
    let inputs = [cases.size(1...40), cases.size(500...1200), 512, 513][seed % 4]
    let (x, weight) = (cases.tensor([rows, inputs]), cases.tensor([outputs, inputs]))
    let bias = seed % 2 == 0 ? nil : cases.tensor([outputs])
    func rounded(_ tensor: Tensor) -> Tensor { tensor.converted(to: .bfloat16).converted(to: .float32) }
    let reference = Reference.linear(rounded(x), weight: rounded(weight), bias: bias)
    for type in [ElementType.float32, .bfloat16] {
      expectAgreement(with: reference, "\(rows)×\(inputs)×\(outputs) \(type)") {
        Linear(weight: weight.converted(to: type), bias: bias, precision: .bfloat16)(x)
      }
    }
  }

  @Test func `levels with fused multiply-add round products of bfloat16 alike`() {
    var cases = RandomCases(3)
    let (x, weight) = (cases.tensor([33, 700]), cases.tensor([48, 700]))
    let results = CPULevel.supported.filter { $0 >= .v3 }.map { level in
      CPULevel.$current.withValue(level) { Linear(weight: weight, precision: .bfloat16)(x).bits }
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: 0..<12)
  func `products of bytes are those of the quantized numbers`(seed: Int) {
    var cases = RandomCases(UInt64(200 + seed))
    let (rows, outputs) = (cases.size(1...40), cases.size(1...130))
    let inputs = [cases.size(1...40), cases.size(900...2500), 1024, 1025][seed % 4]
    let (x, weight) = (cases.tensor([rows, inputs]), cases.tensor([outputs, inputs]))
    let bias = seed % 2 == 0 ? nil : cases.tensor([outputs])
    let reference = Reference.linear(
      Reference.quantized(x), weight: Reference.quantized(weight), bias: bias)
    expectAgreement(with: reference, "\(rows)×\(inputs)×\(outputs)") {
      Linear(weight: weight, bias: bias, precision: .int8)(x)
    }
    // Whole numbers are summed exactly, at any level.
    let results = CPULevel.supported.map { level in
      CPULevel.$current.withValue(level) { Linear(weight: weight, precision: .int8)(x).bits }
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: Precision.allCases)
  func `a layer in few bits is close to the layer`(precision: Precision) {
    var cases = RandomCases(9)
    let (x, weight) = (cases.tensor([20, 1536]), cases.tensor([64, 1536]))
    let (found, wanted) = (Linear(weight: weight, precision: precision)(x), Linear(weight: weight)(x))
    let (a, b) = (found.elements.map(Double.init), wanted.elements.map(Double.init))
    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() > 0.9995)
  }

  @Test(arguments: Precision.allCases)
  func `a layer is added to a residual through a gate`(precision: Precision) {
    var cases = RandomCases(10)
    for (rows, inputs, outputs) in [(1, 30, 33), (40, 300, 64), (17, 64, 5)] {
      let layer = Linear(
        weight: cases.tensor([outputs, inputs]), bias: cases.tensor([outputs]), activation: .geluTanh,
        precision: precision)
      let (x, residual) = (cases.tensor([rows, inputs]), cases.tensor([rows, outputs]))
      for gate in [nil, cases.tensor([outputs]), cases.tensor([rows, outputs])] {
        var expected = residual
        let added = layer(x)
        expected.add(added, gate: gate ?? Tensor([outputs], repeating: 1))
        #expect(layer(x, addedTo: residual, gate: gate).bits == expected.bits)
      }
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
