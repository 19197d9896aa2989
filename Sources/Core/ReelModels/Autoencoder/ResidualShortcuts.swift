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
    let (frames, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let lacking = (time - frames % time) % time
    let (t, h, w) = ((lacking + frames) / time, height / space, width / space)
    let group = channels * time * space * space / outputs
    // Where the numbers that become a position lie, in the order (channel, frame, row, column).
    let places = (0..<group * outputs).map { index in
      let part = index % (time * space * space)
      return (
        frame: part / (space * space),
        offset: (part / space % space * width + part % space) * channels + index / (time * space * space)
      )
    }
    return x.withFloats { input in
      Tensor([t, h, w, outputs]) { means in
        dispatch(t * h, grain: max(1, 4096 / (w * outputs))) { lines in
          for position in lines.lowerBound * w..<lines.upperBound * w {
            let (frame, row, column) = (position / (h * w), position / w % h, position % w)
            for output in 0..<outputs {
              var sum: Float = 0
              for place in places[output * group..<(output + 1) * group] {
                let from = frame * time - lacking + place.frame
                guard from >= 0 else { continue }
                sum +=
                  input[((from * height + row * space) * width + column * space) * channels + place.offset]
              }
              means[position * outputs + output] = sum / Float(group)
            }
          }
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
    // By frame, row and column within the block: the channels that its positions are made of.
    let sources = (0..<time * space * space).map { part in
      (0..<outputs).map { ($0 * time * space * space + part) / repeats }
    }
    let all = x.withFloats { input in
      Tensor([frames * time, height * space, width * space, outputs]) { output in
        dispatch(frames * time * height * space, grain: max(1, 4096 / (width * outputs))) { lines in
          for line in lines {
            let (frame, row) = (line / (height * space), line % (height * space))
            for column in 0..<width * space {
              let from = ((frame / time * height + row / space) * width + column / space) * channels
              let place = (line * width * space + column) * outputs
              let part = (frame % time * space + row % space) * space + column % space
              sources[part].withUnsafeBufferPointer { sources in
                for channel in 0..<outputs { output[place + channel] = input[from + sources[channel]] }
              }
            }
          }
        }
      }
    }
    return isFirstChunk ? all.sliced(time - 1..<frames * time) : all
  }
}
