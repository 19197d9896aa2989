// `reel sdk`: how to compile a plugin for this reel.

import Glibc
import ReelExecution
import ReelStage

/// Prints the compiler's options, one word a line, as a build script wants them.
enum SDKCommand: Command {
  static let name = "sdk"
  static let summary = "print the compiler's options for building a plugin for this reel"
  static let operands = Operands.none
  static let options = [Option.json]
  static let examples = [
    "mapfile -t sdk < <(reel sdk); swiftc \"${sdk[@]}\" -module-name SoftFocus SoftFocus.swift -o libSoftFocus.so",
    "reel sdk --json",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let words = try PluginSDK().compilerOptions
    if arguments.has("json") {
      let versions = CompiledVersions.here
      let json: JSON = [
        "options": .array(words.map { .string($0) }), "sdk": .string(versions.sdk),
        "compiler": .string(versions.compiler),
      ]
      Reel.write(json.indentedText, to: STDOUT_FILENO)
    } else {
      for word in words { Reel.print(word) }
    }
    return .done
  }
}
