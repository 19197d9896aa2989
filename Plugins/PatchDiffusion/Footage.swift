// Footage that is given: how it is extended, restyled, or mended where a mask is white.

import ReelModels
import ReelStage

extension PatchDiffusion {
  /// Which end of given footage is made longer.
  enum Direction: String, CaseIterable {
    case forward, backward
  }

  /// Makes given footage longer: `seconds` of new frames after its last one, or before its first.
  func extend(
    _ source: FrameTimeline, _ direction: Direction, shot: Shot, model: DiffusionModel, size: Size, job: Job
  ) throws {
    let segments = segments(model, seconds: seconds ?? shot.seconds)
    let shared = min(segments.overlap, source.count)
    // Models for any frames know a film from its end as well. The others go on from a beginning: what comes before
    // the footage is made as if it came after it, and played backwards.
    let isReversed = direction == .backward && !model.knowsAnyFrames
    func given(_ index: Int) throws -> Frame {
      try source.frame(at: source.start + index).filling(size)
    }
    var chain = ClipChain(segments: segments, isBackward: direction == .backward && !isReversed)
    for place in 0..<shared {
      if isReversed {
        chain.known[place] = try given(shared - 1 - place)
      } else if direction == .forward {
        chain.known[place] = try given(source.count - shared + place)
      } else {
        chain.known[segments.frameCount - shared + place] = try given(place)
      }
    }
    let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: size, rate: source.rate)
    func writeGiven() throws {
      for index in 0..<source.count { try writer.append(try given(index)) }
    }
    if direction == .forward { try writeGiven() }
    // The frames that both have are the given ones.
    let new = chain.isBackward ? 0..<segments.frameCount - shared : shared..<segments.frameCount
    let reversed =
      isReversed
      ? try FrameSequenceWriter(path: job.folder + "/reversed", size: size, rate: source.rate) : nil
    var place = 0
    try chain.run(in: job.folder, size: size) { index, turn, known in
      let request = try sampling.request(
        shot, model: model, size: size, frames: segments.clipFrames, stream: UInt64(index + 1), known: known)
      return try sampling.sample(request, model: model, job: job, index: turn, of: segments.count)
    } emit: { frame in
      if new.contains(place) { try (reversed ?? writer).append(frame) }
      place += 1
    }
    if let reversed {
      try reversed.finish()
      let reader = try FrameSequenceReader(path: job.folder + "/reversed")
      for index in (0..<reader.count).reversed() { try writer.append(try reader.frame(at: index)) }
    }
    if direction == .backward { try writeGiven() }
    try writer.finish()
  }

  /// What the model is asked for, clip by clip.
  func footageOutlines(_ shot: Shot?, model: DiffusionModel, job: Job) throws -> [RequestOutline] {
    let source = try job.timeline("source")
    let size = sampling.size(for: model) ?? source.size
    if direction != nil {
      let segments = segments(model, seconds: seconds ?? shot?.seconds ?? 0)
      let clip = sampling.outline(
        shot, model: model, size: size, frames: segments.clipFrames, hasKnownFrames: true)
      return Array(repeating: clip, count: segments.count)
    }
    let segments = segments(covering: source, model: model)
    let clip = sampling.outline(
      shot, model: model, size: size, frames: segments.clipFrames, hasKnownFrames: model.takesKnownFrames,
      hasSource: true, strength: strength ?? (mask.isEmpty ? Self.usualStrength : 1))
    return Array(repeating: clip, count: segments.count)
  }

  /// The clips that given footage is made anew in.
  private func segments(covering source: FrameTimeline, model: DiffusionModel) -> Segments {
    let multiple = model.frameMultiple
    let whole = 1 + (source.count - 1 + multiple - 1) / multiple * multiple
    let clipFrames = min(whole, model.declaration.frames)
    return Segments(
      covering: source.count, clipFrames: clipFrames,
      overlap: overlap
        ?? Segments.usualOverlap(clipFrames: clipFrames, knowsAnyFrames: model.knowsAnyFrames))
  }

  /// Makes given footage anew, as far as `strength` says, and where the mask is white.
  func redraw(
    _ source: FrameTimeline, shot: Shot, model: DiffusionModel, size: Size, job: Job
  ) throws {
    let segments = segments(covering: source, model: model)
    let masks = try mask.map { try Sampling.mask($0, size: size) }
    func given(_ place: Int) throws -> Frame {
      try source.frame(at: source.start + min(place, source.count - 1)).filling(size)
    }
    // Of several masks each stands for one frame, the last for those after it as well.
    func open(_ place: Int) -> [UInt8] { masks[min(place, masks.count - 1)] }
    var chain = ClipChain(segments: segments)
    chain.isConnected = model.takesKnownFrames && masks.isEmpty
    let writer = try FrameSequenceWriter(path: job.makeOutput("frames"), size: size, rate: source.rate)
    var place = 0
    try chain.run(in: job.folder, size: size) { index, turn, known in
      let range = segments.frames(of: index)
      // One stream for all clips: the same noise on the same film looks the same.
      var request = try sampling.request(
        shot, model: model, size: size, frames: range.count, stream: 1, known: known)
      let frames = try range.map(given)
      if masks.isEmpty {
        request.source = .init(frames: frames, strength: strength ?? Self.usualStrength)
      } else if model.knowsAnyFrames {
        // Such a model was trained to fill what a mask leaves open.
        request.known = range.enumerated().map { .init(index: $0, frame: frames[$0], open: open($1)) }
        if let strength { request.source = .init(frames: frames, strength: strength) }
      } else {
        request.source = .init(frames: frames, strength: strength ?? 1, open: range.map(open))
      }
      return try sampling.sample(request, model: model, job: job, index: turn, of: segments.count)
    } emit: { frame in
      if place < source.count {
        try writer.append(masks.isEmpty ? frame : try given(place).blended(with: frame, by: open(place)))
      }
      place += 1
    }
    try writer.finish()
  }

  /// How far footage is made anew where nothing is said.
  private static let usualStrength = 0.6
}
