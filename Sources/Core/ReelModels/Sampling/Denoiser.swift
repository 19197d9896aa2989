// The network that is asked at every step: one transformer, or two experts for early and late steps.

import ReelTensor

/// The transformers of a model. Of two experts the first takes the times from the boundary on, the second those
/// below it.
struct Denoiser: Sendable {
  let configuration: TransformerConfiguration
  private let experts: [Lazy<WanTransformer>]
  /// Below this time the second expert is asked.
  private let boundary: Float

  /// - Parameters:
  ///   - directories: of one transformer or of two experts, which must have the same sizes.
  ///   - boundary: 0…1000.
  ///   - adaptations: what is added to their weights.
  ///   - precision: what their linear layers and attention round their operands to.
  ///   - cache: where packed weights are kept; `nil` for memory.
  init(
    directories: [String], boundary: Float, adaptations: [Adaptation], precision: Precision,
    cache: ModelCache?
  ) throws(ModelError) {
    configuration = try TransformerConfiguration(file: directories[0] + "/config.json")
    for directory in directories.dropFirst() {
      let file = directory + "/config.json"
      let other = try TransformerConfiguration(file: file)
      guard other == configuration else {
        throw .malformed(
          file: file, reason: "the second expert must have the sizes of the first, and has others")
      }
    }
    experts = directories.enumerated().map { number, directory in
      let own = adaptations.filter { $0.experts.contain(number) }
      return Lazy { () throws(ModelError) in
        try WanTransformer(directory: directory, adaptations: own, precision: precision, cache: cache)
      }
    }
    self.boundary = boundary
  }

  var expertCount: Int { experts.count }

  /// Which expert is asked at a time: 0 or 1.
  func expertIndex(at timestep: Float) -> Int { experts.count > 1 && timestep < boundary ? 1 : 0 }

  func expert(_ index: Int) throws(ModelError) -> WanTransformer { try experts[index].value }
}
