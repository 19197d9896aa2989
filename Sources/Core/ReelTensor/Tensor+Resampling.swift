// Positions for channels and back, and repeated positions: how models change the size of frames.

extension Tensor {
  /// Blocks of `factor`×`factor` positions become channels: `[T, H, W, C]` → `[T, H/f, W/f, C·f²]`.
  ///
  /// The new channel is `c·f² + row·f + column`, PyTorch's order.
  public func pixelUnshuffled(_ factor: Int) -> Tensor {
    precondition(
      shape.rank == 4 && shape[1] % factor == 0 && shape[2] % factor == 0, "\(shape) in blocks of \(factor)")
    let (t, h, w, c) = (shape[0], shape[1] / factor, shape[2] / factor, shape[3])
    return reshaped(t, h, factor, w, factor, c)  // [T, h, fy, w, fx, C]
      .permuted(0, 1, 3, 5, 2, 4).reshaped(t, h, w, c * factor * factor)
  }

  /// Channels become blocks of positions: `[T, H, W, C·f²]` → `[T, H·f, W·f, C]`; undoes `pixelUnshuffled`.
  public func pixelShuffled(_ factor: Int) -> Tensor {
    precondition(shape.rank == 4 && shape[3] % (factor * factor) == 0, "\(shape) in blocks of \(factor)")
    let (t, h, w, c) = (shape[0], shape[1], shape[2], shape[3] / (factor * factor))
    let (kernels, rowCount) = (mediaKernels, w * shape[3])
    return withFloats { input in
      Tensor([t, h * factor, w * factor, c]) { output in
        guard count > 0, let source = input.baseAddress, let target = output.baseAddress else { return }
        dispatch(t * h, grain: max(1, 8192 / rowCount)) { rows in
          for row in rows {
            kernels.shuffle_row(w, c, factor, source + row * rowCount, target + row * rowCount)
          }
        }
      }
    }
  }

  /// Every position four times: `[T, H, W, C]` → `[T, 2H, 2W, C]`, the nearest-exact upsampling of PyTorch.
  public func nearestUpsampled() -> Tensor {
    precondition(shape.rank == 4, "\(shape) is not [T, H, W, C]")
    let (rows, width, channels) = (shape[0] * shape[1], shape[2], shape[3])
    return withFloats { input in
      Tensor([shape[0], 2 * shape[1], 2 * width, channels]) { output in
        guard count > 0, let source = input.baseAddress, let target = output.baseAddress else { return }
        dispatch(rows, grain: max(1, 8192 / (width * channels))) { range in
          for row in range {
            let (from, to) = (source + row * width * channels, target + row * 4 * width * channels)
            for column in 0..<(2 * width) {
              (to + column * channels).update(from: from + column / 2 * channels, count: channels)
            }
            (to + 2 * width * channels).update(from: to, count: 2 * width * channels)
          }
        }
      }
    }
  }

  /// Zeros around the frames and in front of them: `[T, H, W, C]` → `[T + front, …]`.
  public func zeroPadded(_ padding: Convolution.Padding, front: Int = 0) -> Tensor {
    precondition(shape.rank == 4, "\(shape) is not [T, H, W, C]")
    let (t, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    let height = h + padding.top + padding.bottom
    let width = w + padding.left + padding.right
    return withFloats { input in
      Tensor([front + t, height, width, c]) { output in
        output.update(repeating: 0)
        for frame in 0..<t {
          for row in 0..<h where w * c > 0 {
            let target = ((front + frame) * height + padding.top + row) * width + padding.left
            (output.baseAddress! + target * c).update(
              from: input.baseAddress! + (frame * h + row) * w * c, count: w * c)
          }
        }
      }
    }
  }
}
