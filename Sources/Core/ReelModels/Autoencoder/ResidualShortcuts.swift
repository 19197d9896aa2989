// The ways around the levels of Wan 2.2's autoencoder, which have no weights: averages down, repetitions up.

import ReelTensor

/// Positions become channels, of which equally many neighbours are averaged into each of `outputs`: the reference's
/// `AvgDown3D`.
struct AveragedDownsampling: Hashable, Sendable {
  let outputs: Int
  /// Frames, and positions along each side, that become one.
  let time: Int
  let space: Int

  /// `[T, H, W, C]` → `[⌈T/time⌉, H/space, W/space, outputs]`. Frames that lack at the front are zero.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let channels = x.shape[3]
    let lacking = (time - x.shape[0] % time) % time
    let padded = lacking == 0 ? x : x.zeroPadded(.init(), front: lacking)
    let (t, h, w) = (padded.shape[0] / time, padded.shape[1] / space, padded.shape[2] / space)
    let group = channels * time * space * space / outputs
    let parts = padded.reshaped(t, time, h, space, w, space, channels)
      .permuted(0, 2, 4, 6, 1, 3, 5)  // [t, h, w, C, time, row, column]
    return parts.withFloats { parts in
      Tensor([t, h, w, outputs]) { means in
        for index in means.indices {
          var sum: Float = 0
          for part in index * group..<(index + 1) * group { sum += parts[part] }
          means[index] = sum / Float(group)
        }
      }
    }
  }
}

/// Channels become positions, each channel repeated as often as it takes: the reference's `DupUp3D`.
struct RepeatedUpsampling: Hashable, Sendable {
  let outputs: Int
  /// Frames, and positions along each side, that one becomes.
  let time: Int
  let space: Int

  /// `[T, H, W, C]` → `[T·time, H·space, W·space, outputs]`; of a film's first chunk without the `time` − 1 frames
  /// before its first one.
  func callAsFunction(_ x: Tensor, isFirstChunk: Bool) -> Tensor {
    let (frames, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let repeats = outputs * time * space * space / channels
    let all = x.withFloats { input in
      Tensor([frames * time, height * space, width * space, outputs]) { output in
        var place = 0
        for frame in 0..<frames * time {
          for row in 0..<height * space {
            for column in 0..<width * space {
              let from = ((frame / time * height + row / space) * width + column / space) * channels
              let part = (frame % time * space + row % space) * space + column % space
              for channel in 0..<outputs {
                output[place] = input[from + (channel * time * space * space + part) / repeats]
                place += 1
              }
            }
          }
        }
      }
    }
    return isFirstChunk ? all.sliced(time - 1..<frames * time) : all
  }
}
