// A folder of its own for a test's files.
import Glibc

/// A folder that is removed when the test is done with it.
final class Scratch {
  let folder: String
  private var files: Set<String> = []
  struct Failure: Error { let path: String }

  init() throws {
    var template = Array("/tmp/reel-tensor-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(path: "/tmp") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func path(_ name: String) -> String {
    files.insert(name)
    return "\(folder)/\(name)"
  }

  /// Writes a file and gives its path; the same for each call.
  func file(_ bytes: [UInt8]) throws -> String {
    let path = path("file.safetensors")
    guard let file = fopen(path, "wb") else { throw Failure(path: path) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(path: path) }
    return path
  }

  func bytes(_ name: String) throws -> [UInt8] {
    guard let file = fopen(path(name), "rb") else { throw Failure(path: name) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }

  deinit {
    for name in files { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }
}
