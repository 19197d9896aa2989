// Shapes, conversion, order of axes, and arithmetic with repeated axes.
import ReelTensor
import Testing

struct TensorTests {
  @Test func `shapes count their elements and refuse what overflows`() {
    #expect(Shape([2, 3, 4]).count == 24)
    #expect(Shape([]).count == 1)
    #expect(Shape([2, 3, 4])[-1] == 4)
    #expect(Shape([2, 3, 4]).description == "[2, 3, 4]")
    #expect(Shape(exactly: [Int.max, 2]) == nil)
    #expect(Shape(exactly: [-1]) == nil)
    #expect(Shape(exactly: [0, Int.max])?.count == 0)
  }

  @Test func `copies are independent`() {
    let original = Tensor([2], [1, 2])
    var copy = original
    copy.withMutableFloats { $0[0] = 5 }
    var part = original.sliced(1..<2)
    part.withMutableFloats { $0[0] = 7 }
    #expect(original.elements == [1, 2])
    #expect(copy.elements == [5, 2])
    #expect(part.elements == [7])
  }

  /// Swift's own `Float16` is the reference; every 16-bit pattern.
  @Test func `float16 converts as the hardware does`() {
    let patterns = (0...UInt16.max).map { $0 }
    let tensor = patterns.withUnsafeBytes { Tensor([65536], elementType: .float16, bytes: $0) }
    let floats = tensor.converted(to: .float32)
    for (pattern, found) in zip(patterns, floats.elements) {
      let expected = Float(Float16(bitPattern: pattern))
      #expect(found == expected || (found.isNaN && expected.isNaN))
    }
    let back = floats.converted(to: .float16).withBytes { Array($0.bindMemory(to: UInt16.self)) }
    for (pattern, found) in zip(patterns, back) {
      #expect(found == pattern || Float16(bitPattern: pattern).isNaN && Float16(bitPattern: found).isNaN)
    }
    let between = Philox(seed: 5).normals([20000]) * 1e-4
    let rounded = between.converted(to: .float16).withBytes { Array($0.bindMemory(to: UInt16.self)) }
    #expect(zip(between.elements, rounded).allSatisfy { Float16($0).bitPattern == $1 })
    let edges = Tensor([6], [65519.99, 65520, -1e9, 0x1p-25, 0x1.8p-24, .infinity])
    #expect(edges.converted(to: .float16).elements == [65504, .infinity, -.infinity, 0, 0x1p-23, .infinity])
  }

  @Test func `bfloat16 rounds to the nearest, ties to even`() {
    let x = Tensor([5], [1, 0x1.01p0, 0x1.03p0, 3.4e38, -.infinity])
    #expect(x.converted(to: .bfloat16).elements == [1, 1, 0x1.04p0, .infinity, -.infinity])
    #expect(Tensor([1], [.nan]).converted(to: .bfloat16).scalar.isNaN)
  }

