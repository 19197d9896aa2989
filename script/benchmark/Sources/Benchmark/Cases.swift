// What is measured: the operations at the shapes of the embedded model and of Wan. Inputs are made when a case is
// picked.
import ReelTensor

private func noise(_ stream: UInt64, _ shape: Shape) -> Tensor {
  Philox(seed: 1, stream: stream).normals(shape)
}

private func pytorch(_ kernel: String, _ words: [String], _ sizes: [Int], threads: Int) -> [Peer] {
  PyTorch.shared.map { [$0.peer(kernel, words, sizes, threads: threads)] } ?? []
}

/// Rows, inputs, outputs: the embedded model's first, then those of Wan 1.3B.
private let products = [
  (64, 256, 256), (192, 256, 256), (192, 256, 1024), (192, 1024, 256), (1, 1536, 1536), (16, 1536, 1536),
  (512, 256, 1024), (1280, 1536, 1536), (1280, 1536, 8960),
]

func linearCases() -> [Case] {
  let openBLAS = OpenBLAS()
  return Precision.allCases.flatMap { precision in
    products.map { rows, inputs, outputs in
      lazy var x = noise(1, [rows, inputs])
      lazy var weight = noise(2, [outputs, inputs])
      lazy var layer = Linear(weight: weight, precision: precision)
      return Case(
        kernel: "linear \(precision.rawValue)", shape: "[\(rows), \(inputs)]·[\(inputs), \(outputs)]",
        operations: 2 * Double(rows) * Double(inputs) * Double(outputs),
        tolerance: precision == .float32 ? 1e-5 : precision == .bfloat16 ? 0.02 : 0.05,
        check: {
          let (few, columns) = (min(rows, 15), min(outputs, 70))
          let part = x.sliced(0..<few)
          return (
            layer(part).sliced(0..<columns, along: 1),
            Reference.linear(part, weight: weight.sliced(0..<columns), bias: nil)
          )
        },
        work: { _ = layer(x) },
        peers: { threads in
          let product = precision == .float32 ? openBLAS?.peer(x, weight, threads: threads) : nil
          let pytorch = PyTorch.shared?.peer(
            "linear", [precision.rawValue], [rows, inputs, outputs], threads: threads)
          return [product, pytorch].compactMap { $0 }
        })
    }
  }
}

func attentionCases() -> [Case] {
  [Precision.float32, .bfloat16].flatMap { precision in
    [(64, 4, 64), (192, 4, 64), (1280, 12, 128), (4096, 12, 128)].map { tokens, heads, width in
      lazy var q = noise(3, [tokens, heads * width])
      lazy var k = noise(4, [tokens, heads * width])
      lazy var v = noise(5, [tokens, heads * width])
      let scale = 1 / Float(width).squareRoot()
      func attention(_ query: Tensor) -> Tensor {
        .attention(query: query, key: k, value: v, heads: heads, scale: scale, precision: precision)
      }
      return Case(
        kernel: "attention \(precision.rawValue)", shape: "\(tokens) tokens, \(heads)×\(width)",
        operations: 4 * Double(tokens) * Double(tokens) * Double(heads * width),
        tolerance: precision == .float32 ? 1e-5 : 0.02,
        check: {
          let part = q.sliced(0..<3)
          return (
            attention(part),
            Reference.attention(
              query: part, key: k, value: v, heads: heads, scale: scale, bias: nil, keyBias: nil)
          )
        },
        work: { _ = attention(q) },
        peers: { pytorch("attention", [precision.rawValue], [tokens, heads, width], threads: $0) })
    }
  }
}

/// Frames, side, channels in and out of 3×3×3 convolutions: the embedded autoencoder's, then Wan's.
private let convolutions = [
  (4, 64, 16, 16), (4, 64, 32, 16), (4, 32, 32, 32), (2, 16, 64, 64), (4, 64, 16, 3), (1, 128, 96, 96),
  (1, 64, 192, 192), (1, 32, 384, 384),
]

