// How a long shot is divided into the model's clips.

import PatchDiffusion
import Testing

@Suite struct SegmentsTests {
  @Test(arguments: [
    (seconds: 2.0, count: 2, frames: 17), (1.0, 1, 9), (0.1, 1, 9), (1.4, 1, 9), (1.5, 2, 17), (60, 60, 481),
  ])
  func `as many clips as come nearest to the length`(seconds: Double, count: Int, frames: Int) {
    let segments = Segments(seconds: seconds, clipFrames: 9, framesPerSecond: 8)
    #expect(segments.count == count)
    #expect(segments.frameCount == frames)
  }

  @Test func `each clip begins on the last frame of the one before`() {
    let segments = Segments(seconds: 3, clipFrames: 9, framesPerSecond: 8)
    #expect((0..<segments.count).map { segments.frames(of: $0) } == [0...8, 8...16, 16...24])
    #expect(segments.frameCount == 25)
  }

  @Test func `stills stand evenly from the first frame to the last`() {
    let segments = Segments(seconds: 2, clipFrames: 9, framesPerSecond: 8)
    #expect(segments.positions(ofStills: 0) == [])
    #expect(segments.positions(ofStills: 1) == [0])
    #expect(segments.positions(ofStills: 2) == [0, 16])
    #expect(segments.positions(ofStills: 3) == [0, 8, 16])
    #expect(segments.positions(ofStills: 4) == [0, 5, 11, 16])
    for stills in 2...40 {
      let positions = segments.positions(ofStills: stills)
      #expect(positions.first == 0 && positions.last == 16)
      #expect(positions == positions.sorted())
    }
  }
}
