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

  /// The code of what is no system's refusal: a pipe, a device or a socket where a file is wanted.
  static let noRegularFile: Int32 = -1

  public var isAbsence: Bool { code == ENOENT || code == ENOTDIR }

  public var description: String {
    "\(path): cannot \(attempt): \(Self.reason(code))" + (code == ENOSPC ? "; make room" : "")
  }

  public var exitCode: ExitCode { .failed }

  /// What `strerror` says, lower case: "no such file or directory".
  static func reason(_ code: Int32) -> String {
    if code == noRegularFile { return "it is no regular file" }
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
