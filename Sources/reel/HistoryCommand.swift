// `reel history`: the builds that ran something, and what became of their actions.

import Glibc
import ReelExecution
import ReelStage

/// Lists past runs, or the actions of one.
enum HistoryCommand: Command {
  static let name = "history"
  static let summary = "tell of the last builds that ran something, or of one of them"
  static let operands = Operands.optional("RUN")
  static let options = [Option.file, Option.directory, Option.json]
  static let examples = ["reel history", "reel history 12", "reel history 12 --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folder = try arguments.requestForStore().storeFolder
    let store = try Store(reading: folder)
    Reel.tellOfLostIndex(store)
    let runs = try store.history()
    guard let word = arguments.operands.first else {
      if arguments.has("json") {
        Reel.write(JSON.array(runs.map(\.json)).indentedText, to: STDOUT_FILENO)
      } else {
        Reel.show(runs.map { line(of: $0) + "\n" }.joined())
      }
      return .done
    }
    guard let number = Int(word), let run = runs.first(where: { $0.number == number }) else {
      throw UsageError.wrongOperand(
        "RUN", wanted: "the number of a run that 'reel history' lists", found: word)
    }
    let records = try store.records(of: run)
    if arguments.has("json"), case .object(var members) = run.json {
      members["actions"] = .array(records)
      Reel.write(JSON.object(members).indentedText, to: STDOUT_FILENO)
    } else {
      Reel.show(([line(of: run)] + records.map(line)).joined(separator: "\n") + "\n")
    }
    return .done
  }

  /// `12  2026-05-02 02:00:00 +0200  done in 12.3 s: 8 ran, 21 cached, 0 failed, 0 skipped  campaign.yaml spot`.
  private static func line(of run: PastRun) -> String {
    let ending =
      switch run.status {
      case nil: "has not ended, or was killed"
      case 0: "done in \(duration(run.seconds))"
      case let status? where status > 128: "interrupted after \(duration(run.seconds))"
      case _?: "failed after \(duration(run.seconds))"
      }
    let counts =
      run.status == nil
      ? ""
      : ": "
        + ActionRecord.Status.allCases.map { "\(run.counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    let started = localTimestamp(of: run.started / 1_000_000_000)
    return ["\(run.number)", started, ending + counts, ([run.campaign] + run.targets).joined(separator: " ")]
      .joined(separator: "  ")
  }

  /// `ran work#3 in 0.42 s: new`.
  private static func line(of record: JSON) -> String {
    func text(_ name: String) -> String { record[name]?.string ?? "" }
    let seconds = record["seconds"]?.number ?? 0
    return "  \(text("status")) \(text("name"))" + (seconds > 0 ? " in \(duration(seconds))" : "")
      + ": \(text("error").isEmpty ? text("why") : text("error"))"
  }
}
