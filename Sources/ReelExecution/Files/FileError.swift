// What the operating system refused to do with a file, in the house's words.

import Glibc

/// A failed file operation.
public struct FileError: ExitCoded, Hashable, Sendable {
  public let path: String
  /// What was tried: "read", "write", "make the folder".
  public let attempt: String
  /// The `errno`.
  public let code: Int32

  init(_ path: String, _ attempt: String, code: Int32 = errno) {
    self.path = path
    self.attempt = attempt
    self.code = code
  }

  public var isAbsence: Bool { code == ENOENT || code == ENOTDIR }

  public var description: String { "\(path): cannot \(attempt): \(Self.reason(code))" }

  public var exitCode: ExitCode { .failed }

  /// What `strerror` says, lower case: "no such file or directory".
  static func reason(_ code: Int32) -> String {
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
