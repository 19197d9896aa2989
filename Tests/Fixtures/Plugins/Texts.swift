// Text files, as the stages of the tests read and write them.

import Glibc
import ReelStage

func read(_ path: String) throws -> String {
  guard let file = fopen(path, "r") else { throw StageError.file(path, "cannot be read") }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}

func write(_ text: String, to path: String) throws {
  guard let file = fopen(path, "w") else { throw StageError.file(path, "cannot be written") }
  defer { fclose(file) }
  fputs(text, file)
}
