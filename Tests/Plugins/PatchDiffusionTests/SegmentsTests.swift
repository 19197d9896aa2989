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

  @Test func `clips may share more frames than one`() {
    let segments = Segments(seconds: 3, clipFrames: 9, framesPerSecond: 8, overlap: 3)
    #expect((0..<segments.count).map { segments.frames(of: $0) } == [0...8, 6...14, 12...20, 18...26])
    #expect(segments.frameCount == 27)
    #expect(Segments(seconds: 1, clipFrames: 5, framesPerSecond: 4, overlap: 9).overlap == 2)
    #expect(Segments.usualOverlap(clipFrames: 81, knowsAnyFrames: true) == 5)
    #expect(Segments.usualOverlap(clipFrames: 9, knowsAnyFrames: true) == 1)
    #expect(Segments.usualOverlap(clipFrames: 81, knowsAnyFrames: false) == 1)
  }

  @Test func `clips cover footage of any length`() {
    for frames in 1...40 {
      for overlap in 1...4 {
        let segments = Segments(covering: frames, clipFrames: 9, overlap: overlap)
        #expect(segments.frameCount >= frames)
        #expect(segments.count == 1 || segments.frameCount - (9 - overlap) < frames)
      }
    }
  }

  @Test func `keyframes stand at the frames of their times`() {
    let segments = Segments(seconds: 2, clipFrames: 9, framesPerSecond: 8)
    #expect(segments.positions(at: [0, 0.5, 1.9, 2], of: 2) == [0, 4, 15, 16])
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
