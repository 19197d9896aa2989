// `reel build`: makes everything that the pipeline delivers, and runs only what must be run.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Builds a campaign.
enum BuildCommand: Command {
  static let name = "build"
  static let summary = "make the campaign's outputs, running only what changed"
  static let operands = Operands.any("TARGET")
  static let options =
    Option.campaign + [
      Option("jobs", "j", value: "N", help: "run N actions at a time; without it, one for each core"),
      Option("keep-going", "k", help: "after a failure, build everything that does not depend on it"),
      Option("dry-run", "n", help: "only tell what would run, as 'reel plan' does"),
      Option("always-make", "B", help: "run everything, whatever is in the store"),
      Option(
        "timeout", value: "SECONDS",
        help: "stop an action after this long, where its node does not say; 86400"),
      Option("json", value: "FILE", help: "write one record for each action to FILE"),
      Option("no-wait", help: "end with status 4 where another run is at work, instead of waiting for it"),
      Option("quiet", "q", help: "print nothing but errors"),
    ]
  static let examples = [
    "reel build",
    "reel build -j2 'renders/*-us-*.mp4'",
    "reel build -f ads/campaign.yaml -k --json actions.json spot@market=us",
    "reel build -D seed=8 footage",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let options = try runOptions(arguments)
    let request = try arguments.request()
    try checkJSONFile(arguments)
    if arguments.has("dry-run") {
      let campaign = try Campaign(request) { try Store(reading: $0) }
      let selection = try campaign.graph.selection(of: arguments.operands)
      let plan = try Plan(campaign, selection: selection, rebuildsAll: options.rebuildsAll)
      if !arguments.has("quiet") { Reel.show(PlanCommand.text(of: plan)) }
      return .done
    }
    let campaign = try Campaign(request) { folder in
      try Store(runningIn: folder, waits: !arguments.has("no-wait")) { process in
        let holder = process.map { " (process \($0))" } ?? ""
        Reel.write("\(folder): waiting for another run\(holder) to end\n", to: STDERR_FILENO)
      }
    }
    let selection = try campaign.graph.selection(of: arguments.operands)
    var report = report(arguments)
    let summary = try Runner(campaign, selection: selection, options: options) { report.hear($0) }.run()
    report.finish(summary)
    if let file = arguments.value("json") {
      try FileSystem.replace(file, with: summary.json.indentedText.utf8)
    }
    return summary.exitCode
  }

  private static func runOptions(_ arguments: Arguments) throws -> RunOptions {
    var options = RunOptions(jobs: try arguments.integer("jobs", in: 1...1024) ?? availableCores)
    options.keepsGoing = arguments.has("keep-going")
    options.rebuildsAll = arguments.has("always-make")
    if let text = arguments.value("timeout") {
      guard let seconds = Double(text), seconds > 0, seconds.isFinite else {
        throw UsageError.wrongValue(option: "--timeout", wanted: "a number of seconds above 0", found: text)
      }
      options.timeout = seconds
    }
    return options
  }

  /// Finds out before the build whether there is room for its records.
  private static func checkJSONFile(_ arguments: Arguments) throws {
    guard let file = arguments.value("json") else { return }
    guard !file.isEmpty, FileSystem.isFolder(FileSystem.parent(of: file) ?? "."), !FileSystem.isFolder(file)
    else {
      throw UsageError.wrongValue(option: "--json", wanted: "a file in a folder that is there", found: file)
    }
  }

  private static func report(_ arguments: Arguments) -> any RunReport {
    let output = ReportOutput(
      say: { Reel.write($0, to: STDOUT_FILENO) }, complain: { Reel.write($0, to: STDERR_FILENO) })
    if arguments.has("quiet") { return QuietReport(output) }
    guard Terminal.canRedraw else { return PlainReport(output) }
    return LiveReport(output, hasColours: Terminal.hasColours) { Terminal.size }
  }
}
