// What a run is told of its film beside the prompt, in the form that the model takes.

import ReelTensor

/// The known parts of a film as latents: which of the members are set is up to the kind of model.
struct Condition: Sendable {
  /// Beside the noise in every input, `[T, h, w, mask + z]`.
  var channels: Tensor?
  /// Latent frames in place of the noise's.
  var held: HeldLatents?
  /// What steers VACE.
  var control: ControlSignal?
  /// The vectors of the known pictures, `[P, image]`.
  var pictures: Tensor?
  /// How many latent frames in front are reference images, no part of the film.
  var references = 0

  /// What the transformer takes, `[T, h, w, in]`, and the times of its tokens.
  /// Those of given latent frames stand at time 0.
  func input(
    _ latents: Tensor, timestep: Float, patch: TransformerConfiguration.Patch
  ) -> (latents: Tensor, times: [Float]) {
    if let channels { return (Tensor.concatenated([latents, channels], along: -1), [timestep]) }
    guard let held else { return (latents, [timestep]) }
    let tokens = latents.shape[1] / patch.height * (latents.shape[2] / patch.width)
    let times = stride(from: 0, to: latents.shape[0], by: patch.time).flatMap { frame in
      [Float](repeating: frame < held.count ? 0 : timestep, count: tokens)
    }
    return (held.replacing(latents), times)
  }
}

/// Latent frames from the first on that are given.
struct HeldLatents: Sendable {
  /// `[count, h, w, z]`, normalized.
  let latents: Tensor

  var count: Int { latents.shape[0] }

  /// `[T, h, w, z]` with the given frames in place of the first ones.
  func replacing(_ other: Tensor) -> Tensor {
    guard count < other.shape[0] else { return latents.sliced(0..<other.shape[0]) }
    return Tensor.concatenated([latents, other.sliced(count..<other.shape[0])])
  }
}
