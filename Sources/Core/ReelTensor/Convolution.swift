// Convolutions over frames: two-dimensional, or three-dimensional and causal in time, with a streaming history.
import CKernels

/// A convolution of channels-last frames, `[T, H, W, C]`, whose weight is packed once.
///
/// In time it is causal: the output at a frame sees that frame and those before it. What lies before the first
/// frame is the `history`, and zero where there is none. A two-dimensional convolution is one over a single frame
/// of time, applied to each frame.
public struct Convolution: Sendable {
  /// How many positions the window moves from one output to the next.
  public struct Stride: Hashable, Sendable {
    public var time: Int, height: Int, width: Int
    public init(time: Int = 1, height: Int = 1, width: Int = 1) {
      (self.time, self.height, self.width) = (time, height, width)
    }
  }

  /// Zeros around each frame.
  public struct Padding: Hashable, Sendable {
    public var top: Int, bottom: Int, left: Int, right: Int
    public init(top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0) {
      (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
    }
    /// The same on all four sides.
    public init(_ margin: Int) { self.init(top: margin, bottom: margin, left: margin, right: margin) }
  }

  public let inputChannels: Int
  public let outputChannels: Int
  /// The extents of the window.
  public let window: Stride
  public let stride: Stride
  public let padding: Padding
  /// How many frames before the first one the convolution sees: `window.time − 1` for a causal convolution that
  /// gives a frame for each frame.
  public let historyFrames: Int
  private let method: Method
  private let bias: Tensor?
  private let slopes: Tensor?

  /// With so few channels patches of `float32` are faster than a product of `bfloat16`, and more exact.
  private static let mostChannelsOfPatches = 64

  /// How the sums are computed.
  private enum Method {
    /// As a product, whose rows are the windows.
    case product(PackedMatrix)
    /// The same in bfloat16, of pairs of channels.
    case pairs(PackedMatrix)
    case patches(PatchConvolution)
  }

  /// - Parameters:
  ///   - weight: `[Cout, Cin, kt, kh, kw]`, or `[Cout, Cin, kh, kw]` for two dimensions, as PyTorch stores it;
  ///     any floating-point type.
  ///   - bias: `[Cout]`.
  ///   - slopes: `[Cout]`; with them what the convolution gives below 0 is multiplied by its channel's: a PReLU
  ///     (He et al. 2015).
  ///   - historyFrames: frames before the first; `kt − 1` where not given.
  ///   - precision: `float32`, or `bfloat16`, which takes an even number of channels; what is as fast without rounding
  ///     is computed in `float32` all the same.
  public init(
    weight: Tensor, bias: Tensor? = nil, slopes: Tensor? = nil, stride: Stride = Stride(),
    padding: Padding = Padding(), historyFrames: Int? = nil, precision: Precision = .float32
  ) {
    precondition(
      weight.shape.rank == 4 || weight.shape.rank == 5, "a convolution's weight of \(weight.shape)")
    for (name, values) in [("a bias", bias), ("slopes", slopes)] {
      precondition(
        values.map { $0.shape == [weight.shape[0]] } ?? true,
        "\(name) of \(values?.shape ?? []) for a weight of \(weight.shape)")
    }
    precondition(stride.time > 0 && stride.height > 0 && stride.width > 0, "a stride of \(stride)")
    outputChannels = weight.shape[0]
    inputChannels = weight.shape[1]
    window = Stride(
      time: weight.shape.rank == 5 ? weight.shape[2] : 1, height: weight.shape[-2], width: weight.shape[-1])
    self.stride = stride
    self.padding = padding
    self.historyFrames = historyFrames ?? (window.time - 1)
    precondition(precision != .int8, "a convolution in bytes")
    if precision == .float32
      || (inputChannels <= Self.mostChannelsOfPatches && outputChannels <= Self.mostChannelsOfPatches),
      PatchConvolution.isFor(window: window, stride: stride, inputs: inputChannels)
    {
      method = .patches(
        PatchConvolution(weight: weight.reshaped(outputChannels, inputChannels, window.time, 3, 3)))
    } else {
      // A row of the product is a window of channels-last frames: [Cout, kt, kh, kw, Cin].
      let taps = window.time * window.height * window.width
      let rows = weight.reshaped(outputChannels, inputChannels, taps).permuted(0, 2, 1)
        .reshaped(outputChannels, taps * inputChannels)
      if precision == .bfloat16, inputChannels % 2 == 0 {
        method = .pairs(PackedMatrix(rows, precision: .bfloat16))
      } else {
        method = .product(PackedMatrix(rows))
      }
    }
    self.bias = bias?.converted(to: .float32)
    self.slopes = slopes?.converted(to: .float32)
  }

  /// The shape of the output for an input of `shape`; no frames, or rows, where the window does not fit.
  ///
  /// - Parameter padding: what lies around the input; the convolution's own where not given.
  public func outputShape(for shape: Shape, padding: Padding? = nil) -> Shape {
    let padding = padding ?? self.padding
    return [
      Self.steps(historyFrames + shape[0], window.time, stride.time),
      Self.steps(padding.top + shape[1] + padding.bottom, window.height, stride.height),
      Self.steps(padding.left + shape[2] + padding.right, window.width, stride.width),
      outputChannels,
    ]
  }

  /// How often a window fits.
  private static func steps(_ extent: Int, _ window: Int, _ stride: Int) -> Int {
    extent < window ? 0 : (extent - window) / stride + 1
  }

