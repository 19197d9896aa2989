// What cron starts: builds one campaign, keeps its log, and speaks up only where something failed.

import Glibc
import ReelJSON
import ReelPlanning

/// One scheduled build of a campaign.
public struct ScheduledRun {
  let name: String
  /// The pipeline, by its absolute path.
  let file: String

  public init(name: String, file: String) {
    self.name = name
    self.file = file
  }

  private var folder: String { (FileSystem.parent(of: file) ?? ".") + "/.reel/log" }

  /// Where the run writes what it did.
  public var logPath: String { folder + "/schedule.log" }

  private var resultPath: String { "\(folder)/schedule-\(name).json" }

  /// How a run ended.
  public struct Result: Hashable, Sendable {
    /// In local time, with the offset: "2026-05-02 02:00:00 +0200".
    public let started: String
    public let seconds: Double
    /// The exit status of `reel build`.
    public let status: Int

    public var json: JSON {
      ["started": .string(started), "seconds": .number(seconds), "status": .integer(status)]
    }
  }

  /// How the last run ended; `nil` before the first.
  public var lastResult: Result? {
    guard let bytes = try? FileSystem.read(resultPath, limit: 1 << 16),
      let json = try? JSON(parsing: String(decoding: bytes, as: UTF8.self)),
      let started = json["started"]?.string, let seconds = json["seconds"]?.number,
      let status = json["status"]?.integer
    else { return nil }
    return Result(started: started, seconds: seconds, status: status)
  }

  /// Builds the campaign with `reel build`, unless another run holds its lock.
  ///
  /// Prints nothing where all went well or another run is at it, so that cron sends no mail; else the reason and
  /// the end of the log, on standard error.
  ///
  /// - Parameters:
  ///   - reel: The program to run.
  ///   - options: Options for its `build`.
  /// - Returns: How the build ended.
  public func run(reel: String, options: [String], report: (String) -> Void) throws -> ExitCode {
    let log = try RotatedLog(logPath)
    let started = localTimestamp()
    let clock = ContinuousClock()
    let start = clock.now
    let arguments = ["build", "--no-wait", "-f", file] + options
    try log.append("[\(started)] \(name): reel \(arguments.joined(separator: " "))")
    let position = log.end

    let ending = try Program(name: reel, arguments: arguments).run(writingTo: log.descriptor)

    let seconds = (clock.now - start) / .seconds(1)
    let output = log.text(since: position, limit: 4096)
    try log.append("[\(localTimestamp())] \(name): \(text(ending)) after \(tenths(seconds)) s")
    // The run that holds the lock writes the result.
    if ending == .exited(ExitCode.locked.status) { return .locked }
    let result = Result(started: started, seconds: tenths(seconds), status: Int(ending.status))
    try FileSystem.replace(resultPath, with: Array((result.json.text + "\n").utf8))
    if ending != .exited(0) {
      report("reel schedule: '\(name)' (\(file)) \(text(ending)); the log is \(logPath)\n\(output)")
    }
    return exitCode(ending)
  }

  private func exitCode(_ ending: Program.Ending) -> ExitCode {
    switch ending {
    case .exited(let status):
      [.done, .failed, .wrongInput, .refused, .locked].first { $0.status == status } ?? .failed
    case .killed(let signal): .interrupted(signal: signal)
    }
  }

  private func text(_ ending: Program.Ending) -> String {
    switch ending {
    case .exited(0): "done"
    case .exited(ExitCode.locked.status): "left to another run, which holds the lock,"
    case .exited(let status): "failed with exit code \(status)"
    case .killed(let signal): "was killed by \(OperatingSystem.name(ofSignal: signal))"
    }
  }

  private func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
}
