// What can be wrong with the store, worded in one place.

import Glibc

/// A store that cannot be used.
public enum StoreError: ExitCoded, Hashable {
  case file(FileError)
  /// Nothing can be written to the store.
  case unwritable(folder: String, FileError)
  /// The index refuses, in SQLite's words.
  case index(path: String, reason: String)
  /// The disk is full.
  case full(path: String)
  /// A file that was written to each time that it was read.
  case unsettled(path: String)
  /// Another run has the lock, and the caller does not wait.
  case locked(folder: String, processes: [String])
  /// Another run builds the same campaign, and the caller does not wait.
  case campaignLocked(file: String, processes: [String])

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .unwritable(let folder, let error):
      switch error.code {
      case EROFS, EACCES, EPERM:
        "\(folder): cannot write to the store: \(FileError.reason(error.code)); "
          + "'reel plan' and other commands that only read still work"
      case ENOTDIR, EEXIST:
        "\(error.code == EEXIST ? error.path : folder): is no folder, and the store needs one there; "
          + "move it out of the way"
      default: error.description
      }
    case .index(let path, let reason): "\(path): cannot use the index: \(reason)"
    case .full(let path): "\(path): cannot write: \(FileError.reason(ENOSPC)); make room and build again"
    case .unsettled(let path): "\(path): changes while it is read; start again when it is finished"
    case .locked(let folder, let processes):
      "\(folder): \(Self.others(processes)) at work here; leave out --no-wait to wait"
    case .campaignLocked(let file, let processes):
      "\(file): \(Self.others(processes)) at work on this campaign; leave out --no-wait to build beside it"
    }
  }

  /// "another run (process 12) is".
  public static func others(_ processes: [String]) -> String {
    switch processes.count {
    case 0: "another run is"
    case 1: "another run (process \(processes[0])) is"
    default: "other runs (processes \(processes.joined(separator: ", "))) are"
    }
  }

  /// Whether only those actions are concerned that read a certain source file.
  var isAboutOneFile: Bool { if case .unsettled = self { true } else { false } }

  public var exitCode: ExitCode {
    switch self {
    case .locked, .campaignLocked: .locked
    default: .failed
    }
  }
}
