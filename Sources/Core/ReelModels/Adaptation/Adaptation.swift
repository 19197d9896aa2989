// A low-rank adaptation (LoRA, arXiv 2106.09685) of a transformer, as it is asked for.

/// A file with what is added to a transformer's weights, and how much of it.
public struct Adaptation: Hashable, Sendable {
  /// Of a model with two experts, which are adapted. Adaptations of such models come as one file for each.
  public enum Experts: String, Hashable, Sendable, CaseIterable {
    case both
    case highNoise = "high-noise"
    case lowNoise = "low-noise"

    /// Whether the expert of that number is adapted: 0 takes the noisier half.
    func contain(_ expert: Int) -> Bool {
      switch self {
      case .both: true
      case .highNoise: expert == 0
      case .lowNoise: expert == 1
      }
    }
  }

  /// A safetensors file.
  public let file: String
  /// 1 adds it as it was trained; below 0 takes it away.
  public let strength: Double
  public let experts: Experts
  /// In place of the file's own: a layer's addition is multiplied by alpha/rank.
  public let alpha: Double?

  public init(file: String, strength: Double = 1, experts: Experts = .both, alpha: Double? = nil) {
    self.file = file
    self.strength = strength
    self.experts = experts
    self.alpha = alpha
  }
}
