// What can be wrong with the store, worded in one place.

/// A store that cannot be used.
public enum StoreError: ExitCoded, Hashable {
  case file(FileError)
  /// The index refuses, in SQLite's words.
  case index(path: String, reason: String)
  /// A file that was written to each time that it was read.
  case unsettled(path: String)
  /// Another run has the lock, and the caller does not wait.
  case locked(folder: String, process: String?)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .index(let path, let reason): "\(path): cannot use the index: \(reason)"
    case .unsettled(let path): "\(path): changes while it is read; start again when it is finished"
    case .locked(let folder, let process):
      "\(folder): another run\(process.map { " (process \($0))" } ?? "") is at work here; "
        + "leave out --no-wait to wait for it"
    }
  }

  /// Whether only those actions are concerned that read a certain source file.
  var isAboutOneFile: Bool { if case .unsettled = self { true } else { false } }

  public var exitCode: ExitCode {
    if case .locked = self { .locked } else { .failed }
  }
}
