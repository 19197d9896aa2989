// The noise against the published test vectors of Random123, and as a sample of the normal distribution.
import ReelTensor
import Testing

struct PhiloxTests {
  /// `kat_vectors` of Random123 1.14, the lines `philox4x32 10`.
  @Test(
    arguments: [
      ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt32], [UInt32], [UInt32])])
  func `blocks are those of Random123`(counter: [UInt32], key: [UInt32], block: [UInt32]) {
    #expect(Philox.block(counter: SIMD4(counter), key: SIMD2(key)) == SIMD4(block))
  }

  @Test func `a part of the noise is the same wherever the drawing starts`() {
    let philox = Philox(seed: 7, stream: 3)
    let all = philox.normals([101]).elements
    for offset in [1, 2, 3, 4, 50] {
      let part = philox.normals([51], offset: UInt64(offset)).elements
      #expect(part == Array(all[offset..<(offset + 51)]))
    }
    #expect(philox.normals([101]).elements != Philox(seed: 7, stream: 4).normals([101]).elements)
    #expect(philox.normals([101]).elements != Philox(seed: 8, stream: 3).normals([101]).elements)
  }

  @Test func `the noise has the moments of the standard normal distribution`() {
    let sample = Philox(seed: 1).normals([200_000]).elements.map(Double.init)
    let count = Double(sample.count)
    func moment(_ power: Int) -> Double {
      sample.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / count
    }
    // Five standard errors of each moment.
    #expect(abs(moment(1)) < 5 / count.squareRoot())
    #expect(abs(moment(2) - 1) < 5 * (2 / count).squareRoot())
    #expect(abs(moment(3)) < 5 * (15 / count).squareRoot())
    #expect(abs(moment(4) - 3) < 5 * (96 / count).squareRoot())
  }
}