  /// `[T, H, W, Cin]` → `[T′, H′, W′, Cout]`.
  ///
  /// - Parameters:
  ///   - history: the frames just before `x`, `[≤ historyFrames, H, W, Cin]`; zeros stand for missing ones.
  ///   - padding: what lies around `x`, where it is a band of rows of larger frames; the convolution's own where not
  ///     given.
  ///   - rows: how many rows of outputs are wanted, from the first on; all that there are where not given.
  public func callAsFunction(
    _ x: Tensor, history: Tensor? = nil, padding: Padding? = nil, rows: Int? = nil
  ) -> Tensor {
    precondition(
      x.shape.rank == 4 && x.shape[3] == inputChannels, "an input of \(x.shape) for \(inputChannels) channels"
    )
    precondition(
      history.map { $0.shape[0] <= historyFrames && $0.shape.replacing(0, with: x.shape[0]) == x.shape }
        ?? true,
      "a history of \(history?.shape ?? []) before \(x.shape), at most \(historyFrames) frames")
    let padding = padding ?? self.padding
    let whole = outputShape(for: x.shape, padding: padding)
    precondition(rows.map { $0 <= whole[1] } ?? true, "\(rows ?? 0) of \(whole[1]) rows")
    let shape = rows.map { whole.replacing(1, with: $0) } ?? whole
    let epilogue = Epilogue(bias: bias, slopes: slopes)
    switch method {
    case .product(let weight):
      return convolved(x, history, padding, shape, channels: inputChannels) { window, output in
        Self.multiply(weight, window, rows: shape.rowCount, epilogue, output)
      }
    case .pairs(let weight):
      return convolved(
        x.channelPairs, history?.channelPairs, padding, shape, channels: inputChannels / 2
      ) { window, output in
        Self.multiply(weight, window, rows: shape.rowCount, epilogue, output)
      }
    case .patches(let patches):
      return convolved(x, history, padding, shape, channels: inputChannels) { window, output in
        patches(window, frames: shape[0], epilogue, output: output)
      }
    }
  }

  private static func multiply(
    _ weight: PackedMatrix, _ window: ReelWindow, rows: Int, _ epilogue: Epilogue,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let kernels = kernels
    weight.multiply(rows: rows, epilogue, keepsRows: false, output: output) { rows, column, depth, block in
      withUnsafePointer(to: window) {
        kernels.gather_rows($0, rows.lowerBound, rows.count, column, depth, block)
      }
    }
  }

  /// An output of `shape`, which `body` writes, for frames whose positions are `channels` words.
  private func convolved(
    _ x: Tensor, _ history: Tensor?, _ padding: Padding, _ shape: Shape, channels: Int,
    _ body: (ReelWindow, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    withFrames(of: x, after: history) { frames in
      Tensor(shape) { output in
        guard let target = output.baseAddress, shape.count > 0 else { return }
        body(
          reelWindow(for: x.shape, padding, output: shape, channels: channels, frames: frames), target)
      }
    }
  }

  /// Every frame that the window can see: `nil` for zeros, the history, the input.
  private func withFrames(
    of x: Tensor, after history: Tensor?, _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Tensor
  ) -> Tensor {
    let size = x.shape[1] * x.shape[2] * x.shape[3]
    let past = history?.shape[0] ?? 0
    var frames = [UnsafePointer<Float>?](repeating: nil, count: historyFrames - past)
    defer { withExtendedLifetime((x, history)) {} }
    if let history, size > 0 {
      frames += (0..<past).map { UnsafePointer(history.floats.baseAddress! + $0 * size) }
    }
    if size > 0 { frames += (0..<x.shape[0]).map { UnsafePointer(x.floats.baseAddress! + $0 * size) } }
    return frames.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  private func reelWindow(
    for input: Shape, _ padding: Padding, output: Shape, channels: Int,
    frames: UnsafePointer<UnsafePointer<Float>?>
  ) -> ReelWindow {
    ReelWindow(
      frames: frames, height: input[1], width: input[2], channels: channels, output_height: output[1],
      output_width: output[2], window_time: window.time, window_height: window.height,
      window_width: window.width, stride_time: stride.time, stride_height: stride.height,
      stride_width: stride.width, padding_top: padding.top, padding_left: padding.left)
  }

  /// One step of a stream: convolves `x` after `history`, and leaves in `history` the last frames seen.
  public func callAsFunction(_ x: Tensor, history: inout Tensor?) -> Tensor {
    let output = self(x, history: history)
    history = nextHistory(after: x, history: history)
    return output
  }

  /// The last `historyFrames` frames of `history` followed by `x`; fewer where there are no more, `nil` for none.
  public func nextHistory(after x: Tensor, history: Tensor?) -> Tensor? {
    guard historyFrames > 0 else { return nil }
    let frames = x.shape[0]
    if frames >= historyFrames || history == nil {
      return x.sliced(max(frames - historyFrames, 0)..<frames).compacted
    }
    let all = Tensor.concatenated([history!, x])
    return all.sliced(max(all.shape[0] - historyFrames, 0)..<all.shape[0]).compacted
  }
}

extension Tensor {
  /// This tensor in memory of its own, so that a small part does not keep the whole alive.
  public var compacted: Tensor {
    var copy = Tensor(uninitialized: shape, elementType: elementType)
    withBytes { copy.storage.bytes.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    copy.byteOffset = 0
    return copy
  }
}
