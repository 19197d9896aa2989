// `reel models random`: a model of a published shape, or a small one, with random weights, to try a machine out.

import Glibc
import ReelExecution
import ReelModels
import ReelPlanning

/// Writes a diffusers directory whose parts have the true shapes.
enum ModelsRandomCommand: Command {
  static let name = "models random"
  static let summary = "write a model of a published shape with random weights, to see what a machine can run"
  static let operands = Operands.one("DIRECTORY")
  static let options = [
    Option("shape", value: "NAME", help: RandomModel.allCases.map(\.rawValue).joined(separator: ", ")),
    Option(
      "tokenizer", value: "MODEL_DIR", help: "the model whose tokenizer is linked; 'embedded' if absent"),
  ]
  static let examples = ["reel models random random-vace --shape wan2.1-vace-1.3b"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let model = try arguments.word("shape", among: RandomModel.self) else {
      throw UsageError.missingOption("--shape", value: "NAME")
    }
    let tokenizer = arguments.value("tokenizer") ?? "embedded"
    guard let source = ModelFolders.directory(of: tokenizer) else {
      throw UnusableModel(
        description: "reel models random: no model '\(tokenizer)' to take the tokenizer from")
    }
    do {
      try model.write(to: arguments.operands[0], tokenizer: source) { path, bytes in
        Reel.print("\(path): \(ByteCount(bytes))")
      }
    } catch { throw UnusableModel(description: "\(error)") }
    return .done
  }
}
