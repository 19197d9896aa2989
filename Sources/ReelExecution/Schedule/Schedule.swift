// The campaigns that the user's cron builds: looks them up and changes them through crontab(1).

import Glibc
import ReelPlanning

/// The user's schedule.
public struct Schedule {
  private var crontab: Crontab

  /// Reads the user's crontab.
  public init() throws {
    let (ending, output, errors) = try Self.crontabProgram(["-l"])
    if ending == .exited(0) {
      crontab = try Crontab(output)
    } else if String(decoding: errors, as: UTF8.self).hasPrefix("no crontab for") {
      crontab = try Crontab([])
    } else {
      throw ScheduleError.crontabFailed("-l", errors)
    }
  }

  public var campaigns: [ScheduledCampaign] { crontab.campaigns }

  /// Adds a campaign, or changes the one with the same name.
  ///
  /// - Returns: The one that it replaced.
  public mutating func add(_ campaign: ScheduledCampaign) throws -> ScheduledCampaign? {
    let replaced = try crontab.add(campaign)
    if replaced != campaign { try install() }
    return replaced
  }

  /// Takes a campaign off.
  ///
  /// - Parameter word: Its name, or the path of its file.
  /// - Throws: ``ScheduleError/unknown(_:known:)`` where there is none of that name and path.
  public mutating func remove(_ word: String) throws -> [ScheduledCampaign] {
    // The file may be gone.
    let path = FileSystem.realPath(word) ?? FileSystem.location(of: word)
    let removed = crontab.remove { $0.name == word || $0.file == path }
    guard !removed.isEmpty else { throw ScheduleError.unknown(word, known: campaigns.map(\.name)) }
    try install()
    return removed
  }

  private func install() throws {
    let bytes = try crontab.bytes()
    let arguments = bytes.isEmpty ? ["-r"] : ["-"]
    let (ending, _, errors) = try Self.crontabProgram(arguments, input: bytes)
    guard ending == .exited(0) else { throw ScheduleError.crontabFailed(arguments[0], errors) }
  }

  private static func crontabProgram(
    _ arguments: [String], input: [UInt8] = []
  ) throws -> (ending: Program.Ending, output: [UInt8], errors: [UInt8]) {
    do {
      return try Program(name: "crontab", arguments: arguments).run(input: input)
    } catch  where error.code == ENOENT {
      throw ScheduleError.noCron
    }
  }
}

/// Why the schedule could not be read or changed.
public enum ScheduleError: ExitCoded {
  case noCron
  case crontabFailed(String, [UInt8])
  case unknown(String, known: [String])
  case noFile(String)
  case notAName(String)

  public var exitCode: ExitCode {
    switch self {
    case .noCron, .crontabFailed: .failed
    case .unknown, .noFile, .notAName: .wrongInput
    }
  }

  public var description: String {
    switch self {
    case .noCron: "crontab: no such program; install Debian's package 'cron'"
    case .crontabFailed(let argument, let errors):
      "'crontab \(argument)' failed: "
        + String(decoding: errors, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
    case .unknown(let word, let known):
      "no campaign '\(word)' is scheduled"
        + (known.isEmpty ? "" : "; there are " + known.map { "'\($0)'" }.joined(separator: ", "))
    case .noFile(let path): "\(path): no such file"
    case .notAName(let text):
      "'\(text)' cannot name a schedule; wanted up to 64 letters, digits, '.', '_' and '-': give one with --name"
    }
  }
}

extension CrontabError: ExitCoded {
  public var exitCode: ExitCode { .wrongInput }
}
