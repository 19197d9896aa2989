// Small text files, whole.

import Glibc
import ReelStage

/// Reads and writes a text file in one go.
enum TextFile {
  /// The largest file that is read, in bytes.
  static let limit = 1 << 20

  /// - Throws: ``StageError/file(_:_:)`` for one that cannot be read, is larger than ``limit``, or not UTF-8.
  static func read(_ path: String) throws(StageError) -> String {
    guard let file = fopen(path, "re") else { throw .file(path, "cannot open: \(systemWords)") }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
      count = fread(buffer.baseAddress, 1, limit + 1, file)
    }
    guard ferror(file) == 0 else { throw .file(path, "cannot read: \(systemWords)") }
    guard bytes.count <= limit else { throw .file(path, "is larger than \(limit) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .file(path, "is not text in UTF-8")
    }
    return text
  }

  static func write(_ text: String, _ path: String) throws(StageError) {
    guard let file = fopen(path, "we") else { throw .file(path, "cannot open: \(systemWords)") }
    let written = fwrite(text, 1, text.utf8.count, file)
    guard fclose(file) == 0, written == text.utf8.count else {
      throw .file(path, "cannot write: \(systemWords)")
    }
  }

  private static var systemWords: String { String(cString: strerror(errno)).lowercased() }
}
