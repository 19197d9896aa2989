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
    Option.campaign + Option.selection + [
      Option.jobs,
      Option("keep-going", "k", help: "after a failure, build everything that does not depend on it"),
      Option("dry-run", "n", help: "only tell what would run, as 'reel plan' does"),
      Option("always-make", "B", help: "run everything, whatever is in the store"),
      Option(
        "timeout", value: "SECONDS",
        help: "stop an action after this long, where its node does not say; 86400"),
      Option(
        "memory", value: "SIZE",
        help: "stop an action that takes more than this for itself (4GB), where its node does not say"),
      Option("json", value: "FILE", help: "write one record for each action to FILE"),
      Option(
        "trace", value: "FILE", help: "write what ran when to FILE, for ui.perfetto.dev or chrome://tracing"),
      Option(
        "debug", "d", value: "MODE", values: .words(["stats", "explain"]),
        help: "stats: what was read, hashed and started; explain: why each action runs, before it does"),
      Option("watch", help: "stay, and build again whenever a file that the campaign is made of is saved"),
      Option("no-wait", help: "end with status 4 where another run is at work on this campaign"),
      Option("quiet", "q", help: "print nothing but errors"),
    ]
  static let examples = [
    "reel build",
    "reel build -j2 'renders/*-us-*.mp4'",
    "reel build -f ads/campaign.yaml -k --json actions.json spot@market=us",
    "reel build -D seed=8 footage", "reel build --until master --only-variant us,9x16",
    "reel build --trace trace.json -d stats", "reel build --watch",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let options = try runOptions(arguments)
    let request = try arguments.request()
    // Wrong names are told before the build.
    _ = try (RecordFile(.json, arguments), RecordFile(.trace, arguments))
    if let file = arguments.value("json"), file == arguments.value("trace") {
      throw UsageError.wrongValue(option: "--trace", wanted: "another file than '--json'", found: file)
    }
    if arguments.has("dry-run") {
      let campaign = try Campaign(request) { try Store(reading: $0) }
      Reel.tellOfLostIndex(campaign.store)
      let selection = try arguments.selection(in: campaign.graph)
      let plan = try Plan(
        campaign, selection: selection, rebuildsAll: options.rebuildsAll, memory: options.memory)
      if !arguments.has("quiet") { Reel.show(PlanCommand.text(of: plan, jobs: options.jobs)) }
      return .done
    }
    return arguments.has("watch")
      ? try watch(arguments, request, options) : try build(arguments, request, options)
  }

  /// Builds once.
  ///
  /// - Parameter prepare: called before the first action of a build that looks at the whole campaign; with it, every
  ///   build does.
  static func build(
    _ arguments: Arguments, _ request: Campaign.Request, _ options: RunOptions,
    prepare: ((Campaign, Runner) -> Void)? = nil
  ) throws -> ExitCode {
    Measurements.begin()
    let build = Build(
      request, targets: arguments.targets, options: options, listsAll: arguments.has("json"), prepare: prepare
    ) { folder in
      try Store(runningIn: folder, campaign: request.file, waits: !arguments.has("no-wait")) {
        Reel.tellOfWaiting(folder, $0)
      }
    }
    var report = report(arguments)
    var trace = RunTrace()
    let explains = arguments.values("debug").contains("explain")
    let summary = try build.run { event in
      if explains, case .began(let name, let why, _) = event { report.hear(.note("\(name): runs: \(why)")) }
      report.hear(event)
      if arguments.has("trace") { trace.hear(event) }
    }
    report.finish(summary)
    try RecordFile(.json, arguments)?.write(summary.json.indentedText)
    if let file = try RecordFile(.trace, arguments) {
      try file.write(trace.json(summary, phases: Measurements.phases).text + "\n")
    }
    if arguments.values("debug").contains("stats") { Reel.write(Measurements.text, to: STDOUT_FILENO) }
    return summary.exitCode
  }

  private static func runOptions(_ arguments: Arguments) throws -> RunOptions {
    var options = RunOptions(jobs: try arguments.jobs)
    options.keepsGoing = arguments.has("keep-going")
    options.rebuildsAll = arguments.has("always-make")
    options.targets = arguments.targets.words
    options.memory = try arguments.size("memory")
    if let text = arguments.value("timeout") {
      guard let seconds = Double(text), seconds > 0, seconds.isFinite else {
        throw UsageError.wrongValue(option: "--timeout", wanted: "a number of seconds above 0", found: text)
      }
      options.timeout = seconds
    }
    return options
  }

  private static func report(_ arguments: Arguments) -> any RunReport {
    let output = ReportOutput(
      say: { Reel.write($0, to: STDOUT_FILENO) }, complain: { Reel.write($0, to: STDERR_FILENO) })
    if arguments.has("quiet") { return QuietReport(output) }
    guard Terminal.canRedraw else { return PlainReport(output) }
    return LiveReport(output, hasColours: Terminal.hasColours) { Terminal.size }
  }
}
