// A folder of its own for a test's files.
import Glibc

/// A folder that is removed when the test is done with it.
final class Scratch {
  let folder: String
  struct Failure: Error { let path: String }

  init() throws {
    var template = Array("/tmp/reel-tensor-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(path: "/tmp") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes a file and gives its path; the same for each call where no other is asked for.
  @discardableResult
  func file(_ bytes: [UInt8], _ name: String = "file.safetensors") throws -> String {
    let path = path(name)
    unlink(path)
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

  /// The names in a folder below this one, ascending.
  func names(in name: String) -> [String] { Self.names(in: path(name)) }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ path: String) {
    for name in names(in: path) {
      let inner = path + "/" + name
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }

  deinit { Self.remove(folder) }
}
