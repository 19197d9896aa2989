// The network once more, slow and readable: what the fast one is held against.

import ReelTensor

extension SuperResolution {
  /// As ``callAsFunction(_:)``: layer after layer over the whole picture, every number by its formula.
  public func reference(_ picture: Tensor) -> Tensor {
    let (height, width) = (picture.shape[0], picture.shape[1])
    var x = picture.reshaped(1, height, width, 3)  // [1, H, W, C]
    for layer in parameters {
      let shape = layer.weight.shape
      x = Reference.convolution(
        x, history: nil, weight: layer.weight.reshaped(shape[0], shape[1], 1, 3, 3), bias: layer.bias,
        stride: .init(), padding: .init(1), historyFrames: 0, outputShape: [1, height, width, shape[0]])
      if let slopes = layer.slopes { x = Reference.rectified(x, slopes: slopes) }
    }
    let (details, colours) = (x.elements, picture.elements)
    return Tensor([height * scale, width * scale, 3]) { output in
      for index in output.indices {
        let (row, column, colour) = (index / 3 / (width * scale), index / 3 % (width * scale), index % 3)
        let position = row / scale * width + column / scale
        let part = row % scale * scale + column % scale
        output[index] =
          colours[position * 3 + colour] + details[(position * 3 + colour) * scale * scale + part]
      }
    }
  }
}
