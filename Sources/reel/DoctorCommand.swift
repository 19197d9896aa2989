// `reel doctor`: what this machine has, and what is wrong with it.

import Glibc
import ReelExecution
import ReelStage

/// Prints a line for everything that was looked at, with a cure for what is wrong.
enum DoctorCommand: Command {
  static let name = "doctor"
  static let summary = "tell what this machine has, what is wrong, and how to mend it"
  static let operands = Operands.none
  static let options = [Option.file, Option.directory, Option.plugins, Option.json]
  static let examples = ["reel doctor", "reel doctor --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    try arguments.enterDirectory()
    let request = try arguments.request(file: arguments.value("file") ?? "campaign.yaml")
    let examination = try Examination(request)
    if arguments.has("json") {
      Reel.write(JSON.array(examination.findings.map(\.json)).indentedText, to: STDOUT_FILENO)
    } else {
      for finding in examination.findings { Reel.print(text(of: finding)) }
      let (warnings, errors) = (examination.count(.warning), examination.count(.error))
      Reel.print(
        errors + warnings == 0
          ? "all is well"
          : "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) \(warnings == 1 ? "warning" : "warnings")"
      )
    }
    return examination.count(.error) == 0 ? .done : .failed
  }

  /// `ok       memory: 16.0 GB, 12.1 GB of them free`.
  private static func text(of finding: Finding) -> String {
    let state = finding.state.rawValue
    let gap = String(repeating: " ", count: 9 - state.count)
    let cure = finding.cure.map { "\n         cure: \($0)" } ?? ""
    return "\(state)\(gap)\(finding.subject): \(finding.text)\(cure)"
  }
}
