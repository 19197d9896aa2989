// The learned upscaler against PyTorch, against its reference, and in bands of any height.

import ReelMedia
import ReelModels
import ReelTensor
import Testing

@Suite struct SuperResolutionTests {
  static let fixtures = Fixtures.root + "/Tests/Fixtures/upscaling"

  /// Random weights in a safetensors file of a test's own.
  static func write(
    features: Int, layers: Int, scale: Int, prefix: String = "", type: ElementType = .float32,
    to path: String, change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws {
    let random = Philox(seed: 3)
    func numbers(_ stream: Int, _ shape: Shape, _ size: Float) -> Tensor {
      (Philox(seed: random.seed, stream: UInt64(stream)).normals(shape) * size).converted(to: type)
    }
    var tensors: [String: Tensor] = [:]
    for layer in 0..<layers {
      let isLast = layer == layers - 1
      let (inputs, outputs) = (layer == 0 ? 3 : features, isLast ? 3 * scale * scale : features)
      let size = 1 / Float(9 * inputs).squareRoot()
      tensors["body.\(2 * layer).weight"] = numbers(3 * layer, [outputs, inputs, 3, 3], size)
      tensors["body.\(2 * layer).bias"] = numbers(3 * layer + 1, [outputs], 0.1)
      if !isLast { tensors["body.\(2 * layer + 1).weight"] = numbers(3 * layer + 2, [outputs], 0.3) }
    }
    change(&tensors)
    try ModelCopy.write(
      Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) }), to: path)
  }

  private static func difference(_ found: Tensor, _ wanted: Tensor) -> Float {
    guard found.shape == wanted.shape else { return .infinity }
    let scale = wanted.elements.reduce(0) { max($0, abs($1)) }
    return zip(found.elements, wanted.elements).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
  }

  @Test(
    "what PyTorch saved gives what PyTorch gave",
    arguments: [
      ("plain", 2, 8, 4), ("checkpoint", 2, 8, 4), ("channels-last", 2, 8, 4), ("shared", 2, 8, 4),
      ("half", 4, 19, 3), ("bfloat16", 3, 5, 2),
    ])
  func recorded(name: String, scale: Int, features: Int, layers: Int) throws {
    let recorded = try SafetensorsFile(path: Self.fixtures + "/expected.safetensors")
    let network = try SuperResolution(path: "\(Self.fixtures)/\(name).pth")
    #expect(network.scale == scale && network.features == features && network.layerCount == layers)
    let (picture, wanted) = (try recorded.tensor(named: "input"), try recorded.tensor(named: name))
    for level in CPULevel.supported {
      CPULevel.$current.withValue(level) {
        #expect(Self.difference(network(picture), wanted) < 1e-5, "\(name) at level \(level)")
      }
    }
    #expect(Self.difference(network.reference(picture), wanted) < 1e-6)
  }

  @Test("safetensors are read under the names of PyTorch", arguments: ["", "params.", "params_ema."])
  func safetensors(prefix: String) throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/x2.safetensors"
    for type in [ElementType.float32, .float16, .bfloat16] {
      try Self.write(features: 20, layers: 3, scale: 2, prefix: prefix, type: type, to: path)
      let network = try SuperResolution(path: path)
      #expect(network.parameterCount == 9 * 20 * (3 + 20 + 12) + 2 * 20 * 2 + 12)
      let picture = Philox(seed: 1).normals([9, 7, 3])
      #expect(Self.difference(network(picture), network.reference(picture)) < 2e-6)
    }
    // A folder with one file in it is that file.
    #expect(try SuperResolution(path: scratch.folder).path == path)
    #expect(SuperResolution.isFolder(scratch.folder))
    #expect(!SuperResolution.isFolder(Fixtures.embedded))
  }

  @Test(
    "neither the height of a band nor the threads change a bit",
    arguments: [(1, 1), (1, 9), (2, 3), (5, 1), (17, 6), (40, 33)])
  func bands(height: Int, width: Int) throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/x3.safetensors"
    try Self.write(features: 24, layers: 6, scale: 3, to: path)
    let network = try SuperResolution(path: path)
    let picture = Philox(seed: 5).normals([height, width, 3])
    let whole = network(picture)
    #expect(Self.difference(whole, network.reference(picture)) < 5e-6)
    for (band, threads) in [(1, 1), (2, 3), (3, 2), (7, 1), (16, 7), (100, 2)] {
      #expect(Threads.with(threads) { network(picture, bandHeight: band).elements } == whole.elements)
    }
  }

  @Test("passes follow each other unrounded, and stay within 0 to 1") func passes() throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/x2.safetensors"
    try Self.write(features: 16, layers: 2, scale: 2, to: path)
    let network = try SuperResolution(path: path)
    let frame = Frame(size: Size(width: 5, height: 4), pixels: (0..<60).map { UInt8($0 * 4) })
    #expect(Frame(codeValues: frame.codeValues) == frame)
    let twice = try network.enlarged(frame.codeValues, passes: 2)
    #expect(twice.shape == [16, 20, 3])
    let once = network(frame.codeValues).clamped(0, 1)
    #expect(twice.elements == network(once).clamped(0, 1).elements)
  }

  /// What is wrong with a file, without its path.
  private func refusal(_ path: String) -> String {
    do {
      let network = try SuperResolution(path: path)
      return "no error: ×\(network.scale)"
    } catch { return error.description.replacing(path, with: "…") }
  }

  @Test("another network is refused with the tensor that does not fit") func otherNetworks() throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/weights.safetensors"
    func refusal(_ change: (inout [String: Tensor]) -> Void) throws -> String {
      try Self.write(features: 8, layers: 3, scale: 2, to: path, change: change)
      return self.refusal(path)
    }
    #expect(try refusal { _ in } == "no error: ×2")
    #expect(try refusal { $0 = ["conv_first.weight": .zeros([1])] } == "…: tensor 'body.0.weight' is missing")
    #expect(try refusal { $0["body.2.weight"] = nil } == "…: tensor 'body.2.weight' is missing")
    #expect(try refusal { $0["body.1.weight"] = nil } == "…: tensor 'body.1.weight' is missing")
    #expect(
      try refusal { $0["body.2.weight"] = .zeros([8, 8, 1, 1]) }
        == "…: tensor 'body.2.weight' must have the shape [8, 8, 3, 3], found [8, 8, 1, 1]")
    #expect(
      try refusal { $0["body.4.weight"] = .zeros([13, 8, 3, 3]) }
        == "…: 'body.4.weight' must be a convolution to 3·s² channels for a scale s of 2 to 8, found the shape [13, 8, 3, 3]"
    )
    #expect(
      try refusal { $0["body.0.weight"] = .zeros([]) }
        == "…: 'body.0.weight' must be a convolution to 1 to 1024 channels, found the shape []")
    #expect(
      try refusal { $0["body.0.bias"] = Tensor.zeros([8]).converted(to: .int32) }
        == "…: tensor 'body.0.bias' must hold float32, float16 or bfloat16, found int32")
  }

  @Test("weights that are no numbers give an error, not a picture") func notNumbers() throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/weights.safetensors"
    try Self.write(features: 8, layers: 2, scale: 2, to: path) { tensors in
      tensors["body.0.bias"] = Tensor([8], repeating: .nan)
    }
    let network = try SuperResolution(path: path)
    let error = #expect(throws: ModelError.self) { try network.enlarged(.zeros([2, 2, 3])) }
    #expect(
      error?.description
        == "\(path): the upscaler gave pixels that are not numbers; its weights are damaged")
  }

  @Test("a folder must hold one file") func folders() throws {
    let scratch = try Scratch()
    #expect(refusal(scratch.folder) == "…: wanted one .safetensors or .pth file, found none")
    try scratch.write("x2.safetensors", "")
    try scratch.write("x4.pth", "")
    try scratch.write("README.md", "")
    #expect(
      refusal(scratch.folder)
        == "…: wanted one file with weights, found 'x2.safetensors', 'x4.pth'; name one of them, as in '…/x2.safetensors'"
    )
    #expect(refusal(scratch.folder + "/none.pth") == "…: no such file or directory")
  }
}
