// One still of a shot: from noise, from a given picture, or grown from a still that is there.

import ReelModels
import ReelStage

extension KeyframeGeneration {
  /// Still `index` of the shot.
  ///
  /// - Parameter made: the stills before it.
  func still(
    _ index: Int, after made: [Frame], shot: Shot, model: DiffusionModel, size: Size, job: Job
  ) throws -> Frame {
    if index == 0, let first {
      return try redrawn(try Sampling.picture(first), shot: shot, model: model, size: size, job: job)
    }
    let shot = index > 0 && !cameras.isEmpty ? shot.seen(cameras[index - 1]) : shot
    let request: SamplingRequest
    if index == 0 || consistency == .sharedNoise {
      var still = try sampling.request(shot, model: model, size: size, frames: 1, stream: 0)
      if index > 0 { still.variation = .init(stream: sampling.stream(UInt64(index)), share: variation) }
      request = still
    } else {
      let start = consistency == .firstStill ? made[0] : made[index - 1]
      request = try sampling.request(
        shot, model: model, size: size, frames: model.declaration.frames, stream: UInt64(index),
        known: [.init(index: 0, frame: start)])
    }
    return try sampling.sample(request, model: model, job: job, index: index, of: stills).last!
  }

  /// How far a given picture is made anew.
  private var redrawnShare: Double { strength ?? (mask == nil ? 0 : 1) }

  /// What the model is asked for, still by still.
  func outlines(_ shot: Shot?, model: DiffusionModel) -> [RequestOutline] {
    let size = sampling.size(for: model) ?? model.declaration.size
    return (0..<stills).compactMap { index in
      if index == 0, first != nil {
        let share = redrawnShare
        return share == 0
          ? nil
          : sampling.outline(
            shot, model: model, size: size, frames: 1, hasKnownFrames: model.takesReferences,
            hasSource: true, strength: share)
      }
      let isGrown = index > 0 && consistency != .sharedNoise
      return sampling.outline(
        shot, model: model, size: size, frames: isGrown ? model.declaration.frames : 1,
        hasKnownFrames: isGrown)
    }
  }

  /// A given picture as the first still: as it is, made anew in part, or where the mask is white.
  private func redrawn(
    _ picture: Frame, shot: Shot, model: DiffusionModel, size: Size, job: Job
  ) throws -> Frame {
    let given = picture.filling(size)
    let open = try mask.map { try Sampling.mask($0, size: size) }
    let strength = redrawnShare
    guard strength > 0 else { return given }
    var request = try sampling.request(shot, model: model, size: size, frames: 1, stream: 0)
    if let open, model.takesReferences {
      // Such a model was trained to fill what a mask leaves open.
      request.known = [.init(index: 0, frame: given, open: open)]
    }
    if open == nil || !model.takesReferences || strength < 1 {
      let isMasked = open != nil && !model.takesReferences
      request.source = .init(frames: [given], strength: strength, open: isMasked ? [open!] : [])
    }
    let made = try sampling.sample(request, model: model, job: job, index: 0, of: stills).last!
    return open.map { given.blended(with: made, by: $0) } ?? made
  }
}

extension Shot {
  /// The shot with other words of the camera: in place of its own where the prompt has them, else at the end.
  fileprivate func seen(_ camera: String) -> Shot {
    let own = ["camera", "move"].compactMap { choices[$0] }.first { !$0.isEmpty && prompt.contains($0) }
    return Shot(
      seconds: seconds, seed: seed,
      prompt: own.map { prompt.replacing($0, with: camera) } ?? "\(prompt), \(camera)",
      negativePrompt: negativePrompt, choices: choices)
  }
}
