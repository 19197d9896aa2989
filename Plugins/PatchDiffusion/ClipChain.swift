// A film of several clips, made one after the other, forward or backward: each is given where it meets the one before.

import ReelModels
import ReelStage

/// The clips of a film and what is known of it.
struct ClipChain {
  let segments: Segments
  /// Frames that are given, by their place in the film.
  var known: [Int: Frame] = [:]
  /// Whether the last clip is made first.
  var isBackward = false
  /// Whether a clip is given the frames that it shares with the one made before it.
  var isConnected = true

  /// Makes every clip and hands on the film's frames in order.
  ///
  /// - Parameters:
  ///   - folder: where clips wait that are made before it is their turn.
  ///   - clip: makes clip `index`, with its number among those made, given what is known within it.
  func run(
    in folder: String, size: Size,
    clip: (_ index: Int, _ turn: Int, _ known: [SamplingRequest.KnownFrame]) throws -> [Frame],
    emit: (Frame) throws -> Void
  ) throws {
    var known = known
    func make(_ index: Int, _ turn: Int) throws -> [Frame] {
      let range = segments.frames(of: index)
      let frames = try clip(
        index, turn,
        range.compactMap { position in
          known[position].map { .init(index: position - range.lowerBound, frame: $0) }
        })
      if isConnected {
        let shared = isBackward ? 0..<segments.overlap : frames.count - segments.overlap..<frames.count
        for place in shared { known[range.lowerBound + place] = frames[place] }
      }
      return frames
    }
    var joint = Joint(overlap: segments.overlap)
    guard isBackward else {
      for index in 0..<segments.count { try joint.add(try make(index, index), emit) }
      return try joint.finish(emit)
    }
    for (turn, index) in (0..<segments.count).reversed().enumerated() {
      let writer = try FrameSequenceWriter(path: "\(folder)/clip-\(index)", size: size, rate: FrameRate(1))
      for frame in try make(index, turn) { try writer.append(frame) }
      try writer.finish()
    }
    for index in 0..<segments.count {
      let reader = try FrameSequenceReader(path: "\(folder)/clip-\(index)")
      try joint.add(try (0..<reader.count).map { try reader.frame(at: $0) }, emit)
    }
    try joint.finish(emit)
  }
}

/// Clips that share frames become one film: where they overlap, one fades into the other.
struct Joint {
  let overlap: Int
  /// The last frames of the clip before, which the next one shares.
  private var held: [Frame] = []

  init(overlap: Int) { self.overlap = overlap }

  mutating func add(_ clip: [Frame], _ emit: (Frame) throws -> Void) throws {
    var clip = clip[...]
    if !held.isEmpty {
      for (index, before) in held.enumerated() {
        let share = overlap > 1 ? 255 * index / (overlap - 1) : 0
        let mask = [UInt8](repeating: UInt8(share), count: before.size.pixels)
        try emit(before.blended(with: clip.removeFirst(), by: mask))
      }
    }
    for frame in clip.dropLast(overlap) { try emit(frame) }
    held = Array(clip.suffix(overlap))
  }

  mutating func finish(_ emit: (Frame) throws -> Void) throws {
    for frame in held { try emit(frame) }
    held = []
  }
}
