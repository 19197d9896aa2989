// New footage from a prompt, through keyframes where there are some, and back to its beginning where it is a loop.

import ReelModels
import ReelStage

extension PatchDiffusion {
  /// The clips of a shot that lasts `seconds`.
  func segments(_ model: DiffusionModel, seconds: Double) -> Segments {
    let declared = model.declaration
    return Segments(
      seconds: seconds, clipFrames: declared.frames, framesPerSecond: declared.frameRate.framesPerSecond,
      overlap: overlap
        ?? Segments.usualOverlap(clipFrames: declared.frames, knowsAnyFrames: model.knowsAnyFrames))
  }

  /// What the model is asked for, clip by clip; for one clip where the shot's length is not known.
  func shotOutlines(_ shot: Shot?, model: DiffusionModel, job: Job) throws -> [RequestOutline] {
    let stills = try job.parts("keyframes").isEmpty ? nil : FrameSequenceReader(path: job.part("keyframes"))
    let size = sampling.size(for: model) ?? stills?.size ?? model.declaration.size
    let segments = segments(model, seconds: seconds ?? shot?.seconds ?? 0)
    let clips = (0..<segments.count).map { index in
      sampling.outline(
        shot, model: model, size: size, frames: segments.clipFrames,
        hasKnownFrames: stills != nil || isLoop || index > 0)
    }
    let first = sampling.outline(shot, model: model, size: size, frames: 1)
    return (isLoop && stills == nil ? [first] : []) + clips
  }

  /// Makes the shot.
  func shoot(_ shot: Shot, model: DiffusionModel, job: Job) throws {
    var stills = try job.parts("keyframes").isEmpty ? [] : job.stills("keyframes")
    let size = sampling.size(for: model) ?? stills.first?.size ?? model.declaration.size
    stills = stills.map { $0.filling(size) }
    let seconds = seconds ?? shot.seconds
    let segments = segments(model, seconds: seconds)
    // A loop without keyframes begins and ends with a still of its own.
    let extra = isLoop && stills.isEmpty ? 1 : 0
    let turns = segments.count + extra
    if isLoop {
      guard model.takesKnownFrames else {
        throw StageError.parameter("loop", "this model takes no keyframes, which 'loop' needs")
      }
      if stills.isEmpty {
        let request = try sampling.request(shot, model: model, size: size, frames: 1, stream: 0)
        stills = try sampling.sample(request, model: model, job: job, index: 0, of: turns)
      }
    }
    let positions = try positions(of: stills.count, in: segments, seconds: seconds)
    var chain = ClipChain(segments: segments)
    chain.known = Dictionary(zip(positions, stills), uniquingKeysWith: { first, _ in first })
    if isLoop {
      let first = chain.known[0] ?? stills[0]
      (chain.known[0], chain.known[segments.frameCount - 1]) = (first, first)
    }

    // The last frame of a loop is its first one again. As many frames a second as make the footage last exactly as
    // long as the shot.
    let frameCount = segments.frameCount - (isLoop ? 1 : 0)
    let rate = FrameRate(frameCount * 1000, max(1, Int((seconds * 1000).rounded())))
    let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: size, rate: rate)
    var written = 0
    try chain.run(in: job.folder, size: size) { index, turn, known in
      let request = try sampling.request(
        shot, model: model, size: size, frames: segments.clipFrames, stream: UInt64(index + 1), known: known)
      return try sampling.sample(request, model: model, job: job, index: extra + turn, of: turns)
    } emit: { frame in
      if written < frameCount { try writer.append(frame) }
      written += 1
    }
    try writer.finish()
  }

  private func positions(of stills: Int, in segments: Segments, seconds: Double) throws -> [Int] {
    guard let times = keyframeTimes else {
      // In a loop the first keyframe comes back at the end.
      return isLoop
        ? Array(segments.positions(ofStills: stills + 1).prefix(stills))
        : segments.positions(ofStills: stills)
    }
    guard times.count == stills else {
      throw StageError.parameter("keyframe_times", "\(times.count) times for \(stills) keyframes")
    }
    if let late = times.first(where: { $0 > seconds }) {
      throw StageError.parameter(
        "keyframe_times", "'\(late.shortText)' is after the shot's end at \(seconds.shortText) seconds")
    }
    return segments.positions(at: times, of: seconds)
  }
}
