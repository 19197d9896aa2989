// A model with random weights that is quick to run: what the generating stages' tests generate with.

import Glibc
import ReelStage

/// The recorded image-to-video case's model, 32×32 pixels and 5 frames a clip.
public struct TinyModel {
  public let folder = TemporaryFolder()
  /// Its directory.
  public var path: String { folder.path }

  /// The folder of the recorded files.
  public static let fixtures =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    + "/Tests/Fixtures"

  /// - Parameter name: a case in `Tests/Fixtures/parity`.
  public init(case name: String = "i2v-first-last") {
    let model = "\(Self.fixtures)/parity/\(name)/model"
    let usual = ["model_index.json", "transformer", "vae", "text_encoder", "tokenizer", "scheduler"]
    for part in usual + ["image_encoder", "image_processor"] {
      guard access("\(model)/\(part)", F_OK) == 0 || usual.contains(part) else { continue }
      guard symlink("\(model)/\(part)", "\(path)/\(part)") == 0 else { fatalError("cannot link \(part)") }
    }
    folder.write(
      #"{"width": 32, "height": 32, "frames": 5, "frames_per_second": 4, "steps": 2, "guidance": 3}"#,
      to: "reel.json")
  }

  /// A shot's file in the model's folder.
  public func shot(seconds: Double = 2, seed: UInt64 = 7, prompt: String = "a red can") -> String {
    let shot = Shot(seconds: seconds, seed: seed, prompt: prompt, negativePrompt: "blurry", choices: [:])
    return folder.write(shot.json.indentedText, to: "shot-\(seconds)-\(seed)-\(prompt).json")
  }
}