func convolutionCases() -> [Case] {
  [Precision.float32, .bfloat16].flatMap { precision in
    convolutions.map { frames, side, inputs, outputs in
      let shape: Shape = [frames, side, side, inputs]
      lazy var x = noise(6, shape)
      lazy var weight = noise(7, [outputs, inputs, 3, 3, 3])
      lazy var layer = Convolution(weight: weight, padding: .init(1), precision: precision)
      return Case(
        kernel: "convolution \(precision.rawValue)", shape: "\(shape) → \(outputs)",
        operations: 2 * Double(frames * side * side) * Double(27 * inputs * outputs),
        tolerance: precision == .float32 ? 1e-5 : 0.02,
        check: {
          let part = Tensor.concatenated([x.sliced(0..<5, along: 1)]).sliced(0..<7, along: 2)
          return (
            layer(part),
            Reference.convolution(
              part, history: nil, weight: weight, bias: nil, stride: .init(), padding: .init(1),
              historyFrames: 2, outputShape: layer.outputShape(for: part.shape))
          )
        },
        work: { _ = layer(x) },
        peers: {
          pytorch("convolution", [precision.rawValue], [frames, side, side, inputs, outputs, 3], threads: $0)
        })
    }
  }
}

/// Height, width, channels in and out of the 3×3 convolutions of an upscaler: its first, one within, its last.
private let upscalerConvolutions = [
  (540, 960, 3, 48), (540, 960, 48, 48), (540, 960, 64, 64), (540, 960, 48, 12),
]

func upscalerCases() -> [Case] {
  upscalerConvolutions.map { height, width, inputs, outputs in
    let shape: Shape = [1, height, width, inputs]
    lazy var x = noise(10, shape)
    lazy var weight = noise(11, [outputs, inputs, 3, 3])
    lazy var layer = Convolution(weight: weight, padding: .init(1))
    return Case(
      kernel: "upscaler convolution", shape: "\(shape) → \(outputs)",
      operations: 2 * Double(height * width) * Double(9 * inputs * outputs),
      check: {
        let part = x.sliced(0..<5, along: 1).sliced(0..<7, along: 2)
        return (
          layer(part),
          Reference.convolution(
            part, history: nil, weight: weight.reshaped(outputs, inputs, 1, 3, 3), bias: nil, stride: .init(),
            padding: .init(1), historyFrames: 0, outputShape: layer.outputShape(for: part.shape))
        )
      },
      work: { _ = layer(x) },
      peers: { pytorch("convolution", ["fp32"], [1, height, width, inputs, outputs, 1], threads: $0) })
  }
}

func rowCases() -> [Case] {
  [(192, 256), (1280, 1536), (36864, 16), (16384, 96)].flatMap { rows, width in
    let shape: Shape = [rows, width]
    lazy var x = noise(8, shape)
    lazy var scale = noise(9, [width])
    lazy var embedding = RotaryEmbedding(
      positions: rows, pairs: width / 2, angles: (0..<(rows * width / 2)).map { Double($0) * 0.01 })
    func item(
      _ kernel: String, _ work: @escaping (Tensor) -> Tensor, _ reference: @escaping (Tensor) -> Tensor
    )
      -> Case
    {
      Case(
        kernel: kernel, shape: "\(shape)", bytes: Double(rows * width * 8),
        check: {
          let part = x.sliced(0..<9)
          return (work(part), reference(part))
        },
        work: { _ = work(x) }, peers: { pytorch(kernel, [], [rows, width], threads: $0) })
    }
    return [
      item(
        "modulated norm", { $0.layerNorm(scale: scale, shift: scale, epsilon: 1e-6) },
        { Reference.modulatedLayerNorm($0, scale: scale, shift: scale, epsilon: 1e-6) }),
      item(
        "rms norm", { $0.rmsNorm(weight: scale, epsilon: 1e-6) },
        { Reference.rmsNorm($0, weight: scale, epsilon: 1e-6) }),
      item(
        "channel norm, silu", { $0.channelNorm(gamma: scale, activation: .silu) },
        { Reference.channelNorm($0, gamma: scale, activation: .silu) }),
      item("softmax", { $0.softmax }, { Reference.softmax($0) }),
      item("gelu tanh", { $0.activated(.geluTanh) }, { Reference.activated($0, .geluTanh) }),
      Case(
        kernel: "rotation", shape: "\(shape)", bytes: Double(rows * width * 12),
        check: { (x.rotated(by: embedding), Reference.rotated(x, by: embedding)) },
        work: { _ = x.rotated(by: embedding) },
        peers: { pytorch("rotation", [], [rows, width], threads: $0) }),
    ]
  }
}
