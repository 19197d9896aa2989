// What the actions of the generating stages take: the requests that they make, before any is made.

import ReelModels
import ReelTensor

extension Sampling {
  /// The outline of a request.
  ///
  /// - Parameters:
  ///   - shot: `nil` where it is not known yet.
  ///   - strength: the share of the steps that is taken.
  public func outline(
    _ shot: Shot?, model: DiffusionModel, size: Size, frames: Int, hasKnownFrames: Bool = false,
    hasSource: Bool = false, strength: Double = 1
  ) -> RequestOutline {
    let steps = Double(sigmas?.count ?? steps ?? model.declaration.steps)
    var outline = RequestOutline(
      size: size, frames: frames, steps: max(1, Int((steps * strength).rounded(.up))),
      guidance: guidance ?? model.declaration.guidance)
    outline.promptLength = max(shot?.prompt.utf8.count ?? 0, shot?.negativePrompt.utf8.count ?? 0)
    outline.hasKnownFrames = hasKnownFrames
    outline.references = references.count
    outline.hasSource = hasSource
    outline.isPreview = decoder != nil
    outline.reusesBlocks = reuse != nil
    return outline
  }

  /// What an action takes that makes these requests one after the other.
  public func estimate(_ requests: [RequestOutline], model: DiffusionModel) throws -> ActionEstimate? {
    guard !requests.isEmpty else { return nil }
    let work = try model.estimate(requests)
    var remedies: [String] = []
    for other in Precision.allCases where other != model.precision && remedies.isEmpty {
      // What saves little is no remedy.
      if try model.estimate(requests, precision: other).memory < 0.9 * work.memory {
        remedies.append("'precision: \(other.rawValue)'")
      }
    }
    return ActionEstimate(
      operations: work.operations, memory: work.memory, remedies: remedies + ["a smaller 'size'"])
  }
}

extension Job {
  /// The shot of a port, or `nil` where no action has made it yet.
  public func shotIfKnown(_ port: String) throws -> Shot? { parts(port).isEmpty ? nil : try shot(port) }
}
