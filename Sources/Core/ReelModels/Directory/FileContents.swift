// Reading a small file whole: configurations and tokenizers, never weights.

import Glibc
import ReelJSON

enum FileContents {
  /// The bytes of a regular file of at most `limit` bytes.
  static func read(_ path: String, limit: Int) throws(ModelError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(file: path, reason: systemReason()) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: path, reason: "not a regular file")
    }
    guard status.st_size <= limit else {
      throw .malformed(file: path, reason: "\(status.st_size) bytes, wanted at most \(limit)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(file: path, reason: systemReason()) }
      guard got > 0 else { throw .malformed(file: path, reason: "the file ends early") }
      filled += got
    }
    return bytes
  }

  /// The JSON value that a file holds.
  static func json(_ path: String, limit: Int) throws(ModelError) -> JSON {
    let bytes = try read(path, limit: limit)
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONError) -> JSON in try JSON(parsing: bytes) }
    }
    do { return try result.get() } catch { throw .malformed(file: path, reason: error.description) }
  }

  /// The names in a folder, ascending; none where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether there is a file or directory at `path`.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The system's words for the last failure: "no such file or directory".
  private static func systemReason() -> String {
    let words = String(cString: strerror(errno))
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}
