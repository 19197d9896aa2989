// A run that begins with a film instead of noise alone: restyling, and making parts of it anew.

import ReelTensor

/// The latents of a film that is given, and where it stays.
struct SourceLatents: Sendable {
  /// `[T, h, w, z]`, normalized.
  let latents: Tensor
  /// `[T, h, w, 1]`: 1 where the film is made anew; `nil` where it is so everywhere.
  let open: Tensor?

  /// The film at a noise level: (1 − σ)·x₀ + σ·ε (SDEdit, arXiv 2108.01073).
  func noised(_ noise: Tensor, to sigma: Float) -> Tensor {
    sigma > 0 ? latents * (1 - sigma) + noise * sigma : latents
  }

  /// A sample with the film in it where it stays, at the sample's noise level (Blended Diffusion, arXiv 2111.14818).
  func keeping(_ sample: Tensor, noise: Tensor, at sigma: Float) -> Tensor {
    guard let open else { return sample }
    let kept = noised(noise, to: sigma)
    return kept + (sample - kept) * open
  }
}
