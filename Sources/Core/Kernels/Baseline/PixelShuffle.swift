// Channels become blocks of positions: how a network's last layer becomes a larger picture.

func shuffleRow(
  width: Int, channels: Int, factor: Int, row: UnsafePointer<Float>, outputs: UnsafeMutablePointer<Float>
) {
  switch (channels, factor) {
  case (3, 2): shuffle(width, 3, 2, row, outputs)
  case (3, 3): shuffle(width, 3, 3, row, outputs)
  case (3, 4): shuffle(width, 3, 4, row, outputs)
  default: shuffle(width, channels, factor, row, outputs)
  }
}

@inline(always)
private func shuffle(
  _ width: Int, _ channels: Int, _ factor: Int, _ row: UnsafePointer<Float>,
  _ outputs: UnsafeMutablePointer<Float>
) {
  let block = channels * factor
  for i in 0..<factor {
    var source = row + i * factor
    var target = outputs + i * width * block
    for _ in 0..<width {
      for j in 0..<factor {
        for c in 0..<channels { target[j * channels + c] = source[c * factor * factor + j] }
      }
      source += block * factor
      target += block
    }
  }
}