  @Test func `integers round and clamp`() {
    let x = Tensor([6], [-1, 0.5, 1.5, 254.6, 300, .nan])
    #expect(x.converted(to: .uint8).elements == [0, 0, 2, 255, 255, 0])
    #expect(
      Tensor([2], [3e9, -3e9]).converted(to: .int32).converted(to: .float64).elements
        == [Float(Int32.max), Float(Int32.min)])
  }

  @Test(arguments: 0..<40)
  func `permutations agree with the reference`(seed: Int) {
    var cases = RandomCases(UInt64(300 + seed))
    let rank = cases.size(1...6)
    let shape = Shape((0..<rank).map { _ in cases.size(1...5) })
    var axes = Array(0..<rank)
    for axis in axes.indices { axes.swapAt(axis, cases.size(0...(rank - 1))) }
    let x = cases.tensor(shape).converted(to: [.float32, .float16, .uint8, .float64][seed % 4])
    #expect(x.permuted(axes).bits == Reference.permuted(x, axes).bits)
    #expect(x.permuted(axes).shape == Reference.permuted(x, axes).shape)
  }

  @Test func `slices and concatenation undo each other`() {
    let x = Tensor([2, 5, 3], (0..<30).map(Float.init))
    for axis in 0..<3 {
      let cut = x.shape[axis] / 2
      let parts = [x.sliced(0..<cut, along: axis), x.sliced(cut..<x.shape[axis], along: axis)]
      #expect(Tensor.concatenated(parts, along: axis).elements == x.elements)
    }
    #expect(x.sliced(1..<3, along: 1)[0].elements == [3, 4, 5, 6, 7, 8])
    #expect(x.rows([1, 1])[0].elements == x[1].elements)
    #expect(x.split(into: 3).map(\.shape) == [[2, 5, 1], [2, 5, 1], [2, 5, 1]])
    #expect(x.reshaped(-1, 6).shape == [5, 6])
    #expect(Tensor([2], [1, 2]).repeated(2).elements == [1, 2, 1, 2])
  }

  @Test(arguments: 0..<60)
  func `arithmetic repeats axes as the reference does`(seed: Int) {
    var cases = RandomCases(UInt64(400 + seed))
    let rank = cases.size(0...4)
    let whole = (0..<rank).map { _ in cases.size(1...(seed % 9 == 0 ? 30 : 6)) }
    func part() -> Shape {
      let dropped = cases.size(0...rank)
      return Shape(whole.dropFirst(dropped).map { cases.size(0...2) == 0 ? 1 : $0 })
    }
    let left = cases.tensor(part())
    let right = cases.tensor(part())
    expectAgreement(with: Reference.combined(left, right, .add), within: 0) { left + right }
    expectAgreement(with: Reference.combined(left, right, .subtract), within: 0) { left - right }
    expectAgreement(with: Reference.combined(left, right, .multiply), within: 0) { left * right }
    expectAgreement(with: Reference.combined(left, right, .divide), within: 0) { left / right }
    expectAgreement(with: Reference.scaled(left, by: 3, plus: -1), within: 0) { left * 3 - 1 }
    expectAgreement(with: Reference.clamped(left, -0.5, 0.5), within: 0) { left.clamped(-0.5, 0.5) }
  }

  @Test func `a gated sum is the sum of the product`() {
    var cases = RandomCases(9)
    let x = cases.tensor([5, 19])
    let y = cases.tensor([5, 19])
    for gate in [cases.tensor([19]), cases.tensor([1, 19]), cases.tensor([5, 19]), cases.tensor([5, 1])] {
      expectAgreement(with: x + y * gate, within: 0) {
        var sum = x
        sum.add(y, gate: gate)
        return sum
      }
    }
  }

  @Test func `pixels become channels in PyTorch's order, and back`() {
    // torch.pixel_unshuffle(torch.arange(16.).view(1, 1, 4, 4), 2)[0, :, 0, 0] == [0, 1, 4, 5]
    let x = Tensor([1, 4, 4, 1], (0..<16).map(Float.init))
    #expect(x.pixelUnshuffled(2).sliced(0..<1, along: 1).sliced(0..<1, along: 2).elements == [0, 1, 4, 5])
    var cases = RandomCases(11)
    let y = cases.tensor([2, 6, 9, 5])
    #expect(y.pixelUnshuffled(3).shape == [2, 2, 3, 45])
    for (factor, channels) in [(1, 3), (2, 3), (3, 3), (4, 3), (3, 5), (5, 1)] {
      let z = cases.tensor([2, 3 * factor, 7 * factor, channels])
      expectAgreement(with: z, within: 0) { z.pixelUnshuffled(factor).pixelShuffled(factor) }
    }
  }

  @Test func `upsampling repeats every position four times`() {
    var cases = RandomCases(12)
    for shape in [[1, 1, 1, 1], [2, 3, 5, 7], [3, 16, 16, 33]] as [Shape] {
      let x = cases.tensor(shape)
      expectAgreement(with: Reference.nearestUpsampled(x), within: 0) { x.nearestUpsampled() }
    }
  }
}
