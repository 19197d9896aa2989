// The frames between the frames.

import ReelStage
import ReelTensor

/// How a moment between two frames is made.
enum Interpolation: String, CaseIterable, Sendable {
  /// What moves is moved; what cannot be followed is blended.
  case motion
  /// Both frames are mixed.
  case blend
  /// The nearer frame is shown.
  case nearest
}

/// Makes the frames of a schedule at the footage's size, in order, holding few of them in memory.
struct Interpolator {
  private var footage: any Footage
  private let schedule: Schedule
  private let interpolation: Interpolation
  /// By index in the footage.
  private var sources: [Int: Frame] = [:]
  /// The motion from the frame at an index to the next.
  private var motions: [Int: Motion] = [:]

  init(_ footage: any Footage, _ schedule: Schedule, _ interpolation: Interpolation) {
    self.footage = footage
    self.schedule = schedule
    self.interpolation = interpolation
  }

  /// The frames of the result in `range`. Ranges are asked for in rising order.
  mutating func frames(_ range: Range<Int>) throws -> [Frame] {
    let moments = range.map { index in nearestWhereAsked(schedule.moment(of: index)) }
    let first = moments[0].index
    sources = sources.filter { $0.key >= first }
    motions = motions.filter { $0.key >= first }
    try readSources(moments)
    if interpolation == .motion { followMotion(moments) }
    let (sources, motions) = (sources, motions)
    return parallelMap(moments.count) { position in
      let moment = moments[position]
      let frame = sources[moment.index]!
      guard moment.fraction > 0 else { return frame }
      if let motion = motions[moment.index] { return motion.frame(at: moment.fraction) }
      return blended(frame, sources[moment.index + 1]!, at: moment.fraction)
    }
  }

  /// The moment itself, or the nearest frame's where none is to be made up.
  private func nearestWhereAsked(_ moment: Schedule.Moment) -> Schedule.Moment {
    guard interpolation == .nearest else { return moment }
    return Schedule.Moment(index: moment.index + (moment.fraction >= 0.5 ? 1 : 0), fraction: 0)
  }

  private mutating func readSources(_ moments: [Schedule.Moment]) throws {
    let wanted = Set(moments.flatMap { $0.fraction > 0 ? [$0.index, $0.index + 1] : [$0.index] })
    let missing = wanted.filter { sources[$0] == nil }.sorted()
    for (index, frame) in zip(missing, try footage.frames(at: missing)) { sources[index] = frame }
  }

  private mutating func followMotion(_ moments: [Schedule.Moment]) {
    let wanted = Set(moments.filter { $0.fraction > 0 }.map(\.index))
    let missing = wanted.filter { motions[$0] == nil }.sorted()
    let sources = sources
    let followed = parallelMap(missing.count) { position in
      Motion(from: sources[missing[position]]!, to: sources[missing[position] + 1]!)
    }
    for (index, motion) in zip(missing, followed) { motions[index] = motion }
  }
}

/// (1 − fraction) of `first` and fraction of `second`, by code value, rounded.
func blended(_ first: Frame, _ second: Frame, at fraction: Float) -> Frame {
  let pixels = [UInt8](unsafeUninitializedCapacity: first.pixels.count) { output, count in
    first.pixels.withUnsafeBufferPointer { first in
      second.pixels.withUnsafeBufferPointer { second in
        for index in output.indices {
          let value = Float(first[index]) + fraction * (Float(second[index]) - Float(first[index]))
          output[index] = UInt8(value + 0.5)
        }
      }
    }
    count = output.count
  }
  return Frame(size: first.size, pixels: pixels)
}
