// Models of the published shapes with random weights: to see what a machine can run before anything is fetched.

import Glibc
import ReelJSON
import ReelMedia

/// A model that is drawn at random in bfloat16.
public enum RandomModel: String, Sendable, CaseIterable {
  case vace = "wan2.1-vace-1.3b"
  case text = "wan2.1-t2v-1.3b"
  case textAndImage = "wan2.2-ti2v-5b"
  /// Of no published shape: what Wan 2.1 is in small, quick to write and to run.
  case miniature

  /// Writes a whole diffusers directory: transformer, autoencoder, text encoder and scheduler. A tokenizer has words,
  /// not weights: it is taken from another model.
  ///
  /// - Parameters:
  ///   - directory: is made; what stands there under the same names is replaced.
  ///   - tokenizer: a model's directory whose tokenizer is linked.
  ///   - progress: called after every file with its path and size.
  public func write(
    to directory: String, tokenizer: String, progress: (_ path: String, _ bytes: Int) -> Void
  ) throws(ModelError) {
    for part in ["", "/transformer", "/vae", "/text_encoder", "/scheduler"] { mkdir(directory + part, 0o755) }
    unlink(directory + "/tokenizer")
    guard symlink(tokenizer + "/tokenizer", directory + "/tokenizer") == 0 else {
      throw .unreadable(file: directory + "/tokenizer", reason: String(cString: strerror(errno)))
    }
    let files: [(String, JSON)] = [
      ("model_index.json", index), ("transformer/config.json", transformer.configuration),
      ("vae/config.json", autoencoder.configuration),
      ("text_encoder/config.json", textEncoder.configuration),
      ("scheduler/scheduler_config.json", Self.scheduler),
    ]
    for (name, json) in files { try Self.write(json, to: directory + "/" + name) }
    for (name, part) in [
      ("vae/diffusion_pytorch_model", autoencoder), ("transformer/diffusion_pytorch_model", transformer),
      ("text_encoder/model", textEncoder),
    ] {
      let path = "\(directory)/\(name).safetensors"
      progress(path, try part.write(to: path))
    }
  }

  private var transformer: RandomPart {
    switch self {
    case .vace: .transformer(heads: 12, hidden: 8960, layers: 30, channels: 16, steered: 15)
    case .text: .transformer(heads: 12, hidden: 8960, layers: 30, channels: 16, steered: 0)
    case .textAndImage: .transformer(heads: 24, hidden: 14336, layers: 30, channels: 48, steered: 0)
    case .miniature: .transformer(heads: 6, hidden: 4480, layers: 8, channels: 16, steered: 0, text: 512)
    }
  }

  private var autoencoder: RandomPart {
    switch self {
    case .vace, .text: .autoencoder(encoder: 96, decoder: 96, latent: 16, patch: 1)
    case .textAndImage: .autoencoder(encoder: 160, decoder: 256, latent: 48, patch: 2)
    case .miniature: .autoencoder(encoder: 32, decoder: 32, latent: 16, patch: 1)
    }
  }

  private var textEncoder: RandomPart {
    self == .miniature
      ? .textEncoder(width: 512, heads: 8, hidden: 1280, layers: 2, vocabulary: 32_768) : .umt5
  }

  private var index: JSON {
    [
      "_class_name": self == .vace ? "WanVACEPipeline" : "WanPipeline",
      "expand_timesteps": .bool(self == .textAndImage),
      "transformer": ["diffusers", self == .vace ? "WanVACETransformer3DModel" : "WanTransformer3DModel"],
      "vae": ["diffusers", "AutoencoderKLWan"], "text_encoder": ["transformers", "UMT5EncoderModel"],
      "tokenizer": ["transformers", "T5TokenizerFast"],
      "scheduler": ["diffusers", "UniPCMultistepScheduler"],
    ]
  }

  private static let scheduler: JSON = [
    "_class_name": "UniPCMultistepScheduler", "prediction_type": "flow_prediction", "use_flow_sigmas": true,
    "flow_shift": 3, "num_train_timesteps": 1000,
  ]

  private static func write(_ json: JSON, to path: String) throws(ModelError) {
    guard let file = fopen(path, "w") else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    fputs(json.indentedText, file)
    guard fclose(file) == 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
  }
}

extension RandomModel {
  /// How many numbers the transformer has.
  public var transformerParameters: Int { transformer.parameters }
  public static var textEncoderParameters: Int { RandomPart.umt5.parameters }

  /// The operations of one call of the transformer, and of decoding and encoding a film.
  public func operations(size: Size, frames: Int) -> (call: Double, decode: Double, encode: Double) {
    // The configurations are the program's own: they are well formed.
    let sizes = try! AutoencoderConfiguration(
      Configuration(file: "vae", values: autoencoder.configuration))
    let transformer = try! TransformerConfiguration(
      Configuration(file: "transformer", values: transformer.configuration))
    let factor = sizes.spatialFactor
    let (t, h, w) = (sizes.latentFrames(frames), size.height / factor, size.width / factor)
    return (
      transformer.operations(tokens: t * (h / 2) * (w / 2)), sizes.decoding(t, h, w).operations,
      sizes.encoding(frames, size.height, size.width).operations
    )
  }
}
