// `reel schema`: what an editor needs to check a pipeline while it is written.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Prints the JSON Schema of a pipeline file, from the declarations of the stages that there are.
enum SchemaCommand: Command {
  static let name = "schema"
  static let summary = "print the JSON Schema of a pipeline file, for editors"
  static let operands = Operands.none
  static let options = [Option.file, Option.plugins, Option.directory]
  static let examples = ["reel schema", "reel schema > pipelines/reel.schema.json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let all = try arguments.installedStages().all()
    for problem in all.problems { Reel.write(escaped(problem) + "\n", to: STDERR_FILENO) }
    Reel.write(pipelineSchema(for: all.manifests).indentedText, to: STDOUT_FILENO)
    return all.problems.isEmpty ? .done : .failed
  }
}
