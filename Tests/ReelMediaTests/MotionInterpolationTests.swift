// Frames between frames: the fast way against the plain one, on every CPU level and any number of threads.

import ReelMedia
import ReelTensor
import Testing

@Suite struct MotionInterpolationTests {
  @Test(arguments: [(4, 1, 1), (4, 9, 7), (4, 37, 5), (8, 40, 23), (16, 61, 33), (16, 130, 20)])
  func `the fast way gives what the plain one does`(side: Int, width: Int, height: Int) {
    var random = SplitMix(seed: 51)
    let size = Size(width: width, height: height)
    let columns = (width + side - 1) / side
    for reach in [0, 1, 24] as [Float] {
      let vectors = (0..<columns * ((height + side - 1) / side)).map { _ in
        SIMD2(
          Float.random(in: -reach...reach, using: &random), Float.random(in: -reach...reach, using: &random))
      }
      // Smooth frames agree along vectors, noise does not.
      for frames in [
        [Frame.noise(size, &random), .noise(size, &random)], [.gradient(size), .gradient(size, shift: 9)],
      ] {
        let motion = MotionInterpolation(
          from: frames[0], to: frames[1], vectors: vectors, columns: columns, blockSide: side)
        for fraction in [0, 0.25, 1.0 / 3, 0.64, 1] as [Float] {
          let plain = motion.reference(at: fraction)
          onEveryLevel {
            for threads in [1, 2, 7] {
              #expect(Threads.with(threads) { motion(at: fraction) } == plain)
            }
          }
        }
      }
    }
  }
}
