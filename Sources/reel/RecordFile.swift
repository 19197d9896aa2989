// Files that the user asks a build to leave beside its outputs: records of its actions, a trace.

import Glibc
import ReelExecution

/// The file of `--json` or `--trace`.
///
/// It may take the place of a file that the same option wrote earlier, never of another: a mistyped name must not
/// cost a pipeline, a feed or a film.
struct RecordFile {
  enum Kind: String {
    case json, trace

    /// The first bytes of every file of this kind.
    fileprivate var beginning: String {
      switch self {
      case .json: "{\n  \"actions\": ["
      case .trace: "{\"displayTimeUnit\":"
      }
    }
  }

  private let kind: Kind
  private let path: String

  /// The file that the option names; `nil` where it is not given.
  init?(_ kind: Kind, _ arguments: Arguments) throws(UsageError) {
    guard let path = arguments.value(kind.rawValue) else { return nil }
    (self.kind, self.path) = (kind, path)
    guard !path.isEmpty, FileSystem.isFolder(FileSystem.parent(of: path) ?? "."), !FileSystem.isFolder(path)
    else { throw wrong("a file in a folder that is there") }
    try check()
  }

  func write(_ text: String) throws {
    try check()
    guard (try? FileIdentity(notFollowing: path)) != nil else {
      return try FileSystem.replace(path, with: text.utf8)
    }
    if isRegularFile, let target = FileSystem.realPath(path) {
      return try FileSystem.replace(target, with: text.utf8)
    }
    // A pipe, a device or what '/dev/stdout' stands for takes the text where it is.
    try FileSystem.write(text.utf8, into: path)
  }

  /// Whether one is there, or where a link leads.
  private var isRegularFile: Bool { (try? FileIdentity(path: path))?.kind == .file }

  /// Refuses to overwrite what was not written by this option.
  private func check() throws(UsageError) {
    guard isRegularFile else { return }
    let bytes = (try? FileSystem.beginning(of: path, count: kind.beginning.utf8.count)) ?? []
    guard bytes.isEmpty || bytes.elementsEqual(kind.beginning.utf8) else {
      throw wrong("a new file, or one that it wrote before; another file is there")
    }
  }

  private func wrong(_ wanted: String) -> UsageError {
    .wrongValue(option: "--\(kind.rawValue)", wanted: wanted, found: path)
  }
}
