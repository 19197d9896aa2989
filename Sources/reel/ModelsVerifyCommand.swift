// `reel models verify`: how far a model's parts are from a recorded run of the reference.

import Glibc
import ReelExecution
import ReelJSON
import ReelModels
import ReelTensor

/// Replays a recorded case and prints the error of every part.
enum ModelsVerifyCommand: Command {
  static let name = "models verify"
  static let summary = "replay a recorded run of the reference and print the error of each part"
  static let operands = Operands.one("MODEL_DIR")
  static let options = [
    Option("case", value: "FILE", help: "the recorded run, a safetensors file"),
    .threads, .precision, .json,
  ]
  static let examples = [
    "reel models verify Sources/Models/embedded --case Tests/Fixtures/parity/embedded-first-last/case.safetensors",
    "reel models verify models/Wan2.1-T2V-1.3B-Diffusers --case run.safetensors --json",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let file = arguments.value("case") else { throw UsageError.missingOption("--case", value: "FILE") }
    let threads = try arguments.threads()
    let precision = try arguments.precision()
    let verification: CaseVerification
    do {
      let model = try DiffusionModel(directory: arguments.operands[0], precision: precision)
      verification = try CaseVerification(of: model, case: file, threads: threads)
    } catch {
      throw UnusableModel(description: "\(error)")
    }
    Reel.write(
      arguments.has("json") ? json(verification).indentedText : table(verification), to: STDOUT_FILENO)
    return verification.isPassed ? .done : .failed
  }

  private static func table(_ verification: CaseVerification) -> String {
    var rows = [["part", "error", "tolerance", ""]]
    for part in verification.parts {
      rows.append([
        part.name, scientific(part.error), scientific(part.tolerance.limit) + " " + part.tolerance.rawValue,
        part.isPassed ? "" : "FAILED",
      ])
    }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(
        separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    let failed = verification.parts.count { !$0.isPassed }
    lines.append(
      failed == 0
        ? "\(verification.parts.count) parts, all within their tolerance"
        : "\(verification.parts.count) parts, \(failed) beyond their tolerance")
    if !verification.skipped.isEmpty {
      lines.append(
        "not recorded, not verified: " + verification.skipped.map(\.rawValue).joined(separator: ", "))
    }
    if !verification.unused.isEmpty {
      lines.append("recorded, not verified: " + verification.unused.joined(separator: ", "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func json(_ verification: CaseVerification) -> JSON {
    let parts = verification.parts.map { part -> JSON in
      [
        "part": .string(part.name), "error": part.error.isFinite ? .number(part.error) : .null,
        "tolerance": .number(part.tolerance.limit), "kind": .string(part.tolerance.rawValue),
        "passed": .bool(part.isPassed),
      ]
    }
    return [
      "passed": .bool(verification.isPassed), "parts": .array(parts),
      "not_recorded": .array(verification.skipped.map { .string($0.rawValue) }),
      "not_verified": .array(verification.unused.map { .string($0) }),
    ]
  }

  /// Two digits and a power of ten: "3.1e-07"; "0" for nothing.
  private static func scientific(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return value == 0 ? "0" : "not a number" }
    var exponent = Int(floor(log10(value)))
    var tenths = Int((value / pow(10, Double(exponent)) * 10).rounded())
    if tenths >= 100 { (tenths, exponent) = (tenths / 10, exponent + 1) }
    let digits = String(abs(exponent))
    return "\(tenths / 10).\(tenths % 10)e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "")
      + digits
  }
}
