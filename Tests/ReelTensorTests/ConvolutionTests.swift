// Convolutions against the reference, and streams against whole sequences.
import ReelTensor
import Testing

struct ConvolutionTests {
  @Test func `a convolution is that of PyTorch`() {
    // F.conv2d(torch.arange(9.).view(1,1,3,3), torch.arange(1.,5.).view(1,1,2,2), torch.tensor([0.5])): PyTorch does
    // not flip the window.
    let x = Tensor([1, 3, 3, 1], (0..<9).map(Float.init))
    let weight = Tensor([1, 1, 2, 2], [1, 2, 3, 4])
    let output = Convolution(weight: weight, bias: Tensor([1], [0.5]))(x)
    #expect(output.shape == [1, 2, 2, 1])
    #expect(output.elements == [27.5, 37.5, 57.5, 67.5])
  }

  @Test(arguments: 0..<30)
  func `convolutions agree with the reference`(seed: Int) {
    var cases = RandomCases(UInt64(100 + seed))
    let (frames, height, width) = (cases.size(1...4), cases.size(3...9), cases.size(3...17))
    let (inputs, outputs) = (cases.size(1...35), cases.size(1...40))
    let window = [cases.size(1...3), cases.size(1...3), cases.size(1...3)]
    let stride = Convolution.Stride(
      time: cases.size(1...2), height: cases.size(1...2), width: cases.size(1...2))
    let padding = Convolution.Padding(
      top: cases.size(0...2), bottom: cases.size(0...2), left: cases.size(0...2), right: cases.size(0...2))
    let x = cases.tensor([frames, height, width, inputs])
    let weight = cases.tensor(Shape([outputs, inputs] + window))
    let bias = seed % 2 == 0 ? nil : cases.tensor([outputs])
    let historyFrames = seed % 3 == 0 ? 0 : window[0] - 1
    let known = min(historyFrames, seed % 4)
    let history = known == 0 ? nil : cases.tensor([known, height, width, inputs])
    let convolution = Convolution(
      weight: weight, bias: bias, stride: stride, padding: padding, historyFrames: historyFrames)
    let reference = Reference.convolution(
      x, history: history, weight: weight, bias: bias, stride: stride, padding: padding,
      historyFrames: historyFrames, outputShape: convolution.outputShape(for: x.shape))
    expectAgreement(with: reference, "\(x.shape) \(weight.shape) \(stride) \(padding)") {
      Convolution(weight: weight, bias: bias, stride: stride, padding: padding, historyFrames: historyFrames)(
        x, history: history)
    }
  }

  @Test(arguments: [1, 12, 16, 40, 48, 64])
  func `slopes bend what is below zero`(channels: Int) {
    var cases = RandomCases(UInt64(channels))
    let (x, weight) = (cases.tensor([1, 5, 9, 7]), cases.tensor([channels, 7, 3, 3]))
    let (bias, slopes) = (cases.tensor([channels]), cases.tensor([channels]))
    func convolved(_ slopes: Tensor?) -> Tensor {
      Convolution(weight: weight, bias: bias, slopes: slopes, padding: .init(1))(x)
    }
    expectAgreement(with: Reference.rectified(convolved(nil), slopes: slopes)) { convolved(slopes) }
  }

  @Test(arguments: [[1, 1, 1, 1, 1, 1, 1], [1, 4, 2], [3, 4], [7]])
  func `a stream in chunks is the whole sequence to the bit`(chunks: [Int]) {
    var cases = RandomCases(3)
    let x = cases.tensor([7, 6, 5, 16])
    let convolution = Convolution(
      weight: cases.tensor([20, 16, 3, 3, 3]), bias: cases.tensor([20]), padding: .init(1))
    var history: Tensor?
    var parts: [Tensor] = []
    var first = 0
    for chunk in chunks {
      parts.append(convolution(x.sliced(first..<(first + chunk)), history: &history))
      first += chunk
    }
    #expect(Tensor.concatenated(parts).bits == convolution(x).bits)
  }

  @Test(arguments: [1, 2], [2, 4, 6])
  func `bands of rows are the whole frame to the bit`(stride: Int, rows: Int) {
    var cases = RandomCases(UInt64(10 * stride + rows))
    let x = cases.tensor([2, 13, 9, 16])
    let convolution = Convolution(
      weight: cases.tensor([20, 16, 3, 3, 3]), bias: cases.tensor([20]),
      stride: .init(height: stride, width: stride), padding: .init(1))
    let height = convolution.outputShape(for: x.shape)[1]
    let bands = Swift.stride(from: 0, to: height, by: rows).map { first in
      let last = min(first + rows, height)
      // The rows that the windows of a band see, and more below, which do not count.
      let (top, bottom) = (first * stride - 1, min(last * stride + 3, 13))
      let padding = Convolution.Padding(
        top: top < 0 ? 1 : 0, bottom: bottom == 13 ? 1 : 0, left: 1, right: 1)
      return convolution(x.rows(max(top, 0)..<bottom), padding: padding, rows: last - first)
    }
    #expect(Tensor.concatenated(bands, along: 1).bits == convolution(x).bits)
  }

  @Test func `a window that does not fit gives no frames`() {
    let convolution = Convolution(weight: Tensor.zeros([2, 3, 3, 1, 1]), historyFrames: 0)
    #expect(convolution(Tensor.zeros([2, 4, 4, 3])).shape == [0, 4, 4, 2])
  }
}
