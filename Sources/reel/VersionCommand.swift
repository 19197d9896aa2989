// `reel version`: which reel this is.

import ReelExecution
import ReelStage

/// Prints the version of reel, of its plugin SDK and of the compiler: what a plugin must match.
enum VersionCommand: Command {
  static let name = "version"
  static let summary = "print the version of reel and of its plugin SDK"
  static let operands = Operands.none
  static let options = [Option.json]
  static let examples = ["reel version", "reel version --json"]

  static func run(_ arguments: Arguments) -> ExitCode {
    let versions = CompiledVersions.here
    if arguments.has("json") {
      let json: JSON = [
        "version": .string(reelVersion), "sdk": .string(versions.sdk), "compiler": .string(versions.compiler),
      ]
      Reel.write(json.indentedText, to: 1)
    } else {
      Reel.print("reel \(reelVersion) (plugin SDK \(versions.sdk), \(versions.compiler))")
    }
    return .done
  }
}
