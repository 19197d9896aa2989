// Attention in blocks against the reference, with relative positions and repeated keys.
import Glibc
import ReelTensor
import Testing

struct AttentionTests {
  @Test(arguments: 0..<20)
  func `attention agrees with the reference`(seed: Int) {
    var cases = RandomCases(UInt64(200 + seed))
    let (queries, heads) = (cases.size(1...130), cases.size(1...4))
    // More keys than a block has, and heads wider than a panel is deep.
    let keys = seed % 4 == 0 ? cases.size(250...600) : cases.size(1...100)
    let width = seed % 5 == 0 ? cases.size(250...300) : cases.size(1...70)
    let valueWidth = seed % 2 == 0 ? width : cases.size(1...40)
    let batch = seed % 3
    func shape(_ tokens: Int, _ width: Int) -> Shape {
      Shape((batch == 0 ? [] : [batch]) + [tokens, heads * width])
    }
    let query = cases.tensor(shape(queries, width))
    let key = cases.tensor(shape(keys, width))
    let value = cases.tensor(shape(keys, valueWidth))
    let bias = seed % 3 == 1 ? cases.tensor([heads, queries, keys]) : nil
    let keyBias = seed % 4 == 1 ? cases.tensor([keys]) : nil
    let scale = 1 / Float(width).squareRoot()
    let reference = Reference.attention(
      query: query, key: key, value: value, heads: heads, scale: scale, bias: bias, keyBias: keyBias)
    expectAgreement(with: reference, within: 4e-6, "\(query.shape) over \(key.shape), \(heads) heads") {
      Tensor.attention(
        query: query, key: key, value: value, heads: heads, scale: scale, bias: bias, keyBias: keyBias)
    }
  }

  @Test(arguments: 0..<12)
  func `attention in bfloat16 is that of the rounded numbers`(seed: Int) {
    var cases = RandomCases(UInt64(300 + seed))
    let (queries, heads) = (cases.size(1...130), cases.size(1...3))
    let keys = seed % 3 == 0 ? cases.size(250...600) : cases.size(1...100)
    let width = seed % 4 == 0 ? cases.size(510...530) : cases.size(1...70)
    let valueWidth = cases.size(1...40)
    func rounded(_ columns: Int, _ rows: Int) -> Tensor {
      cases.tensor([rows, heads * columns]).converted(to: .bfloat16).converted(to: .float32)
    }
    let (query, key, value) = (rounded(width, queries), rounded(width, keys), rounded(valueWidth, keys))
    let keyBias = seed % 2 == 1 ? cases.tensor([keys]) : nil
    let scale = 1 / Float(width).squareRoot()
    let reference = Reference.attention(
      query: query, key: key, value: value, heads: heads, scale: scale, bias: nil, keyBias: keyBias)
    // The weights of the keys are rounded too, each to 8 bits.
    expectAgreement(with: reference, within: 4e-3, "\(query.shape) over \(key.shape), \(heads) heads") {
      Tensor.attention(
        query: query, key: key, value: value, heads: heads, scale: scale, keyBias: keyBias,
        precision: .bfloat16)
    }
  }

  @Test func `a key with a bias of ln n counts n times`() {
    var cases = RandomCases(1)
    let query = cases.tensor([9, 32])
    let key = cases.tensor([5, 32])
    let value = cases.tensor([5, 32])
    let repeated = [0, 1, 2, 3] + [Int](repeating: 4, count: 60)
    let whole = Tensor.attention(
      query: query, key: key.rows(repeated), value: value.rows(repeated), heads: 2, scale: 0.25)
    let collapsed = Tensor.attention(
      query: query, key: key, value: value, heads: 2, scale: 0.25,
      keyBias: Tensor([5], [0, 0, 0, 0, Float(log(60.0))]))
    #expect(relativeError(collapsed, whole) < 2e-6)
  }

  @Test func `hidden keys weigh nothing, even a whole block of them`() {
    var cases = RandomCases(2)
    let query = cases.tensor([3, 8])
    let key = cases.tensor([300, 8])
    let value = cases.tensor([300, 8])
    let visible = [290, 299]
    let keyBias = Tensor([300]) { bias in
      for index in bias.indices { bias[index] = visible.contains(index) ? 0 : -.infinity }
    }
    let found = Tensor.attention(query: query, key: key, value: value, heads: 1, scale: 1, keyBias: keyBias)
    let expected = Tensor.attention(
      query: query, key: key.rows(visible), value: value.rows(visible), heads: 1, scale: 1)
    #expect(relativeError(found, expected) < 1e-6)
  }

  @Test func `great scores do not overflow`() {
    let query = Tensor([1, 2], [300, 0])
    let key = Tensor([2, 2], [300, 0, 0, 300])
    let value = Tensor([2, 2], [1, 2, 3, 4])
    #expect(
      Tensor.attention(query: query, key: key, value: value, heads: 1, scale: 1).elements == [1, 2])
  }
}
