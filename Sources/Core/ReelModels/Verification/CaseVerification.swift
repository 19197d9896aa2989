// How far a model's parts are from a recorded run of the reference: the value that `reel models verify` prints.

import ReelTensor

/// The outcome of replaying a recorded case: for every recorded part the error, and the error that is allowed.
public struct CaseVerification: Hashable, Sendable {
  /// What a part's error is measured against. The numbers are those at which fp32 implementations of the same
  /// mathematics agree: more layers, and more steps, carry rounding further.
  public enum Tolerance: String, Hashable, Sendable, CaseIterable {
    /// Tokens: every one must be the same.
    case exact
    /// Simple arithmetic on recorded input: noise levels, timesteps, pixels.
    case module
    /// One network on recorded input: text encoder, transformer call, autoencoder.
    case model
    /// What comes out of networks and steps in a row, replayed from prompt and noise.
    case pipeline
    /// A network that rounds what it multiplies: 1 less the cosine between the two results.
    case rounded

    public var limit: Double {
      switch self {
      case .exact: 0
      case .module: 1e-5
      case .model: 1e-4
      case .pipeline, .rounded: 1e-3
      }
    }
  }

  /// One recorded tensor that was compared.
  public struct Part: Hashable, Sendable {
    /// The tensor's name in the case.
    public let name: String
    public let tolerance: Tolerance
    /// The largest absolute difference, divided by the largest absolute value of the reference; for tokens the
    /// number of different ones; for a network that rounds 1 less the cosine. Infinite where a number is none.
    public let error: Double

    public var isPassed: Bool { error <= tolerance.limit }
  }

  /// The kinds of parts that a case may record, in the order in which a run makes them.
  public enum Group: String, Hashable, Sendable, CaseIterable {
    case tokens
    case textEncoder = "text encoder"
    case schedule = "timesteps and sigmas"
    case encode = "VAE encode"
    case conditioning
    case transformer = "transformer calls"
    case latents = "latents of each step"
    case decode = "VAE decode"
    case video
  }

  public let parts: [Part]
  /// The groups of which the case records nothing: they were not checked.
  public let skipped: [Group]
  /// Recorded tensors that were neither compared nor used.
  public let unused: [String]

  public var isPassed: Bool { parts.allSatisfy(\.isPassed) }
}

extension CaseVerification {
  /// Replays a case with a model. Of a model that rounds, the transformer's calls are compared by their direction,
  /// and what comes after them is not compared: other numbers lead to another film.
  ///
  /// - Parameters:
  ///   - file: the case's safetensors file; see ``RecordedCase``.
  ///   - threads: how many to use; the errors do not depend on it.
  /// - Throws: ``ModelError`` where the case or the model cannot be read, or they do not belong together.
  public init(of model: DiffusionModel, case file: String, threads: Int) throws(ModelError) {
    self = try Threads.with(threads) { () throws(ModelError) in
      var replay = CaseReplay(model: model, recorded: try RecordedCase(file: file))
      try replay.run()
      return try replay.verification()
    }
  }
}
